"""Settlement: a hold closed by what was really used; release: a hold closed by nothing.

Owns the postings and window draws that close a hold. A settlement never fails after delivery: first the hold's own
slices pay, then the sources are walked again, then the last payer bears the rest by its plan's debt rule.
Prices, multipliers and window instances are those of the admission.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from faregate.core.account import AccountState, Hold
from faregate.core.decide import held_ledger
from faregate.core.draft import Reserved
from faregate.core.entry import Entry, Posting, WindowDraw
from faregate.core.errors import UnknownHold
from faregate.core.extra_usage import mark_settlement
from faregate.core.market import Market
from faregate.core.plain_settlement import settle_plainly
from faregate.core.pool import Pool
from faregate.core.request import Slice, asker_held
from faregate.core.route import Payer, Route, build_payer, compile_route
from faregate.core.tariff import NoPrice
from faregate.core.usage import Usage
from faregate.core.waterfall import Waterfall

_NO_RESTORES: list[tuple[str, str, int]] = []


def settle(
    state: AccountState,
    request: str,
    usage: Usage,
    now: int,
    market: Market,
    facts: dict[str, Any] | None = None,
) -> Entry:
    """The entry that settles the open hold of ``request`` at ``usage``; ``facts`` (outcome, upstream …) go with it.

    Raises UnknownHold when it is not open.
    """
    hold = _open_hold(state, request)
    held: list[Slice] = hold.data["slices"]
    prompts: dict[str, int] = hold.data.get("prompts", {})
    estimate = hold.data["estimate"]
    if usage[7] != 1 or usage[8] != estimate[8]:
        usage = usage._replace(requests=1, prompts=estimate[8])
    route = _route_of(state, hold, market)
    entry = None
    if len(held) == 1 and not prompts and "restores" not in hold.data:
        entry = settle_plainly(state, route, hold, held[0], usage, now, facts)
    if entry is None:
        held = [Slice._make(piece) for piece in held]
        paid, restores = held, _NO_RESTORES
        if usage != tuple(estimate) or "uncovered" in hold.data:
            paid, restores = _settle_walk(state, route, hold, held, usage, now, market, prompts)
        entry = _entry(state, hold, held, paid, restores, usage, now, facts or {})
    if route.extra is not None or "extra" in hold.data:
        mark_settlement(route.extra, state, hold.at, hold.data, entry.data)
    return entry


def release(state: AccountState, request: str, now: int, reason: str, facts: dict[str, Any] | None = None) -> Entry:
    """The entry that gives back everything the hold of ``request`` reserved; ``facts`` (tried …) go with it.

    Raises UnknownHold.
    """
    hold = _open_hold(state, request)
    held = [Slice._make(piece) for piece in hold.data["slices"]]
    postings: list[Posting] = []
    _, returned = _return_reserved(state, held, [], postings)
    data: dict[str, Any] = {
        "request": request,
        "hold": hold.seq,
        "model": hold.data["model"],
        "client": hold.data["client"],
        "key": hold.data["key"],
        "reason": reason,
    }
    if facts:
        data.update(facts)
    undone = _undo_restores(state, hold, set(), returned, postings)
    if undone:
        data["undone"] = undone
    windows = [(key, anchor, -amount) for piece in held for key, anchor, amount in piece.windows]
    windows += [(key, anchor, -amount) for key, anchor, amount in hold.data.get("guards", ())]
    return Entry(state.account, state.seq + 1, now, "release", "close:" + request, postings, windows, data)


def _open_hold(state: AccountState, request: str) -> Hold:
    hold = state.holds.get(request)
    if hold is None:
        raise UnknownHold(request)
    return hold


def _route_of(state: AccountState, hold: Hold, market: Market) -> Route:
    """The route of the request as it was at its admission."""
    model, asker = hold.data["model"], asker_held(hold.data)
    cached = state.routes.get((model, asker))
    if (
        cached is not None
        and state.routes_revision == market.revision
        and cached.compiled_at <= hold.at < cached.valid_until
    ):
        return cached
    return compile_route(state, model, asker, market, hold.at)


def _settle_walk(
    state: AccountState,
    route: Route,
    hold: Hold,
    held: list[Slice],
    usage: Usage,
    now: int,
    market: Market,
    prompts: dict[str, int],
) -> tuple[list[Slice], list[tuple[str, str, int]]]:
    """Slices by the full rule: reserved slices, then the sources again, then the last payer."""
    reserved = Reserved(_held_by_window(held), _held_by_pool(held))
    walk = Waterfall(usage, hold.at, now, prompts, reserved)
    payers = [(_payer_of(state, route, hold, piece, market), piece) for piece in held]
    for payer, piece in payers:
        if walk.left == 0:
            break
        if payer is not None:
            walk.draw_reserved(payer, piece)
    if walk.left:
        as_held = {payer.key: payer for payer, _ in payers if payer is not None}
        for payer in route.payers:
            if payer.subscription.switched_on:
                walk.offer(as_held.get(payer.key, payer), overdraw_whole=True)
            if walk.left == 0:
                break
    if walk.left:
        last = walk.drafts[-1].payer if walk.drafts else next((p for p, _ in payers if p), None)
        if last is None:
            # Every payer of the hold is gone with its terms: what was held is what is charged.
            return held, []
        walk.overrun(last)
    slices = walk.slices()
    return slices, [(made.pool.key, made.ledger, made.amount) for made in walk.restores]


def _held_by_window(held: list[Slice]) -> dict[str, tuple[int, int]]:
    by_window: dict[str, tuple[int, int]] = {}
    for piece in held:
        for key, anchor, amount in piece.windows:
            by_window[key] = (anchor, amount + by_window.get(key, (anchor, 0))[1])
    return by_window


def _held_by_pool(held: list[Slice]) -> dict[str, list[tuple[str, int]]]:
    by_pool: dict[str, list[tuple[str, int]]] = {}
    for piece in held:
        if piece.lots:
            key = held_ledger(piece).removeprefix("held:")
            by_pool.setdefault(key, []).extend((ledger, part) for ledger, part in piece.lots)
    return by_pool


def _payer_of(state: AccountState, route: Route, hold: Hold, piece: Slice, market: Market) -> Payer | None:
    """The payer of a held slice, compiled anew where its subscription is over or its terms have changed."""
    key, _, source_id = piece.payer.rpartition("/")
    subscription = state.subscription(key)
    if subscription is None:
        return None
    terms = subscription.terms_of(hold.seq)
    if terms is subscription.terms:
        for payer in route.payers:
            if payer.key == piece.payer:
                return payer
    source = next((each for each in terms.sources if each.id == source_id), None)
    if source is None:
        return None
    segments = frozenset(name for name in state.segments if state.in_segment(name, hold.at))
    as_it_was = replace(subscription, terms=terms)
    try:
        return build_payer(as_it_was, source, hold.data["model"], market, hold.at, segments)
    except (NoPrice, KeyError):
        return None


def _entry(
    state: AccountState,
    hold: Hold,
    held: list[Slice],
    paid: list[Slice],
    restores: list[tuple[str, str, int]],
    usage: Usage,
    now: int,
    facts: dict[str, Any],
) -> Entry:
    postings: list[Posting] = []
    data: dict[str, Any] = {
        "request": hold.request,
        "hold": hold.seq,
        "admitted_at": hold.at,
        "model": hold.data["model"],
        "client": hold.data["client"],
        "key": hold.data["key"],
        "usage": usage,
        "slices": paid,
        **facts,
    }
    if restores:
        data["restores"] = restores
        for pool_key, ledger, amount in restores:
            unit = next(piece.unit for piece in paid if held_ledger(piece) == "held:" + pool_key)
            postings += [("house:restored", unit, -amount), (ledger, unit, amount)]
    used_lots, returned = _return_reserved(state, held, paid, postings)
    for piece in paid:
        _post_paid(state, piece, postings)
    undone = _undo_restores(state, hold, used_lots, returned, postings)
    if undone:
        data["undone"] = undone
    windows = _window_changes(held, paid)
    data["after"] = _used_after(state, paid, windows, now)
    return Entry(
        state.account,
        state.seq + 1,
        now,
        "settle",
        "close:" + hold.request,
        postings,
        windows,
        data,
    )


def _return_reserved(
    state: AccountState, held: list[Slice], paid: list[Slice], postings: list[Posting]
) -> tuple[set[str], dict[str, int]]:
    """Move what was held to where it belongs: back to its lot as far as ``paid`` does not use it, out of ``held``.

    What comes back repays what its pool owes first: nobody owes beside a balance. What ``paid`` draws beyond the
    held part comes out of the lot itself. Gives the lots that ``paid`` draws on, and what came back to each lot.
    """
    owed = _carried_debt(state, held, paid)
    returned: dict[str, int] = {}
    drawn: dict[str, int] = {}
    units: dict[str, str] = {}
    for piece in paid:
        for ledger, part in piece.lots:
            drawn[ledger] = drawn.get(ledger, 0) + part
            units[ledger] = piece.unit
    beyond = dict(drawn)
    closing: list[Posting] = []
    for piece in held:
        for ledger, part in piece.lots:
            used = min(part, beyond.get(ledger, 0))
            if used:
                beyond[ledger] -= used
            if part > used:
                _return_part(state, piece, ledger, part - used, owed, returned, postings)
        if piece.lots:
            closing.append((held_ledger(piece), piece.unit, -piece.amount))
    postings += [(ledger, units[ledger], -more) for ledger, more in beyond.items() if more]
    postings += closing
    return set(drawn), returned


def _return_part(
    state: AccountState,
    piece: Slice,
    ledger: str,
    back: int,
    owed: dict[str, int],
    returned: dict[str, int],
    postings: list[Posting],
) -> None:
    if ledger not in state.lots:
        postings.append(("house:expired", piece.unit, back))
        return
    key = held_ledger(piece).removeprefix("held:")
    repaid = min(owed.get(key, 0), back)
    if repaid:
        owed[key] -= repaid
        postings.append(("debt:" + key, piece.unit, repaid))
    if back > repaid:
        postings.append((ledger, piece.unit, back - repaid))
        returned[ledger] = returned.get(ledger, 0) + back - repaid


def _carried_debt(state: AccountState, held: list[Slice], paid: list[Slice]) -> dict[str, int]:
    """What the pools of ``held`` owe, with what ``paid`` adds to it, by pool key."""
    owed: dict[str, int] = {}
    for piece in held:
        key = held_ledger(piece).removeprefix("held:")
        pool = state.find_pool(key) if piece.lots and key not in owed else None
        if pool is not None:
            owed[key] = pool.owed
            if pool.terms.debt == "carry":
                owed[key] += sum(each.debt for each in paid if held_ledger(each) == "held:" + key)
    return owed


def _post_paid(state: AccountState, piece: Slice, postings: list[Posting]) -> None:
    used = "used:" + piece.plan
    if piece.pool is None:
        if piece.amount:
            postings += [
                ("allowance:" + piece.payer, piece.unit, -piece.amount),
                (used, piece.unit, piece.amount),
            ]
        return
    if piece.amount:
        postings.append((used, piece.unit, piece.amount))
    if piece.debt:
        key = held_ledger(piece).removeprefix("held:")
        pool = state.find_pool(key)
        carries = pool is not None and pool.terms.debt == "carry"
        bearer = "debt:" + key if carries else "house:forgiven"
        postings += [(bearer, piece.unit, -piece.debt), (used, piece.unit, piece.debt)]


def _undo_restores(
    state: AccountState, hold: Hold, used: set[str], returned: dict[str, int], postings: list[Posting]
) -> list[tuple[str, str]]:
    """Restores that the hold made and that turn out not to have been needed: nobody has touched their lots.

    Of one that was needed, what would now lift its pool above the cap goes back.
    """
    undone: list[tuple[str, str]] = []
    for pool_key, ledger, amount in hold.data.get("restores", ()):
        found = state.lots.get(ledger)
        if found is None:
            continue
        pool, lot = found
        unit = pool.terms.unit
        if ledger not in used and lot.balance + returned.get(ledger, 0) == amount:
            postings[:0] = [("house:restored", unit, amount), (ledger, unit, -amount)]
            undone.append((pool_key, ledger))
            continue
        excess = min(_above_cap(pool, postings), _balance_after(lot.balance, ledger, postings))
        if excess > 0:
            postings += [("house:restored", unit, excess), (ledger, unit, -excess)]
    return undone


def _balance_after(balance: int, ledger: str, postings: list[Posting]) -> int:
    return balance + sum(amount for name, _, amount in postings if name == ledger)


def _above_cap(pool: Pool, postings: list[Posting]) -> int:
    """By how much the pool, with what is held of it, will be above the cap it is restored to."""
    refill = pool.terms.refill
    assert refill is not None
    lots, held = f"lot:{pool.key}:", f"held:{pool.key}"
    change = sum(amount for name, _, amount in postings if name == held or name.startswith(lots))
    return pool.available + pool.held + change - refill.full


def _window_changes(held: list[Slice], paid: list[Slice]) -> list[WindowDraw]:
    """Paid minus held, by window and instance; a window the hold did not touch appears even when nothing changes."""
    changes: dict[tuple[str, int], int] = {}
    for piece in paid:
        for key, anchor, amount in piece.windows:
            changes[key, anchor] = changes.get((key, anchor), 0) + amount
    for piece in held:
        for key, anchor, amount in piece.windows:
            changes[key, anchor] = changes.get((key, anchor), 0) - amount
    return [(key, anchor, delta) for (key, anchor), delta in changes.items() if delta]


def _used_after(
    state: AccountState, paid: list[Slice], windows: list[WindowDraw], now: int
) -> list[tuple[str, int, int, int | None]]:
    """(window, used after it, limit, close) of every funding window the request counted in."""
    change = {
        key: delta
        for key, anchor, delta in windows
        if key in state.windows and state.windows[key].is_live(anchor, now)
    }
    after = []
    for key in dict.fromkeys(key for piece in paid for key, _, _ in piece.windows):
        window = state.windows.get(key)
        if window is not None and window.limit < 2**62:
            used = window.used_at(now) + change.get(key, 0)
            after.append((key, used, window.limit, window.reopens_at(now)))
    return after

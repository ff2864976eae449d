"""Admission: one pure decision of one request against everything at once.

Owns the choice between Admitted and Refused, and the reasons. Reads the state and changes nothing; the entry it
returns does, through ``evolve``. The state must be up to date (``roll`` first where something is due).
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import MILLI, checked, round_half_even
from faregate.core.entry import Entry, Posting, WindowDraw
from faregate.core.instants import SECOND
from faregate.core.market import Market
from faregate.core.request import Admitted, Block, Refused, Request, Slice
from faregate.core.route import Payer, Route, list_value, route_for
from faregate.core.usage import Usage
from faregate.core.waiting import refusal
from faregate.core.waterfall import Restore, Waterfall, make_slice

ONE = Fraction(1)


def decide(state: AccountState, request: Request, now: int, market: Market) -> Admitted | Refused:
    """Admit ``request`` with a hold, or refuse it with the binding reason and the time at which it would pass."""
    route = route_for(state, request.model, request.client, market, now)
    blocks = list(route.blocks)
    throttled = [
        window for window, subscription in route.guards if not guard_passes(state, window.terms.id, subscription, now)
    ]
    if throttled or not route.payers:
        return refusal(state, route, throttled, request, now)
    prompts, calls = _prompts(route, request) if route.counts_prompts else ({}, [])
    usage = request.usage
    for index, payer in enumerate(route.payers):
        own = usage
        if prompts and payer.subscription.key in prompts:
            own = usage._replace(prompts=prompts[payer.subscription.key])
        paid = _pays_whole(payer, own, now)
        if isinstance(paid, Slice):
            return _admit(state, route, request, now, [paid], [], blocks, prompts, calls, False)
        if paid is None:
            return _split(state, route, index, request, now, blocks, prompts, calls)
        blocks.append(paid)
    return refusal(state, route, [], request, now)


def guard_passes(state: AccountState, window_id: str, subscription: Subscription, now: int) -> bool:
    """Whether one more request fits under a guard, or the guard is lifted."""
    window = subscription.windows[window_id]
    terms = window.terms
    if window.kind == "concurrency":
        if len(state.holds) < window.limit // MILLI:
            return True
    elif window.used_at(now) + MILLI <= window.limit:
        return True
    if terms.lifted_by is None:
        return False
    wallet = state.of_plan(terms.lifted_by)
    return (
        wallet is not None
        and wallet.switched_on
        and any(pool.available > 0 and pool.owed == 0 for pool in wallet.pools.values())
    )


def _pays_whole(payer: Payer, usage: Usage, now: int) -> Slice | Block | None:
    """The one slice when ``payer`` covers everything; a Block when it can pay nothing; None when it is in between."""
    subscription = payer.subscription
    if not subscription.switched_on:
        return Block(payer.key, "switched_off", payer.key, None)
    pool = payer.pool
    listed = list_value(payer, usage)
    numerator, denominator = payer.gauge.quantity(usage, listed)
    bracket, bracket_value, progress = 0, ONE, (0, 1)
    if payer.progressive is not None:
        assert payer.progress is not None and payer.progress_gauge is not None
        paid = payer.progress.used_at(now)
        room: int | None = None
        for bracket, (up_to, bracket_value) in enumerate(payer.progressive.brackets):  # noqa: B007
            if up_to is None or paid < up_to:
                room = None if up_to is None else up_to - paid
                break
        progress = payer.progress_gauge.quantity(usage, listed)
        if room is not None and progress[0] > room * progress[1]:
            return None
        numerator *= bracket_value.numerator
        denominator *= bracket_value.denominator
    if pool is not None:
        if pool.owed > 0:
            return Block(payer.key, "debt_owed", pool.key, None)
        if numerator > pool.available * denominator:
            if pool.available > 0 or (pool.automatic and pool.restores_left(now) > 0):
                return None
            return Block(payer.key, "pool_empty", pool.key, None)
    amount = round_half_even(numerator, denominator)
    windows: list[WindowDraw] = []
    for window, gauge in payer.counted:
        if gauge is None:
            counted, parts = numerator, denominator
        else:
            counted, parts = gauge.quantity(usage, listed)
            if window.terms.multiplied:
                counted *= bracket_value.numerator
                parts *= bracket_value.denominator
        if counted <= 0:
            continue
        room = window.limit - window.used_at(now)
        if counted > room * parts:
            return None if room > 0 else Block(payer.key, "window_full", window.key, None)
        windows.append((window.key, window.instance_at(now)[0], round_half_even(counted, parts)))
    if payer.progress is not None and progress[0] > 0:
        windows.append((payer.progress.key, payer.progress.instance_at(now)[0], round_half_even(*progress)))
    lots = pool.burn(amount) if pool is not None and amount else []
    value = round_half_even(*listed)
    return make_slice(payer, bracket, bracket_value, checked(amount), 0, checked(value), lots, windows)


def _split(
    state: AccountState,
    route: Route,
    start: int,
    request: Request,
    now: int,
    blocks: list[Block],
    prompts: dict[str, int],
    calls: list[tuple[str, str, tuple[str, int], tuple[str, int] | None]],
) -> Admitted | Refused:
    """Walk the payers from ``start`` on, splitting."""
    walk = Waterfall(request.usage, now, now, prompts)
    for payer in route.payers[start:]:
        if not payer.subscription.switched_on:
            blocks.append(Block(payer.key, "switched_off", payer.key, None))
            continue
        block = walk.offer(payer, payer.open_admission)
        if block is not None:
            blocks.append(block)
        if walk.left == 0:
            break
    uncovered = walk.left > 0
    if not walk.drafts or (uncovered and not any(draft.payer.open_admission for draft in walk.drafts)):
        return refusal(state, route, [], request, now)
    return _admit(
        state,
        route,
        request,
        now,
        walk.slices(),
        walk.restores,
        blocks,
        prompts,
        calls,
        uncovered,
    )


def _admit(
    state: AccountState,
    route: Route,
    request: Request,
    now: int,
    slices: list[Slice],
    restores: list[Restore],
    blocks: list[Block],
    prompts: dict[str, int],
    calls: list[tuple[str, str, tuple[str, int], tuple[str, int] | None]],
    uncovered: bool,
) -> Admitted:
    """The hold as the account's next entry."""
    postings: list[Posting] = []
    windows: list[WindowDraw] = []
    for restore in restores:
        unit = restore.pool.terms.unit
        postings.append(("house:restored", unit, -restore.amount))
        postings.append((restore.ledger, unit, restore.amount))
    for piece in slices:
        if piece.lots:
            postings.append((held_ledger(piece), piece.unit, piece.amount))
            for ledger, part in piece.lots:
                postings.append((ledger, piece.unit, -part))
        windows.extend(piece.windows)
    guards = [
        (window.key, window.instance_at(now)[0], MILLI) for window, _ in route.guards if window.kind != "concurrency"
    ]
    windows += guards
    hold_seconds = route.payers[0].subscription.terms.hold_seconds
    data: dict[str, object] = {
        "request": request.id,
        "model": request.model,
        "client": request.client,
        "key": request.key,
        "estimate": request.usage,
        "expires_at": now + hold_seconds * SECOND,
        "slices": slices,
    }
    if guards:
        data["guards"] = guards
    if blocks:
        data["passed"] = blocks
    if uncovered:
        data["uncovered"] = True
    if restores:
        data["restores"] = [(restore.pool.key, restore.ledger, restore.amount) for restore in restores]
    if prompts:
        data["prompts"] = prompts
        data["calls"] = calls
    return Admitted(
        Entry(
            state.account,
            state.seq + 1,
            now,
            "hold",
            "hold:" + request.id,
            postings,
            windows,
            data,
        ),
        uncovered,
    )


def held_ledger(piece: Slice) -> str:
    """The ledger account of what open holds reserve of the slice's pool."""
    return f"held:{piece.payer.rpartition('/')[0]}:{piece.pool}"


def _prompts(
    route: Route, request: Request
) -> tuple[dict[str, int], list[tuple[str, str, tuple[str, int], tuple[str, int] | None]]]:
    """How many prompts the request counts on each subscription that counts them, and the counters after it.

    A prompt covers ``calls_per_prompt`` calls of its session, then counts again. Calls of sessions that never opened
    a prompt share one counter, so that a forged session buys nothing; a prompt sent again is one prompt.
    """
    counts: dict[str, int] = {}
    calls: list[tuple[str, str, tuple[str, int], tuple[str, int] | None]] = []
    for subscription in route.counts_prompts:
        limit = subscription.terms.calls_per_prompt or 1
        known = subscription.prompt_calls
        opens = bool(request.usage.prompts)
        session = request.session if opens or request.session in known else ""
        before = known.get(session)
        again = opens and before is not None and request.prompt and before[0] == request.prompt
        if opens and not again:
            count, after = request.usage.prompts, (request.prompt, 1)
        else:
            made = (before[1] if before is not None else 0) + 1
            count = 1 if made > limit else 0
            after = (before[0] if before is not None else "", 1 if count else made)
        counts[subscription.key] = count
        calls.append((subscription.key, session, after, before))
    return counts, calls

"""Admission: one pure decision of one request against everything at once.

Owns the choice between Admitted and Refused, and the hold that an admission makes. Reads the state and changes
nothing; the entry it returns does, through ``evolve``. The state must be up to date (``roll`` first where something
is due).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from faregate.core.account import AccountState
from faregate.core.amounts import MILLI
from faregate.core.coverage import pays_whole
from faregate.core.draft import Restore
from faregate.core.entry import Entry, Posting, WindowDraw, new_entry
from faregate.core.extra_usage import mark_hold
from faregate.core.instants import SECOND
from faregate.core.market import Market
from faregate.core.prompting import Calls, count_prompts
from faregate.core.request import Admitted, Block, Refused, Request, Slice, asker_of
from faregate.core.resent import is_again
from faregate.core.route import Payer, Route, route_for
from faregate.core.terms import HOLD_SECONDS
from faregate.core.waiting import refusal
from faregate.core.waterfall import Waterfall
from faregate.core.window import Window


def decide(state: AccountState, request: Request, now: int, market: Market) -> Admitted | Refused:
    """Admit ``request`` with a hold, or refuse it with the binding reason and the time at which it would pass."""
    route = route_for(state, request.model, asker_of(request), market, now)
    if route.guards or route.key_guards:
        throttled = [guard for guard in route.guards_of(request.key) if not guard_passes(state, guard[0], now)]
        if throttled:
            return refusal(state, route, throttled, request, count_prompts(route, request)[0], now)
    counts: dict[str, int] = {}
    calls: list[Calls] = []
    if route.counts_prompts:
        counts, calls = count_prompts(route, request)
    if is_again(state, request):
        request = request._replace(usage=request[2]._replace(prompts=0))
    usage = request.usage
    blocks: list[Block] = []
    card, listed = None, (0, 1)
    for index, payer in enumerate(route.payers):
        counted = usage
        if counts and payer.subscription.key in counts:
            counted = usage._replace(prompts=counts[payer.subscription.key])
        if payer.tariff.card is not card:
            card = payer.tariff.card
            listed = card.list_value(usage) if card is not None else (0, 1)
        paid = pays_whole(payer, counted, listed, now)
        if isinstance(paid, Slice):
            data: dict[str, Any] = {"slices": [paid]}
            return _admit(state, route, request, now, data, [*route.blocks, *blocks], (counts, calls))
        if paid is None:
            return _split(state, route, index, request, now, blocks, (counts, calls))
        blocks.append(paid)
    return refusal(state, route, [], request, counts, now)


def guard_passes(state: AccountState, window: Window, now: int) -> bool:
    """Whether one more request fits under a guard, or the guard is lifted."""
    if window.kind == "concurrency":
        if len(state.holds) < window.limit // MILLI:
            return True
    elif window.used_at(now) + MILLI <= window.limit:
        return True
    return is_lifted(state, window)


def is_lifted(state: AccountState, window: Window) -> bool:
    """Whether a guard holds nobody back now, since a wallet that lifts it has money."""
    if window.terms.lifted_by is None:
        return False
    wallet = state.of_plan(window.terms.lifted_by)
    return (
        wallet is not None
        and wallet.switched_on
        and any(pool.available > 0 and pool.owed == 0 for pool in wallet.pools.values())
    )


def _split(
    state: AccountState,
    route: Route,
    start: int,
    request: Request,
    now: int,
    blocks: list[Block],
    prompts: tuple[dict[str, int], list[Calls]],
) -> Admitted | Refused:
    """Walk the payers from ``start`` on, splitting."""
    walk = walked(route, start, request, now, blocks, prompts[0])
    return admit_walk(state, route, walk, request, now, blocks, prompts)


def walked(
    route: Route, start: int, request: Request, now: int, blocks: list[Block], prompts: dict[str, int]
) -> Waterfall:
    """The walk of a request that no payer covers alone, from payer ``start`` on; adds why payers did not pay."""
    walk = Waterfall(request.usage, now, now, prompts)
    for payer in route.payers[start:]:
        block = _offer(walk, payer)
        if block is not None:
            blocks.append(block)
        if walk.left == 0:
            break
    return walk


def admit_walk(
    state: AccountState,
    route: Route,
    walk: Waterfall,
    request: Request,
    now: int,
    blocks: list[Block],
    prompts: tuple[dict[str, int], list[Calls]],
) -> Admitted | Refused:
    """What a walk comes to."""
    uncovered = bool(walk.left)
    if not walk.drafts or (uncovered and not any(draft.payer.open_admission for draft in walk.drafts)):
        return refusal(state, route, [], request, prompts[0], now)
    data: dict[str, Any] = {"slices": walk.slices()}
    if uncovered or walk.short:
        data["uncovered"] = True
    return _admit(state, route, request, now, data, [*route.blocks, *blocks], prompts, walk.restores)


def admit_anyway(state: AccountState, request: Request, bearers: Sequence[Any], now: int, market: Market) -> Entry:
    """The hold of a request that was served already and can be refused no more.

    What ``decide`` holds, where it admits; else as far as payers have room. ``bearers`` are the slices of the hold it
    was served under: where nobody has room they stand in the hold empty, and its settlement ends with their payers.
    """
    decided = decide(state, request, now, market)
    if isinstance(decided, Admitted):
        return decided.entry
    route = route_for(state, request.model, asker_of(request), market, now)
    prompts = count_prompts(route, request)
    if is_again(state, request):
        request = request._replace(usage=request[2]._replace(prompts=0))
    blocks: list[Block] = []
    walk = walked(route, 0, request, now, blocks, prompts[0])
    data: dict[str, Any] = {"slices": walk.slices() or [_emptied(piece) for piece in bearers], "uncovered": True}
    return _admit(state, route, request, now, data, [*route.blocks, *blocks], prompts, walk.restores).entry


def _emptied(piece: Any) -> Slice:
    return Slice._make(piece)._replace(amount=0, debt=0, list_value=0, lots=[], windows=[])


def _offer(walk: Waterfall, payer: Payer) -> Block | None:
    if not payer.subscription.switched_on:
        return Block(payer.key, "switched_off", payer.key, None)
    return walk.offer(payer, payer.open_admission)


def _admit(
    state: AccountState,
    route: Route,
    request: Request,
    now: int,
    data: dict[str, Any],
    blocks: list[Block],
    prompts: tuple[dict[str, int], list[Calls]],
    restores: list[Restore] | tuple[()] = (),
) -> Admitted:
    """The hold as the account's next entry. ``data`` has the slices already."""
    postings: list[Posting] = []
    windows: list[WindowDraw] = []
    if restores:
        data["restores"] = [(made.pool.key, made.ledger, made.amount) for made in restores]
    for restore in restores:
        unit = restore.pool.terms.unit
        postings.append(("house:restored", unit, -restore.amount))
        postings.append((restore.ledger, unit, restore.amount))
    for piece in data["slices"]:
        unit, lots = piece[3], piece[11]
        if lots:
            # Held first, lots after: see evolve.
            postings.append((held_ledger(piece), unit, piece[4]))
            for ledger, part in lots:
                postings.append((ledger, unit, -part))
        windows += piece[12]
    if route.guards or route.key_guards:
        guards = [
            (window.key, window.instance_at(now)[0], MILLI)
            for window, _ in route.guards_of(request.key)
            if window.kind != "concurrency"
        ]
        windows += guards
        data["guards"] = guards
    id, model, usage, client, key = request[:5]
    data["request"] = id
    data["model"] = model
    data["client"] = client
    data["key"] = key
    _tell_asker(request, data)
    if route.extra is not None:
        mark_hold(route.extra, state, now, data)
    data["estimate"] = usage
    payers = route.payers
    data["expires_at"] = now + (payers[0].subscription.terms.hold_seconds if payers else HOLD_SECONDS) * SECOND
    if blocks:
        data["passed"] = blocks
    if prompts[0]:
        data["prompts"], data["calls"] = prompts
    entry = (state.account, state.seq + 1, now, "hold", "hold:" + id, postings, windows, data)
    return Admitted(new_entry(Entry, entry), "uncovered" in data)


def _tell_asker(request: Request, data: dict[str, Any]) -> None:
    """What a hold says of who asked, beyond its name, and of the prompt that was counted."""
    _, _, usage, _, _, _, prompt, evidence, billing, kind = request
    if evidence is not None:
        data["evidence"] = evidence
    if billing:
        data["billing"] = billing
    if kind:
        data["kind"] = kind
    if prompt and usage[8]:
        data["asked"] = prompt


def held_ledger(piece: Slice) -> str:
    """The ledger account of what open holds reserve of the slice's pool."""
    return _held_ledger(piece[0], piece[2])


@lru_cache(maxsize=65_536)
def _held_ledger(payer: str, pool: str | None) -> str:
    return f"held:{payer.rpartition('/')[0]}:{pool}"

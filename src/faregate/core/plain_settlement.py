"""Plain settlements: one payer held it, the same payer covers what was used. The common case, in plain integers.

Owns the quick way through; where anything is out of the ordinary (brackets, whole units, several slices, restores,
not enough room, a payer before it that could pay again) it declines and the full settlement takes over. Both give
the same entry, which a test holds them to.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState, Hold
from faregate.core.amounts import LARGEST, checked, round_half_even
from faregate.core.draft import new_slice
from faregate.core.entry import Entry, Posting, WindowDraw, new_entry
from faregate.core.request import Slice
from faregate.core.route import Payer, Route, list_value
from faregate.core.usage import Usage


def settle_plainly(
    state: AccountState,
    route: Route,
    hold: Hold,
    held: Slice,
    usage: Usage,
    now: int,
    facts: dict[str, Any] | None,
) -> Entry | None:
    """The settlement of a hold of one slice, or None when it takes the full rule."""
    for payer in route.payers:
        if payer.key == held[0]:
            break
    else:
        return None
    if _out_of_the_ordinary(payer, hold):
        return None
    gauge = payer.gauge
    card = payer.tariff.card
    listed = card.list_value(usage) if card is not None else (0, 1)
    numerator, denominator = gauge.quantity(usage, listed)
    reserved = held[4]
    if numerator > reserved * denominator and not _can_take_more(
        route, payer, held, usage, (numerator, denominator), now
    ):
        return None
    amount = round_half_even(numerator, denominator)
    value = round_half_even(listed[0], listed[1])
    if amount > LARGEST or value > LARGEST:
        checked(max(amount, value))
    windows: list[WindowDraw] = []
    changes: list[WindowDraw] = []
    after: list[tuple[str, int, int, int | None]] = []
    if payer.counted:
        need = (numerator, denominator, amount)
        if not _count(payer, hold, held, usage, listed, need, now, windows, changes, after):
            return None
    lots: Any = []
    postings: list[Posting] = []
    if payer.pool is not None:
        lots = _draw_lots(state, payer, held, amount, postings)
        if amount:
            postings.append((payer.used, payer.unit, amount))
    elif amount:
        postings.append((payer.allowance, payer.unit, -amount))
        postings.append((payer.used, payer.unit, amount))
    slice_fields = (*held[:4], amount, 0, value, *held[7:11], lots, windows, held[13])
    hold_data = hold.data
    data: dict[str, Any] = {
        "request": hold.request,
        "hold": hold.seq,
        "admitted_at": hold.at,
        "model": hold_data["model"],
        "client": hold_data["client"],
        "key": hold_data["key"],
        "usage": usage,
        "slices": [new_slice(Slice, slice_fields)],
        "after": after,
    }
    if facts:
        data.update(facts)
    entry = (state.account, state.seq + 1, now, "settle", "close:" + hold.request, postings, changes, data)
    return new_entry(Entry, entry)


def _out_of_the_ordinary(payer: Payer, hold: Hold) -> bool:
    """Brackets, whole units, debt, or terms that have changed since the hold."""
    former = payer.subscription.former
    return (
        payer.progressive is not None
        or payer.gauge.whole
        or (payer.pool is not None and payer.pool.owed > 0)
        or (bool(former) and hold.seq < former[-1][0])
    )


def _can_take_more(route: Route, payer: Payer, held: Slice, usage: Usage, need: tuple[int, int], now: int) -> bool:
    """Whether the payer may and its pool can pay the rest, and no payer before it could pay instead."""
    pool = payer.pool
    if not payer.subscription.switched_on:
        return False
    if pool is not None and need[0] > (held[4] + pool.available) * need[1]:
        return False
    return payer is route.payers[0] or _still_blocked(route, payer, usage, now)


def _still_blocked(route: Route, payer: Payer, usage: Usage, now: int) -> bool:
    """Whether no payer before ``payer`` could pay anything now."""
    for earlier in route.payers:
        if earlier is payer:
            return True
        if not earlier.subscription.switched_on:
            continue
        if earlier.gauge.quantity(usage, list_value(earlier, usage))[0] == 0:
            # What counts nothing there is never refused there.
            return False
        pool = earlier.pool
        if pool is not None and pool.owed > 0:
            continue
        if pool is not None and pool.available <= 0 and not (pool.automatic and pool.restores_left(now) > 0):
            continue
        if any(gauge is None and window.room_at(now) <= 0 for window, gauge in earlier.counted):
            continue
        return False
    return True


def _count(
    payer: Payer,
    hold: Hold,
    held: Slice,
    usage: Usage,
    listed: tuple[int, int],
    need: tuple[int, int, int],
    now: int,
    windows: list[WindowDraw],
    changes: list[WindowDraw],
    after: list[tuple[str, int, int, int | None]],
) -> bool:
    """Fill in what the windows count, by how much that differs from the hold, and how they stand; False: no room."""
    draws = held[12]
    reserved = {}
    # As many draws as windows: they stand in the same order.
    aligned = len(draws) == len(payer.counted)
    if not aligned:
        reserved = {key: (anchor, drawn) for key, anchor, drawn in draws}
    for index, (window, gauge) in enumerate(payer.counted):
        counted, parts, drawn = need
        if gauge is not None:
            if gauge.whole:
                return False
            counted, parts = gauge.quantity(usage, listed)
            drawn = round_half_even(counted, parts)
        if aligned:
            key, anchor, own = draws[index]
            if key != window.key:
                return False
        else:
            anchor, own = reserved.pop(window.key, None) or (window.instance_at(hold.at)[0], 0)
        live, used, closes = window.standing_of(anchor, now)
        if live and counted > own * parts and counted > (window.limit - used + own) * parts:
            return False
        if counted > 0:
            windows.append((window.key, anchor, drawn))
            change = drawn - own if live else 0
            after.append((window.key, used + change, window.limit, closes))
        if drawn != own:
            changes.append((window.key, anchor, drawn - own))
    return not reserved


def _draw_lots(
    state: AccountState, payer: Payer, held: Slice, amount: int, postings: list[Posting]
) -> list[tuple[str, int]]:
    """Lots that pay ``amount``: the reserved first, then more of the pool; posts what goes back and what goes out."""
    unit = held[3]
    lots: list[tuple[str, int]] = []
    left = amount
    for ledger, part in held[11]:
        taken = part if part < left else left
        if taken:
            lots.append((ledger, taken))
            left -= taken
        if taken < part:
            home = ledger if ledger in state.lots else "house:expired"
            postings.append((home, unit, part - taken))
    if left:
        assert payer.pool is not None
        by_ledger = dict(lots)
        for ledger, part in payer.pool.burn(left):
            by_ledger[ledger] = by_ledger.get(ledger, 0) + part
            postings.append((ledger, unit, -part))
        lots = list(by_ledger.items())
    if held[11]:
        postings.append((payer.held, unit, -held[4]))
    return lots

"""Coverage: one payer paying the whole of a request, the common case, in plain integers.

Owns the quick answer to "does this payer cover it all?", and for the last one to "does its pool end with it?". Where
it is "in part" the waterfall takes over; both give the same slices, which a test holds them to.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import LARGEST, checked, round_half_even
from faregate.core.draft import make_slice, new_slice
from faregate.core.entry import WindowDraw
from faregate.core.request import Block, Slice
from faregate.core.route import Payer
from faregate.core.tariff import Exact
from faregate.core.usage import Usage

ONE = Fraction(1)


def pays_whole(payer: Payer, usage: Usage, listed: Exact, now: int) -> Slice | Block | None:
    """The one slice when ``payer`` covers ``usage``, a Block when it can pay nothing, None when it is in between.

    ``listed`` is the list value of ``usage`` by the payer's card.
    """
    if not payer.subscription.switched_on:
        return Block(payer.key, "switched_off", payer.key, None)
    if payer.progressive is not None:
        return _pays_in_bracket(payer, usage, listed, now)
    numerator, denominator = payer.gauge.quantity(usage, listed)
    pool = payer.pool
    if pool is not None and (pool.owed > 0 or numerator > pool.available * denominator):
        block = _pool_block(payer, numerator, denominator, now)
        return block if isinstance(block, Block) else None
    if denominator == 1:
        amount = least = numerator
    else:
        amount, least = round_half_even(numerator, denominator), -(-numerator // denominator)
    windows: list[WindowDraw] = []
    for window, gauge in payer.counted:
        if gauge is None:
            drawn, needed = amount, least
        else:
            counted, parts = gauge.quantity(usage, listed)
            drawn, needed = round_half_even(counted, parts), -(-counted // parts)
        if needed <= 0:
            continue
        anchor, room = window.standing(now)
        if needed > room:
            return None if room > 0 else Block(payer.key, "window_full", window.key, None)
        windows.append((window.key, anchor, drawn))
    value = listed[0] if listed[1] == 1 else round_half_even(listed[0], listed[1])
    if amount > LARGEST or value > LARGEST:
        checked(max(amount, value))
    return new_slice(
        Slice,
        (
            *payer.head,
            amount,
            0,
            value,
            *payer.tail,
            pool.burn(amount) if pool is not None and amount else [],
            windows,
            0,
        ),
    )


def _pool_block(payer: Payer, numerator: int, denominator: int, now: int) -> Block | bool | None:
    """None when the payer's pool covers the need (or there is none), a Block when it is empty, True in between."""
    pool = payer.pool
    if pool is None or numerator == 0:
        return None
    if pool.owed > 0:
        return Block(payer.key, "debt_owed", pool.key, None)
    if numerator <= pool.available * denominator:
        return None
    if pool.available > 0 or (pool.automatic and pool.restores_left(now) > 0):
        return True
    return payer.empty


def _pays_in_bracket(payer: Payer, usage: Usage, listed: Exact, now: int) -> Slice | Block | None:
    """The same for a payer with a progressive multiplier: the whole request inside the bracket it is in now."""
    bracketed = _in_bracket(payer, usage, listed, now)
    if bracketed is None:
        return None
    bracket, value, progressed = bracketed
    numerator, denominator = payer.gauge.quantity(usage, listed)
    numerator, denominator = numerator * value.numerator, denominator * value.denominator
    block = _pool_block(payer, numerator, denominator, now)
    if block is not None:
        return block if isinstance(block, Block) else None
    windows: list[WindowDraw] = []
    for window, gauge in payer.counted:
        counted, parts = (numerator, denominator) if gauge is None else gauge.quantity(usage, listed)
        if gauge is not None and window.terms.multiplied:
            counted, parts = counted * value.numerator, parts * value.denominator
        if counted <= 0:
            continue
        left = window.limit - window.used_at(now)
        if counted > left * parts:
            return None if left > 0 else Block(payer.key, "window_full", window.key, None)
        windows.append((window.key, window.instance_at(now)[0], round_half_even(counted, parts)))
    windows += progressed
    amount = checked(round_half_even(numerator, denominator))
    lots = payer.pool.burn(amount) if payer.pool is not None and amount else []
    return make_slice(payer, bracket, value, amount, 0, checked(round_half_even(*listed)), lots, windows)


def drains(payer: Payer, usage: Usage, listed: Exact, now: int) -> Slice | None:
    """The one slice when the last payer there is pays all that its pool has left and its plan forgives the rest, None
    where that is not so or takes a walk to know."""
    pool = payer.pool
    if pool is None or payer.counted or payer.gauge.whole or not payer.open_admission:
        return None
    if pool.automatic or pool.owed > 0 or pool.available <= 0 or pool.terms.debt == "carry":
        return None
    numerator, denominator = payer.gauge.quantity(usage, listed)
    bracket, value, windows = 0, ONE, list[WindowDraw]()
    if payer.progressive is not None:
        bracketed = _in_bracket(payer, usage, listed, now)
        if bracketed is None:
            return None
        bracket, value, windows = bracketed
        numerator, denominator = numerator * value.numerator, denominator * value.denominator
    rest = numerator - pool.available * denominator
    if rest <= 0:
        return None
    debt, listed_at = checked(round_half_even(rest, denominator)), checked(round_half_even(*listed))
    return make_slice(payer, bracket, value, pool.available, debt, listed_at, pool.burn(pool.available), windows)


def _in_bracket(payer: Payer, usage: Usage, listed: Exact, now: int) -> tuple[int, Fraction, list[WindowDraw]] | None:
    """(bracket, its multiplier, what the request counts towards the next) of a payer with a progressive multiplier;
    None where the request does not end in the bracket it begins in."""
    assert payer.progressive is not None and payer.progress is not None and payer.progress_gauge is not None
    paid = payer.progress.used_at(now)
    bracket, value, room = 0, ONE, None
    for bracket, (up_to, value) in enumerate(payer.progressive.brackets):  # noqa: B007 - both are used below
        if up_to is None or paid < up_to:
            room = None if up_to is None else up_to - paid
            break
    numerator, denominator = payer.progress_gauge.quantity(usage, listed)
    if room is not None and numerator > room * denominator:
        return None
    if numerator <= 0:
        return bracket, value, []
    drawn = round_half_even(numerator, denominator)
    return bracket, value, [(payer.progress.key, payer.progress.instance_at(now)[0], drawn)]

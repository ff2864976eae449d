"""Exact integers in arrays: sums of products, roundings and running totals that cannot overflow.

Owns the bound that goes with every array: where 64 bits might not hold a result, the array is made of Python's own
integers instead, which is slower and as right. There are no floats here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[Any]
"""Signed integers, of 64 bits or of any size."""
Mask = npt.NDArray[np.bool_]

_SAFE = 2**62


class Exact(NamedTuple):
    """``numbers``, none of them larger than ``most`` on either side of zero."""

    numbers: Integers
    most: int


def whole(numbers: Integers, most: int) -> Exact:
    """``numbers`` in a type that holds ``most``; they are not negative, or the bound is for both sides."""
    if most >= _SAFE and numbers.dtype != object:
        return Exact(numbers.astype(object), most)
    return Exact(numbers, most)


def weighed(counts: Integers, largest: Sequence[int], weights: Sequence[int]) -> Exact:
    """For each row of ``counts`` the sum of its numbers times ``weights``; ``largest`` bounds each column."""
    most = sum(abs(weight) * bound for weight, bound in zip(weights, largest, strict=False))
    kind = object if most >= _SAFE else np.int64
    total: Integers = np.zeros(len(counts), dtype=kind)
    for column, weight in enumerate(weights):
        if weight and largest[column]:
            total += counts[:, column].astype(kind, copy=False) * weight
    return Exact(total, most)


def times(amounts: Exact, factor: int) -> Exact:
    """Every number times ``factor``."""
    if factor == 1:
        return amounts
    most = amounts.most * abs(factor)
    return Exact(whole(amounts.numbers, most).numbers * factor, most)


def plus(one: Exact, other: Exact) -> Exact:
    most = one.most + other.most
    return Exact(whole(one.numbers, most).numbers + whole(other.numbers, most).numbers, most)


def rounded(amounts: Exact, denominator: int) -> Exact:
    """Every number over ``denominator``, to the nearest integer, ties to even."""
    if denominator == 1:
        return amounts
    numbers = whole(amounts.numbers, max(amounts.most, 2 * denominator)).numbers
    quotient = numbers // denominator
    twice = (numbers - quotient * denominator) * 2
    up = (twice > denominator) | ((twice == denominator) & (quotient % 2 == 1))
    return Exact(quotient + up, amounts.most // denominator + 1)


def running(amounts: Exact) -> Integers:
    """Running totals with a zero before the first: the sum of rows [i, j) is total[j] - total[i]."""
    count = len(amounts.numbers)
    numbers = whole(amounts.numbers, amounts.most * max(count, 1)).numbers
    totals: Integers = np.zeros(count + 1, dtype=numbers.dtype)
    np.cumsum(numbers, out=totals[1:])
    return totals


def total(amounts: Exact) -> int:
    return int(whole(amounts.numbers, amounts.most * max(len(amounts.numbers), 1)).numbers.sum())

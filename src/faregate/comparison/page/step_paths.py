"""Paths of SVG for charts of steps.

Owns the shapes alone, in whole units and relative moves, so that sixty plans fit in a page: a filled outline of
steps, and upright stripes. Knows neither colours nor what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def thinned(points: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Points (column, height) by column: the last height of each column stays, and its highest before that.

    A peak is what a reader looks for, so it survives; levels that repeat are left out.
    """
    columns: dict[int, tuple[int, int]] = {}
    for column, height in points:
        highest, _ = columns.get(column, (height, height))
        columns[column] = (max(highest, height), height)
    kept: list[tuple[int, int]] = []
    for column in sorted(columns):
        highest, last = columns[column]
        for height in (highest, last):
            if not kept or kept[-1][1] != height:
                kept.append((column, height))
    return kept


def area(points: Sequence[tuple[int, int]], end: int, floor: int) -> str:
    """A filled area of steps. Heights grow upwards from 0 at ``floor``; the last level lasts until ``end``."""
    if not points:
        return ""
    column, height = points[0]
    parts = [f"M{column} {floor}"]
    if height:
        parts.append(f"v{-height}")
    for next_column, next_height in points[1:]:
        if next_column != column:
            parts.append(f"h{next_column - column}")
        if next_height != height:
            parts.append(f"v{height - next_height}")
        column, height = next_column, next_height
    if end > column:
        parts.append(f"h{end - column}")
    return "".join([*parts, f"V{floor}z"])


def stripes(spans: Iterable[tuple[int, int]], height: int) -> str:
    """Upright stripes from the top down to ``height``; each at least a column wide, those that touch are one."""
    joined: list[tuple[int, int]] = []
    for begin, given in sorted(spans):
        end = max(given, begin + 1)
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return "".join(f"M{begin} 0h{end - begin}v{height}h{begin - end}z" for begin, end in joined)

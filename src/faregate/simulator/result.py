"""What a replay reports: one row a request, one an event, and the totals.

Owns these shapes, which are the JSON of `faregate simulate --json`. Amounts are exact decimal strings, instants
RFC 3339 in UTC. Does not decide anything.
"""

from __future__ import annotations

from typing import TypedDict


class DrawnRow(TypedDict):
    """What one source paid of a request, at one multiplier. ``source`` is the plan, ``debt`` what nobody covered."""

    source: str
    pool: str | None
    amount: str
    unit: str
    multiplier: str
    list_value: str
    currency: str | None
    debt: str
    card: str | None


class WindowRow(TypedDict):
    """A window after the request. ``reopens_at`` is None while no instance of it is open."""

    id: str
    meter: str
    unit: str
    drawn: str
    used: str
    limit: str
    reopens_at: str | None


class BlockRow(TypedDict):
    """Why one source could not pay. ``payer`` is the source within its plan; both are None for a guard."""

    source: str | None
    payer: str | None
    reason: str
    kind: str
    window: str | None
    retry_at: str | None


class RefusedRow(TypedDict):
    """A refusal. ``window`` is the id of the window or pool that binds (``kind`` says which), else None."""

    reason: str
    kind: str
    window: str | None
    retry_at: str | None
    blocks: list[BlockRow]


class RequestRow(TypedDict):
    """One request. ``index`` counts requests from 0, ``line`` the lines of the file from 1."""

    index: int
    line: int
    at: str
    model: str
    admitted: bool
    drawn: list[DrawnRow]
    windows: list[WindowRow]
    refused: RefusedRow | None


class EventRow(TypedDict):
    """One event. ``applied`` is False for a restore that could not be had; ``problem`` says why."""

    line: int
    at: str
    event: str
    applied: bool
    problem: str | None


class Totals(TypedDict):
    """``drawn``, ``debt``: by source, then by unit; ``list_value``: by currency; ``refusals``: by what bound;
    ``prices_behind``: models that no price file of ours knows, with where their prices are from.
    """

    requests: int
    admitted: int
    refused: int
    drawn: dict[str, dict[str, str]]
    debt: dict[str, dict[str, str]]
    list_value: dict[str, str]
    refusals: dict[str, int]
    prices_behind: dict[str, str]

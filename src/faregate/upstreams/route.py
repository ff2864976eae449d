"""A route: all channels that serve one model for clients of one dialect, and the choice among them.

Owns the order in which they are asked. Higher priorities go first; inside one, each gets as many sessions as its
weight says, and a session stays with the channel it has, because the upstream has the session's prompt in its cache:
which one that is follows from the session's name alone, in every process and after every start. Only where that
channel rests, is full or was tried does the next one serve.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TypeVar
from zlib import crc32

from faregate.upstreams.attempt import Attempt
from faregate.upstreams.channel import Channel, Lane
from faregate.upstreams.faults import Concern

FULL_PAUSE_MICROSECONDS = 1_000_000
"""When a channel that has its hands full may have room again: nobody knows."""
CACHED_BYTES = 4096
"""Shorter prompts are in no upstream's cache, and longer ones are told apart by so much of their beginning."""
_TURNS = 1023
_REMEMBERED_ORDERS = 2048
_MASK = (1 << 64) - 1
_OF_A_KEY = (Concern.KEY, Concern.KEY_FOR_MODEL)

_Choice = TypeVar("_Choice", Channel, Lane)


class Route:
    """``groups``: channels by priority, the highest first. All of them are for the same canonical model."""

    __slots__ = ("_lanes", "_orders", "_single", "_turn", "canonical", "dialect", "groups")

    def __init__(self, groups: Sequence[Sequence[Channel]]) -> None:
        self.groups = tuple(tuple(group) for group in groups)
        first = self.groups[0][0]
        self.canonical = first.canonical
        self.dialect = first.dialect
        self._lanes = tuple(lane for group in self.groups for channel in group for lane in channel.lanes)
        self._single = self._lanes[0] if len(self._lanes) == 1 else None
        self._turn = 0
        self._orders: dict[int, tuple[Lane, ...]] = {}

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All of them, in no order that is promised."""
        return tuple(channel for group in self.groups for channel in group)

    def questioned(self, dialect: str, now: int) -> list[Lane]:
        """Those that speak ``dialect`` and may be asked at ``now``, the highest priority first: for questions that
        cost nothing and are in no count."""
        return [lane for lane in self._lanes if lane.channel.dialect == dialect and lane.is_ready(now)]

    def has(self, place: str) -> bool:
        """Whether it leads to that place."""
        return any(lane.place == place for lane in self._lanes)

    def resting(self, now: int) -> int | None:
        """When the first channel may be asked again, microseconds UTC; None while one may be."""
        single = self._single
        if single is not None and not single.is_bounded:
            reach, circuit, key, rate = single.healths
            if not (reach.uneasy or circuit.uneasy or key.uneasy or rate.uneasy):
                return None
        earliest = 0
        for lane in self._lanes:
            if lane.is_ready(now):
                return None
            at = max(lane.ready_at(now), now + FULL_PAUSE_MICROSECONDS if lane.is_full else 0)
            earliest = at if not earliest else min(at, earliest)
        return earliest

    def attempt(
        self,
        account: str,
        session: str,
        body: bytes,
        now: int,
        tried: Sequence[Attempt] = (),
        only: str = "",
    ) -> Attempt | int:
        """Begin an attempt at the best channel that may be asked and was not ``tried`` in vain.

        ``session`` of ``account`` ('' where unknown: then the beginning of a long ``body``) keeps to a channel; with
        ``only`` no other place will do. Where there is none: when one may be asked again, microseconds UTC.
        """
        single = self._single
        if single is not None and not tried and not only:
            if single.is_ready(now):
                return Attempt(single, now)
        else:
            lane = self._choose(self._affinity(account, session, body), now, tried, only)
            if lane is not None:
                return Attempt(lane, now)
        return self.resting(now) or now + FULL_PAUSE_MICROSECONDS

    def _affinity(self, account: str, session: str, body: bytes) -> int:
        if session:
            return crc32(f"{account}\n{session}".encode("utf-8", "replace"))
        if len(body) > CACHED_BYTES:
            return crc32(body[:CACHED_BYTES], crc32(account.encode()))
        self._turn = (self._turn + 1) & _TURNS
        return self._turn

    def _choose(self, affinity: int, now: int, tried: Sequence[Attempt], only: str) -> Lane | None:
        for lane in self._order(affinity):
            if tried and _failed_at(lane, tried):
                continue
            if (not only or lane.place == only) and lane.is_ready(now):
                return lane
        return None

    def _order(self, affinity: int) -> tuple[Lane, ...]:
        """All lanes in the order of one affinity."""
        found = self._orders.get(affinity)
        if found is None:
            if len(self._orders) >= _REMEMBERED_ORDERS:
                self._orders.clear()
            found = self._orders[affinity] = tuple(
                lane
                for group in self.groups
                for channel in ordered(group, affinity)
                for lane in ordered(channel.lanes, affinity)
            )
        return found


def _failed_at(lane: Lane, tried: Sequence[Attempt]) -> bool:
    """Whether an attempt failed there: with this key, or for a reason that another key does not mend."""
    live = lane.channel.live
    for attempt in tried:
        if attempt.lane is lane:
            return True
        of_a_key = attempt.fault is not None and attempt.fault.concern in _OF_A_KEY
        if attempt.lane.channel.live is live and not of_a_key:
            return True
    return False


def ordered(choices: Sequence[_Choice], affinity: int) -> Sequence[_Choice]:
    """``choices`` in the order of one affinity: over all affinities each is first as often as its weight says.

    Where one is left out the order of the others stays, so that nobody else moves (rendezvous hashing).
    """
    if len(choices) == 1:
        return choices
    return sorted(choices, key=lambda each: log(_draw(affinity, each.seed)) / each.weight, reverse=True)


def _draw(affinity: int, seed: int) -> float:
    """A number in (0, 1) that is as good as random: the finisher of splitmix64 over both."""
    mixed = ((affinity << 32) ^ (seed * 0x9E3779B97F4A7C15)) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return (((mixed ^ (mixed >> 31)) >> 11) + 0.5) / 9007199254740992.0

"""Health: whether something that serves requests may be asked now, and how long it rests after failures.

Owns the state machine of an upstream, a model at an upstream, a key, and a key for one model: they are all of this
kind. Pure: time is an argument, microseconds UTC; nothing is random. Does not know what a failure is.

    well ── enough failures, or told to rest ──> resting ── its time is over ──> well again, or on trial
    on trial: one request at a time; its success makes it well, its failure lets it rest for longer

A rest grows with each one that follows soon after another, up to a bound; only a time without one, as long as twice
the last rest, makes the next one short again. So a circuit does not flap.
"""

from __future__ import annotations

from typing import NamedTuple

SECOND = 1_000_000
CALM_MICROSECONDS = 60 * SECOND
"""A rest counts as the first one after so long without any (or twice the rest before, where that is longer)."""
TRIAL_MICROSECONDS = 30 * SECOND
"""A trial that has not ended by then stands in no other's way."""


class HealthRules(NamedTuple):
    """When to rest, and for how long.

    ``failures_in_a_row`` rest it whatever went before; so do ``failures`` within ``window`` microseconds when they
    are at least half of all that ended in it. The window opens at its first failure. Rests double from ``first_rest``
    to ``longest_rest``; a rest of a length told by the peer is cut at ``longest_told``.
    """

    failures_in_a_row: int = 5
    failures: int = 5
    window: int = 30 * SECOND
    first_rest: int = 5 * SECOND
    longest_rest: int = 300 * SECOND
    longest_told: int = 3600 * SECOND


CIRCUIT = HealthRules()
"""Of an upstream, and of a model at an upstream."""
KEY = HealthRules(failures_in_a_row=3, failures=3, first_rest=60 * SECOND, longest_rest=3600 * SECOND)
"""Of a key: refused ones do not come back by themselves soon."""
RATE = HealthRules(first_rest=2 * SECOND, longest_rest=60 * SECOND)
"""Of a key for one model: limits on the rate open again soon."""


class Health:
    """One state machine.

    ``uneasy`` is false while nothing failed lately: then there is nothing to ask it, and nothing to tell it but
    failures. ``rests_until`` is 0 while it is well, ``why`` the code of the failure that it rests for. ``epoch``
    changes with every change of state: a request tells how it ended with the epoch it began in, and what began before
    the last change says nothing about now.
    """

    __slots__ = (
        "_failures",
        "_last_rest",
        "_level",
        "_on_trial_until",
        "_row",
        "_successes",
        "_tries",
        "_well_since",
        "_window_from",
        "epoch",
        "rests",
        "rests_until",
        "rules",
        "uneasy",
        "why",
    )

    def __init__(self, rules: HealthRules = CIRCUIT) -> None:
        self.rules = rules
        self.rests_until = 0
        self.why = ""
        self.uneasy = False
        self.epoch = 0
        self.rests = 0
        self._row = 0
        self._successes = 0
        self._failures = 0
        self._window_from = 0
        self._level = 0
        self._last_rest = 0
        self._well_since = 0
        self._tries = False
        self._on_trial_until = 0

    def ready_at(self, now: int) -> int:
        """When it may be asked: ``now`` or earlier means at once."""
        if now < self.rests_until:
            return self.rests_until
        return self._on_trial_until if self._tries else 0

    def begin(self, now: int) -> int:
        """A request is sent to it, which may be the trial. Returns the epoch to tell its end with."""
        if self.rests_until and self._tries:
            self._on_trial_until = now + TRIAL_MICROSECONDS
        return self.epoch

    def succeeded(self, epoch: int, now: int) -> None:
        """A request of that epoch went well."""
        if epoch != self.epoch or not self.uneasy:
            return
        if self.rests_until:
            self._recover(now)
        elif now - self._window_from >= self.rules.window:
            self._forget()
        else:
            self._successes += 1
            self._row = 0

    def failed(self, epoch: int, now: int, why: str) -> None:
        """A request of that epoch failed; enough of them and it rests."""
        if epoch != self.epoch:
            return
        if self.rests_until:
            self._rest(now, self._next_length(now), why, tries=True)
            return
        if now - self._window_from >= self.rules.window:
            self._window_from, self._failures, self._successes = now, 0, 0
        self.uneasy = True
        self._failures += 1
        self._row += 1
        many = self._failures >= self.rules.failures and self._failures >= self._successes
        if self._row >= self.rules.failures_in_a_row or many:
            self._rest(now, self._next_length(now), why, tries=True)

    def rest(self, epoch: int, now: int, why: str, until: int | None = None, *, tries: bool = False) -> None:
        """One failure is enough: rest until ``until``, or by the rules where nobody said how long.

        ``tries``: the first request after it goes alone. A rest told while resting only makes it longer.
        """
        told = None if until is None else min(max(until, now + 1), now + self.rules.longest_told)
        if epoch != self.epoch:
            if told is not None and now < self.rests_until < told:
                self.rests_until = told
            return
        length = self._next_length(now) if told is None else told - now
        self._rest(now, length, why, tries=tries)

    def gave_up(self, epoch: int) -> None:
        """A request of that epoch ended without a word on its health: the client went, say."""
        if epoch == self.epoch:
            self._on_trial_until = 0

    def state(self, now: int) -> str:
        """``well``, ``resting`` or ``on_trial``: what people are shown."""
        if not self.rests_until:
            return "well"
        return "resting" if now < self.rests_until else "on_trial" if self._tries else "well"

    def _recover(self, now: int) -> None:
        self.epoch += 1
        self.rests_until = self._on_trial_until = 0
        self.why = ""
        self._tries = False
        self._forget()
        self._well_since = now

    def _forget(self) -> None:
        """Nothing failed lately."""
        self.uneasy = False
        self._failures = self._successes = self._row = self._window_from = 0

    def _rest(self, now: int, length: int, why: str, *, tries: bool) -> None:
        self.epoch += 1
        self.rests += 1
        self.why = why
        self.rests_until = now + length
        self._tries = tries
        self._on_trial_until = 0
        self._last_rest = length
        self._forget()
        self.uneasy = True

    def _next_length(self, now: int) -> int:
        """Twice the last one, unless it has been well for long."""
        rules = self.rules
        rested_to = self._well_since if not self.rests_until else self.rests_until
        calm = max(CALM_MICROSECONDS, 2 * self._last_rest)
        if not self.rests or now - rested_to >= calm:
            self._level = 0
        else:
            self._level = min(self._level + 1, 40)
        return min(rules.first_rest << self._level, rules.longest_rest)

"""Options of `faregate compare` that describe the standard mix, and the time zone.

Owns how they are written, checked and left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import click

from faregate.cli.command import Option
from faregate.cli.failures import CommandFailure

if TYPE_CHECKING:
    from faregate.comparison.mix import Mix

_LOCALTIME = Path("/etc/localtime")


class MixOptions(NamedTuple):
    """As written; None where left out."""

    model: str | None
    prompts_a_day: int | None
    cached: str | None
    begins: str | None
    hours: str | None
    every_day: bool

    def check(self, used: bool) -> None:
        """Raises CommandFailure where one is given and there is no mix."""
        for name, value in self._asdict().items():
            if value and not used:
                raise CommandFailure("bad_usage", "compare.only_mix", option="--" + name.replace("_", "-"))


def with_mix_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the mix to a command, which takes them as ``mix_options``."""

    @wraps(command)
    def gathered(**given: Any) -> Any:
        mix_options = MixOptions(*(given.pop(name) for name in MixOptions._fields))
        return command(**given, mix_options=mix_options)

    found: Callable[..., Any] = gathered
    for name, key, settings in reversed(_OPTIONS):
        found = click.option(name, help=key, cls=Option, **settings)(found)
    return found


_OPTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("--model", "compare.model", {"metavar": "MODEL"}),
    ("--prompts-a-day", "compare.prompts_a_day", {"metavar": "N", "type": click.IntRange(1, 5000)}),
    ("--cached", "compare.cached", {"metavar": "PERCENT"}),
    ("--begins", "compare.begins", {"metavar": "DAY"}),
    ("--hours", "compare.hours", {"metavar": "FROM-TO"}),
    ("--every-day", "compare.every_day", {"is_flag": True}),
)


def mix_of(options: MixOptions, zone: str, months: int, now: int) -> Mix:
    """The mix that the options describe. Raises CommandFailure."""
    from faregate.comparison.mix import Mix

    written: dict[str, Any] = {"begins": _begins(options.begins, zone, months, now), "zone": zone, "months": months}
    if options.model is not None:
        written["model"] = options.model
    if options.prompts_a_day is not None:
        written["prompts_a_day"] = options.prompts_a_day
    if options.cached is not None:
        written["cached"] = _cached(options.cached)
    if options.hours is not None:
        written["hours"] = _hours(options.hours)
    if options.every_day:
        written["days"] = frozenset(range(7))
    return Mix(**written)


def _begins(text: str | None, zone: str, months: int, now: int) -> date:
    if text is None:
        # The last Monday from which all the months lie in the past.
        today = datetime.fromtimestamp(now // 1_000_000, UTC).astimezone(ZoneInfo(zone)).date()
        latest = today - timedelta(days=30 * months)
        return latest - timedelta(days=latest.weekday())
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise CommandFailure("bad_usage", "compare.bad_begins", value=text) from wrong


def _cached(text: str) -> Any:
    from faregate.core.amounts import fraction
    from faregate.core.errors import BadAmount

    try:
        share = fraction(text.removesuffix("%")) / 100
    except BadAmount as wrong:
        raise CommandFailure("bad_usage", "compare.bad_cached", value=text) from wrong
    if not 0 <= share * 1000 <= 995:
        raise CommandFailure("bad_usage", "compare.bad_cached", value=text)
    return share


def _hours(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal() and 0 <= int(first) < int(last) <= 24):
        raise CommandFailure("bad_usage", "compare.bad_hours", value=text)
    return int(first), int(last)


def local_zone(written: str | None) -> str:
    """The zone that was named, else that of this machine, else UTC. Raises CommandFailure for one that is none."""
    if written is not None:
        if not _is_zone(written):
            raise CommandFailure("bad_usage", "compare.bad_zone", name=written)
        return written
    told = os.environ.get("TZ", "").removeprefix(":")
    linked = str(_LOCALTIME.resolve()).partition("zoneinfo/")[2] if _LOCALTIME.is_symlink() else ""
    return next((name for name in (told, linked) if name and _is_zone(name)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True

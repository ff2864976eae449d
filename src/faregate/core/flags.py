"""Flags: suspicions that an account is shared or forwarded, raised by what is seen, reviewed by people.

Owns a flag's life (open, then confirmed or dismissed; what was confirmed can be lifted), what it does meanwhile, and
the entries that make it. Counts no signals: those are hints of the process that serves, an entry has the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from faregate.core.entry import Entry
from faregate.core.errors import BadCommand, UnknownSubject

if TYPE_CHECKING:
    from faregate.core.account import AccountState
    from faregate.core.terms import SharingRule

ACTIONS = ("none", "warn", "slow", "restrict")
"""What a flag in force does to its account's requests, the mildest first."""
VERDICTS = {"confirm": "confirmed", "dismiss": "dismissed", "lift": "lifted"}
KEPT_FLAGS = 64
"""Flags an account remembers; older ones that are closed stand in the journal alone."""


class Flag(NamedTuple):
    """``signal`` counted ``counted`` in ``within`` microseconds where ``most`` are usual, under the rule of ``plan``.

    ``state``: open, confirmed, dismissed or lifted. ``slowed_to``: requests at once where the action is slow.
    ``quiet``: so long a dismissed flag keeps its signal from raising another, microseconds. The last three fields are
    the review's.
    """

    id: str
    plan: str
    signal: str
    raised_at: int
    counted: int
    most: int
    within: int
    action: str
    slowed_to: int
    quiet: int
    state: str = "open"
    reviewed_at: int | None = None
    by: str = ""
    note: str = ""

    @property
    def in_force(self) -> bool:
        return self.state in ("open", "confirmed")


class Crossing(NamedTuple):
    """A signal that counted more than is usual."""

    signal: str
    counted: int
    most: int
    within: int


def raised(
    state: AccountState, plan: str, rule: SharingRule, crossing: Crossing, now: int, offset: int = 0
) -> Entry | None:
    """The entry that raises a flag; None where one of that signal is in force, or was dismissed a short while ago."""
    for flag in state.flags.values():
        quiet = flag.state == "dismissed" and flag.reviewed_at is not None and now < flag.reviewed_at + flag.quiet
        if flag.signal == crossing.signal and (flag.in_force or quiet):
            return None
    number = state.next_flag + offset
    data: dict[str, Any] = {
        "flag": f"f{number}",
        "plan": plan,
        **crossing._asdict(),
        "action": rule.action,
        "slowed_to": rule.slowed_to,
        "quiet": rule.quiet,
    }
    return Entry(state.account, state.seq + 1 + offset, now, "flag", f"flag:{number}", [], [], data)


def reviewed(
    state: AccountState, flag: str, verdict: str, by: str, note: str, action: str | None, now: int, key: str
) -> Entry:
    """The entry that reviews ``flag``: confirm, dismiss or lift; ``action`` is what a confirmed one does from now on.

    Raises UnknownSubject, BadCommand.
    """
    found = state.flags.get(flag)
    if found is None:
        raise UnknownSubject("flag", flag, list(state.flags))
    if not found.in_force:
        raise BadCommand("flag_closed", flag=flag, state=found.state)
    if verdict == "lift" and found.state != "confirmed":
        raise BadCommand("flag_not_confirmed", flag=flag)
    if verdict == "dismiss" and found.state != "open":
        raise BadCommand("flag_confirmed", flag=flag)
    if action is not None and verdict != "confirm":
        raise BadCommand("action_of_closed_flag", verdict=verdict)
    data = {"flag": flag, "state": VERDICTS[verdict], "by": by, "note": note, "action": action or found.action}
    return Entry(state.account, state.seq + 1, now, "review", key, [], [], data)


def apply_flag(state: AccountState, entry: Entry, _plans: object) -> None:
    data = entry.data
    state.flags[data["flag"]] = Flag(
        data["flag"],
        data["plan"],
        data["signal"],
        entry.at,
        data["counted"],
        data["most"],
        data["within"],
        data["action"],
        data["slowed_to"],
        data["quiet"],
    )
    state.next_flag += 1
    if len(state.flags) > KEPT_FLAGS:
        closed = next((flag.id for flag in state.flags.values() if not flag.in_force), None)
        if closed is not None:
            del state.flags[closed]


def apply_review(state: AccountState, entry: Entry, _plans: object) -> None:
    data = entry.data
    flag = state.flags[data["flag"]]
    state.flags[flag.id] = flag._replace(
        state=data["state"], action=data["action"], reviewed_at=entry.at, by=data["by"], note=data["note"]
    )


def strictest(state: AccountState) -> Flag | None:
    """The flag in force that does most, None where none does anything."""
    found: Flag | None = None
    for flag in state.flags.values():
        stricter = found is None or ACTIONS.index(flag.action) > ACTIONS.index(found.action)
        if flag.in_force and flag.action != "none" and stricter:
            found = flag
    return found


def flags_data(state: AccountState) -> dict[str, Any]:
    """What a snapshot keeps of flags; nothing where there never was one."""
    if state.next_flag == 1:
        return {}
    return {"flags": [list(flag) for flag in state.flags.values()], "next_flag": state.next_flag}


def read_flags(state: AccountState, data: dict[str, Any]) -> None:
    """What ``flags_data`` wrote."""
    state.flags = {row[0]: Flag(*row) for row in data.get("flags", ())}
    state.next_flag = data.get("next_flag", 1)

"""What is wrong with a usage file: problems with a place, and the error that carries them.

Owns the shape of a problem and the English words for each code; other languages keep words for the same codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

MOST_SHOWN = 20

TEXTS: Mapping[str, tuple[str, str]] = {
    "bad_json": ("not JSON (column {column}: {problem})", "write one JSON object on each line"),
    "bad_encoding": ("not UTF-8 (byte {byte})", "save the file as UTF-8"),
    "line_too_long": ("longer than {limit} bytes", "write one JSON object on each line"),
    "not_an_object": ("a {found}, not an object", 'write {{"at": …, "model": …}}'),
    "field_twice": ("{field!r} stands there twice", "keep one of them"),
    "unknown_field": ("there is no field {field!r} in {shape}", "{hint}"),
    "missing_field": ("{field!r} is missing in {shape}", "add it: {wanted}"),
    "bad_value": ("{field!r} is {found}", "write {wanted}"),
    "unknown_event": ("there is no event {event!r}", "{hint}"),
    "misplaced_field": ("{field!r} has no meaning beside {other!r}", "leave one of them out"),
    "tool_without_calls": ("'calls' counts the calls of a tool, and no tool is named", "add 'tool', or leave it out"),
    "goes_back": ("{at} is before {before} of line {earlier}", "order the file by time, or give --sort"),
    "unknown_plan": ("there is no plan {plan!r}", "{hint}"),
    "plan_not_running": ("{plan!r} is not on the account", "{hint}"),
    "name_a_plan": ("several plans could be meant by this {event}", "name one of them in 'plan': {plans}"),
    "nothing_to_do_it_to": ("no plan of the account can take this {event}", "{hint}"),
    "unknown_name": ("{plan} has no {kind} {name!r}", "{hint}"),
    "bad_amount": ("'amount' {amount!r} is {problem}", "write it in {unit}, such as 10 or 2.5"),
    "cannot": ("{problem}", "change or remove the line"),
    "amount_overflow": ("the figures of this line do not fit the books", "write less"),
}
"""By code: what is wrong, and how to mend it; both take the problem's fields."""


class Problem(NamedTuple):
    """One mistake at ``line`` (from 1) of ``file``; ``code`` is stable, ``fields`` fill its words."""

    file: str
    line: int
    code: str
    fields: Mapping[str, object]

    def __str__(self) -> str:
        what, mend = TEXTS[self.code]
        return f"{self.file}:{self.line}: {what.format(**self.fields)}; {mend.format(**self.fields)}"


class BadLine(Exception):
    """A line that cannot be used; the reader and the replay raise it, the run gives it its place."""

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code)
        self.code, self.fields = code, fields


class UsageFileError(Exception):
    """A usage file that cannot be replayed: the first problems found, and how many there are at least."""

    code = "bad_usage_file"

    def __init__(self, problems: Iterable[Problem], more: int = 0) -> None:
        self.problems = tuple(problems)
        self.more = more
        super().__init__("\n".join(map(str, self.problems)))


def hint(word: str, known: Iterable[str]) -> str:
    """How to mend a name that is not among ``known``: the nearest, else all when they are few."""
    names = list(dict.fromkeys(known))
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    inside = [name for name in names if len(name) > 2 and (name in word.casefold() or word.casefold() in name)]
    if inside and len(word) > 2:
        return f"did you mean {inside[0]!r}?"
    if not names:
        return "there is none"
    return f"there are: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"

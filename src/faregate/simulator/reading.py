"""Reading a usage file: from bytes to typed lines, one at a time.

Owns JSON as it stands in a line and the checks of its fields. Does not know plans: what a line names is looked up
by the replay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, NoReturn

from faregate.core.usage import Usage
from faregate.simulator.phrase import Phrase, hint
from faregate.simulator.problem import BadLine
from faregate.simulator.shapes import AT, EVENTS, USAGE, Field, Shape
from faregate.simulator.values import INSTANT, NumberText, found

LONGEST_LINE = 1_000_000
_TOKENS = ("input", "cached", "cache_write_5m", "cache_write_1h", "output", "images")
_EVENT_FIELDS = {name: {"at": AT, **shape.fields} for name, shape in EVENTS.items()}
_REQUIRED = {name: [field for field, each in shape.fields.items() if each.required] for name, shape in EVENTS.items()}


class UsageLine(NamedTuple):
    """One request at ``line``; ``model`` as written, or ``tool/NAME``."""

    line: int
    at: int
    model: str
    usage: Usage
    client: str
    session: str
    key: str = ""
    kind: str = ""
    billing: str = ""
    evidence: tuple[str, ...] | None = None


class OperatorEvent(NamedTuple):
    """One event at ``line``; ``fields`` are its values but ``at`` and ``event``, read."""

    line: int
    at: int
    event: str
    fields: dict[str, Any]


Item = UsageLine | OperatorEvent


def raw_lines(source: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """(line number, bytes) of every line that is not blank; None for one that is too long."""
    number = 0
    while raw := source.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = source.readline(LONGEST_LINE)
            yield number, None
            continue
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        raw = raw.strip()
        if raw:
            yield number, raw


def read_line(number: int, raw: bytes | None) -> Item:
    """The line of these bytes. Raises BadLine."""
    if raw is None:
        raise BadLine("line_too_long", limit=LONGEST_LINE)
    written = _object(raw)
    if "event" in written:
        return _event(number, written)
    return _usage(number, written)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as problem:
        raise BadLine("bad_encoding", byte=problem.start + 1) from problem
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_float=NumberText, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise BadLine("bad_json", column=problem.colno, problem=problem.msg) from problem
    except (ValueError, RecursionError) as problem:
        raise BadLine("bad_json", column=1, problem="a number or nesting beyond reason") from problem
    if not isinstance(value, dict):
        raise BadLine("not_an_object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise BadLine("field_twice", field=next(name for name in names if names.count(name) > 1))
    return made


def _no_constant(name: str) -> NoReturn:
    raise BadLine("bad_json", column=1, problem=f"{name} is no JSON value")


def _read(written: dict[str, Any], fields: dict[str, Field], shape: Shape) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in written.items():
        field = fields.get(name)
        if field is None:
            raise BadLine("unknown_field", field=name, shape=shape.name, hint=_field_hint(name, fields))
        try:
            values[name] = field.kind.read(value)
        except ValueError:
            raise BadLine("bad_value", field=name, found=found(value), wanted=field.kind.wanted) from None
    if "at" not in values:
        raise _missing("at", shape, AT)
    return values


def _field_hint(name: str, fields: dict[str, Field]) -> Phrase:
    if name in USAGE.fields or any(name in shape.fields for shape in EVENTS.values()):
        return Phrase("it_has", {"names": ", ".join(fields)})
    return hint(name, fields)


def _missing(name: str, shape: Shape, field: Field) -> BadLine:
    return BadLine("missing_field", field=name, shape=shape.name, wanted=field.kind.wanted)


def _usage(number: int, written: dict[str, Any]) -> UsageLine:
    values = _read(written, USAGE.fields, USAGE)
    get = values.get
    tool = get("tool")
    if tool is None:
        if "calls" in values:
            raise BadLine("tool_without_calls")
        if "model" not in values:
            raise _missing("model", USAGE, USAGE.fields["model"])
        model, calls = values["model"], 0
    else:
        misplaced = next((name for name in _TOKENS if name in values), None)
        if misplaced is not None:
            raise BadLine("misplaced_field", field=misplaced, other="tool")
        model, calls = f"tool/{tool.removeprefix('tool/')}", get("calls", 1)
    usage = Usage(
        get("input", 0),
        get("cached", 0),
        get("cache_write_5m", 0),
        get("cache_write_1h", 0),
        get("output", 0),
        get("images", 0),
        calls,
        1,
        1 if get("prompt") else 0,
    )
    who = get("client", ""), get("session", ""), get("key", ""), get("key_kind", ""), get("billing", "")
    evidence = tuple(values["evidence"].split()) if "evidence" in values else None
    return UsageLine(number, values["at"], model, usage, *who, evidence)


def _event(number: int, written: dict[str, Any]) -> OperatorEvent:
    event = written.pop("event")
    shape = EVENTS.get(event) if isinstance(event, str) else None
    if shape is None:
        raise BadLine("unknown_event", event=event, hint=hint(str(event), EVENTS))
    values = _read(written, _EVENT_FIELDS[event], shape)
    for name in _REQUIRED[event]:
        if name not in values:
            raise _missing(name, shape, shape.fields[name])
    at = values.pop("at")
    for name, earliest in (("expires_at", at + 1), ("until", at)):
        if name in values and values[name] < earliest:
            raise BadLine("not_later", field=name, wanted=INSTANT.wanted)
    return OperatorEvent(number, at, event, values)

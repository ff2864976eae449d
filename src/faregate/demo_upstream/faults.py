"""The fault grammar: how the demo upstream is told to misbehave or to report given figures.

Owns the words, their arguments and where they are read from. Does not carry them out
(``delivery``, ``exchange`` and ``app`` do).

A request's faults are the words found, in this order, in: the app's ``default_faults``; the
model name, after its last ``@`` (``demo@slow:200``); a ``[[demo WORDS]]`` mark in the last user
text; the ``x-demo-fault`` header. All are put together; of one word said twice the later
counts.

    words := word { ("," | "+" | ";" | blank) word }
    word  := NAME | NAME ":" ARG { ":" ARG } | NAME "(" ARG { "," ARG } ")" | NAME ":" JSON-OBJECT
    ARG   := VALUE | KEY "=" VALUE

    slow:MS             wait before the first byte of the answer
    pace:MS             wait before every stream event but the first
    fail:STATUS         answer with this error (400-599); fail:STATUS:SECONDS adds retry-after;
                        fail(502,body=html) sends a page instead of the dialect's error
    drop                close the connection before the first byte of the answer
    cut:N               drop the connection after N stream events (of a JSON answer: N bytes)
    cut:Nb              drop the connection after N body bytes
    stall[:N]           send N stream events (default 3; of JSON: half the body), then nothing
    error-event[:N]     send N stream events (default 3), then an error event, and end; no effect
                        on JSON answers
    quiet-end[:N]       end the stream cleanly after N events; without N, leave out the final one
    garbage[:N]         no JSON in place of event N+1 (default 3), or of the JSON body
    no-usage            leave the usage out
    zero-usage          report zeros
    usage(CLASS=N,...)  report exactly these figures; CLASS is input (uncached), cached,
                        cache_write_5m, cache_write_1h, output, reasoning (contained in output);
                        what is not said is 0
    wrong-content-type  send the right body as text/html
    huge[:BYTES]        answer with this much text (default 1 MiB), streamed as one event
    words:N             answer with N words
    first:N             all the words hold for the first N requests that say them, then none does

A model name whose part after ``@`` is no such word (``claude-sonnet-4@20250514``) is just a name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

USAGE_CLASSES = ("input", "cached", "cache_write_5m", "cache_write_1h", "output", "reasoning")
LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
_FIRST_EVENTS = 3


class FaultSyntaxError(ValueError):
    """A word of the fault grammar could not be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What one request was told. Times in milliseconds; ``None`` and ``False`` mean "not told"."""

    slow_ms: int = 0
    pace_ms: int = 0
    fail_status: int | None = None
    fail_retry_after_seconds: int | None = None
    fail_as_html: bool = False
    drop: bool = False
    cut_after_events: int | None = None
    cut_after_bytes: int | None = None
    stall_after_events: int | None = None
    error_after_events: int | None = None
    end_after_events: int | None = None
    leave_out_final_event: bool = False
    garbage_after_events: int | None = None
    no_usage: bool = False
    forced_usage: Mapping[str, int] | None = None
    wrong_content_type: bool = False
    huge_bytes: int | None = None
    words: int | None = None
    first_requests: int | None = None


NO_FAULTS = Faults()
_Arguments = dict[str, str]
_WORD = re.compile(r"[a-z][a-z-]*")
_MARK = re.compile(r"\[\[demo\s+(.*?)\]\]", re.DOTALL)


def parse_faults(text: str, onto: Faults = NO_FAULTS) -> Faults:
    """Read fault words and lay them over ``onto``. Raises FaultSyntaxError."""
    faults = onto
    position = 0
    while True:
        position = _skip_separators(text, position)
        if position == len(text):
            return faults
        name, arguments, position = _read_word(text, position)
        reader = _READERS.get(name)
        if reader is None:
            raise FaultSyntaxError(f"unknown fault {name!r}; known: {', '.join(sorted(_READERS))}")
        faults = reader(faults, arguments)
        if arguments:
            raise FaultSyntaxError(f"{name}: does not take {', '.join(sorted(arguments))}")


def split_model(model: str) -> tuple[str, str]:
    """``(name, fault words)`` of a model name; the words are "" where the name holds none."""
    name, mark, words = model.rpartition("@")
    if not mark:
        return model, ""
    word = _WORD.match(words)
    if word is None:
        return model, ""
    says_arguments = words[word.end() : word.end() + 1] in (":", "(")
    if word.group() in _READERS or says_arguments:
        return name, words
    return model, ""


def marked_faults(text: str) -> str:
    """The fault words of all ``[[demo WORDS]]`` marks in a text, "" where there are none."""
    return " ".join(_MARK.findall(text))


def _skip_separators(text: str, position: int) -> int:
    while position < len(text) and text[position] in ",+; \t\r\n":
        position += 1
    return position


def _read_word(text: str, position: int) -> tuple[str, _Arguments, int]:
    match = _WORD.match(text, position)
    if match is None:
        raise FaultSyntaxError(f"expected a fault word at {text[position : position + 20]!r}")
    name, position = match.group(), match.end()
    follows = text[position : position + 1]
    if follows == "(":
        return name, *_read_bracketed(name, text, position + 1)
    if follows == ":" and text[position + 1 : position + 2] == "{":
        return name, *_read_json(name, text, position + 1)
    if follows == ":":
        end = position
        while end < len(text) and text[end] not in ",+; \t\r\n":
            end += 1
        return name, _arguments(name, text[position + 1 : end].split(":")), end
    return name, {}, position


def _read_bracketed(name: str, text: str, start: int) -> tuple[_Arguments, int]:
    end = text.find(")", start)
    if end < 0:
        raise FaultSyntaxError(f"{name}: no closing bracket")
    return _arguments(name, text[start:end].split(",")), end + 1


def _read_json(name: str, text: str, start: int) -> tuple[_Arguments, int]:
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except ValueError as error:
        raise FaultSyntaxError(f"{name}: {error}") from None
    return {key: str(item) for key, item in value.items()}, end


def _arguments(name: str, parts: list[str]) -> _Arguments:
    found: _Arguments = {}
    for index, part in enumerate(parts):
        key, equals, value = part.partition("=")
        key, value = (key.strip(), value.strip()) if equals else (str(index), part.strip())
        if not value or key in found:
            raise FaultSyntaxError(f"{name}: cannot read {part!r}")
        found[key] = value
    return found


def _whole(name: str, value: str | None, default: int | None = None) -> int:
    if value is None and default is not None:
        return default
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 15:
        raise FaultSyntaxError(f"{name}: expected a whole number, got {value!r}")
    return int(value)


def _number(field: str, default: int | None) -> Callable[[Faults, _Arguments], Faults]:
    def read(faults: Faults, arguments: _Arguments) -> Faults:
        value: Any = _whole(field, arguments.pop("0", None), default)
        return replace(faults, **{field: value})

    return read


def _flag(**fields: Any) -> Callable[[Faults, _Arguments], Faults]:
    def read(faults: Faults, arguments: _Arguments) -> Faults:
        return replace(faults, **fields)

    return read


def _fail(faults: Faults, arguments: _Arguments) -> Faults:
    status = _whole("fail", arguments.pop("0", None))
    if not 400 <= status <= 599:
        raise FaultSyntaxError(f"fail: status must be 400 to 599, got {status}")
    retry_after = arguments.pop("1", None) or arguments.pop("retry_after", None)
    body = arguments.pop("body", "json")
    if body not in ("json", "html"):
        raise FaultSyntaxError(f"fail: body must be json or html, got {body!r}")
    return replace(
        faults,
        fail_status=status,
        fail_retry_after_seconds=None if retry_after is None else _whole("fail", retry_after),
        fail_as_html=body == "html",
    )


def _cut(faults: Faults, arguments: _Arguments) -> Faults:
    value = arguments.pop("0", None)
    if value is not None and value.endswith("b"):
        return replace(faults, cut_after_bytes=_whole("cut", value[:-1]), cut_after_events=None)
    return replace(faults, cut_after_events=_whole("cut", value), cut_after_bytes=None)


def _quiet_end(faults: Faults, arguments: _Arguments) -> Faults:
    value = arguments.pop("0", None)
    if value is None:
        return replace(faults, leave_out_final_event=True)
    return replace(faults, end_after_events=_whole("quiet-end", value))


def _usage(faults: Faults, arguments: _Arguments) -> Faults:
    figures = {name: _whole(name, arguments.pop(name, None), 0) for name in USAGE_CLASSES}
    if figures["reasoning"] > figures["output"]:
        raise FaultSyntaxError("usage: reasoning is contained in output and cannot be more")
    return replace(faults, forced_usage=figures, no_usage=False)


def _huge(faults: Faults, arguments: _Arguments) -> Faults:
    size = _whole("huge", arguments.pop("0", None), 1024 * 1024)
    return replace(faults, huge_bytes=min(size, LARGEST_ANSWER_BYTES))


def _words(faults: Faults, arguments: _Arguments) -> Faults:
    count = _whole("words", arguments.pop("0", None))
    return replace(faults, words=min(count, LARGEST_ANSWER_BYTES // 8))


_READERS: dict[str, Callable[[Faults, _Arguments], Faults]] = {
    "slow": _number("slow_ms", None),
    "pace": _number("pace_ms", None),
    "fail": _fail,
    "drop": _flag(drop=True),
    "cut": _cut,
    "stall": _number("stall_after_events", _FIRST_EVENTS),
    "error-event": _number("error_after_events", _FIRST_EVENTS),
    "quiet-end": _quiet_end,
    "garbage": _number("garbage_after_events", _FIRST_EVENTS),
    "no-usage": _flag(no_usage=True, forced_usage=None),
    "zero-usage": _flag(no_usage=False, forced_usage=dict.fromkeys(USAGE_CLASSES, 0)),
    "usage": _usage,
    "wrong-content-type": _flag(wrong_content_type=True),
    "huge": _huge,
    "words": _words,
    "first": _number("first_requests", None),
}

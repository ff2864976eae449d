"""Random requests and answers in the neutral form, of what every dialect can say, and how alike two of them are."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from faregate.conversion.answer import Answer, AnswerPart, Spent, Stop
from faregate.conversion.ask import Ask, Call, Choice, Image, Part, Result, Shape, Text, Thought, Tool, Turn

NAMES = ("openai_chat", "anthropic_messages", "openai_responses", "google_generate")
PAIRS = [(client, upstream) for client in NAMES for upstream in NAMES if client != upstream]

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(lambda text: bool(text.strip()))
"""Blank texts are no words: Messages takes none."""
ids = st.from_regex(r"call_[A-Za-z0-9]{6,20}", fullmatch=True)
tool_names = st.sampled_from(("read_file", "run", "mcp__files__search", "x" * 90, "dots.and/slashes"))
arguments = st.dictionaries(words, st.one_of(words, st.integers(-5, 5), st.booleans(), st.none()), max_size=3).map(
    lambda found: json.dumps(found, ensure_ascii=False, separators=(",", ":"))
)
images = st.builds(Image, st.just("image/png"), st.just("aGVsbG8="), st.just("")) | st.builds(
    Image, st.just(""), st.just(""), st.just("https://example.com/a.png")
)


@st.composite
def rounds(draw: st.DrawFn) -> list[Turn]:
    """A prompt, perhaps some rounds of tools, and a last word of the user."""
    turns = [Turn("user", tuple(draw(st.lists(st.builds(Text, words) | images, min_size=1, max_size=3))))]
    for _ in range(draw(st.integers(0, 2))):
        calls = [
            Call(id, draw(tool_names), draw(arguments))
            for id in draw(st.lists(ids, min_size=1, max_size=3, unique=True))
        ]
        said: list[Part] = [Text(draw(words))] if draw(st.booleans()) else []
        turns.append(Turn("assistant", (*said, *calls)))
        results: list[Part] = [Result(call.id, (Text(draw(words)),)) for call in calls]
        if draw(st.booleans()):
            results.append(Text(draw(words)))
        turns.append(Turn("user", tuple(results)))
    if draw(st.booleans()):
        turns += [Turn("assistant", (Text(draw(words)),)), Turn("user", (Text(draw(words)),))]
    return turns


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """A request that any dialect has room for."""
    system = [Turn("system", (Text(draw(words)),))] if draw(st.booleans()) else []
    chosen = draw(st.lists(tool_names, max_size=3, unique=True))
    schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    tools = tuple(Tool(name, draw(words), schema) for name in chosen)
    choice = None
    if tools:
        choice = draw(
            st.sampled_from((None, Choice("auto"), Choice("any"), Choice("none"), Choice("tool", chosen[0])))
        )
    return Ask(
        "some-model",
        (*system, *draw(rounds())),
        tools,
        choice,
        draw(st.sampled_from((None, False))) if tools else None,
        draw(st.integers(16, 9_999)),
        draw(st.sampled_from((None, 0, 0.5, 1))),
        shape=Shape(schema, strict=True) if draw(st.booleans()) else None,
        stream=draw(st.booleans()),
    )


spents = st.builds(
    Spent,
    input=st.integers(0, 10**6),
    cached=st.integers(0, 10**6),
    cache_write_5m=st.integers(0, 10**6),
    cache_write_1h=st.just(0),
    output=st.integers(1, 10**6),
    reasoning=st.integers(0, 1),
)
"""``reasoning`` is inside ``output``, which is never less."""


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer that any dialect can give: thought, said, called."""
    parts: list[AnswerPart] = []
    if draw(st.booleans()):
        parts.append(Thought(draw(words), "c2lnbmF0dXJl"))
    if draw(st.booleans()):
        parts.append(Text(draw(words)))
    calls = [
        Call(id, draw(st.sampled_from(("read_file", "run"))), draw(arguments))
        for id in draw(st.lists(ids, max_size=3, unique=True))
    ]
    parts += calls
    stops: tuple[Stop, ...] = ("tool",) if calls else ("end", "length")
    return Answer("resp_0123", "some-model", tuple(parts), draw(st.sampled_from(stops)), None, draw(spents))


def content_of(ask: Ask) -> list[Any]:
    """What is said, in order: runs of text of one side as one."""
    found: list[list[Any]] = []
    for turn in ask.turns:
        for part in turn.parts:
            said = [turn.role, type(part).__name__, *_meaning(part)]
            if isinstance(part, Text) and found and found[-1][:2] == said[:2]:
                found[-1][2] += part.text
            else:
                found.append(said)
    return found


def _meaning(part: Part | AnswerPart) -> tuple[Any, ...]:
    if isinstance(part, Call):
        return part.id, part.name, json.loads(part.arguments or "{}")
    if isinstance(part, Result):
        return part.call, "\n".join(each.text for each in part.parts if isinstance(each, Text))
    if isinstance(part, Image):
        return part.data, part.url
    if isinstance(part, Text | Thought):
        return (part.text,)
    return tuple(part)


def meaning_of(answer: Answer) -> list[Any]:
    """What an answer says, in order."""
    return [(type(part).__name__, *_meaning(part)) for part in answer.parts]

"""Edits in the original bytes: decode(splice(body)) == change(decode(body)), and not a byte
more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.dialects import DIALECTS, anthropic_messages, openai_chat
from faregate.dialects.body import read_fields
from faregate.dialects.splice import spans, standings

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(['"model":"m"', "\\", '\\"model\\"', "}{", "stream_options"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["model", "stream_options", "a", "]"]), inner, max_size=3)
    ),
    max_leaves=8,
)
SPACE = st.sampled_from(["", " ", "\n", "\t", "\r\n  "])
OPTIONS = st.none() | st.fixed_dictionaries(
    {}, optional={"include_usage": st.none() | st.booleans(), "include_obfuscation": JSON, "x": JSON}
)


def member(key: str, value: Any) -> tuple[str, Any]:
    return key, value


MEMBERS = st.one_of(
    st.builds(member, st.just("model"), st.text(min_size=1, max_size=6)),
    st.builds(member, st.just("stream_options"), OPTIONS),
    st.builds(member, st.sampled_from(["tools", "x", "", "модель", "mod", '"', "\\"]), JSON),
)


def escaped(text: str) -> str:
    return '"' + "".join(f"\\u{ord(letter):04x}" for letter in text if ord(letter) < 0x10000) + '"'


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """JSON objects with repeated and escaped keys, odd whitespace and decoys inside values."""
    members = draw(st.lists(MEMBERS, max_size=6))
    members += [("model", draw(st.text(min_size=1))), ("messages", draw(st.lists(JSON, max_size=3)))]
    members += [("stream", True)]
    members = draw(st.permutations(members))
    plain = draw(st.booleans())
    texts = []
    for key, value in members:
        space = [("" if plain else draw(SPACE)) for _ in range(4)]
        name = json.dumps(key) if plain or draw(st.booleans()) else escaped(key)
        ascii_only = draw(st.booleans())
        rendered = json.dumps(value, ensure_ascii=ascii_only)
        texts.append(f"{space[0]}{name}{space[1]}:{space[2]}{rendered}{space[3]}")
    start, end = ("", "") if plain else (draw(SPACE), draw(SPACE))
    return f"{start}{{{','.join(texts)}}}{end}".encode("utf-8", "surrogatepass")


def pairs(body: bytes) -> list[tuple[str, Any]]:
    """The top level with its repetitions."""
    decoded = json.loads(body.decode("utf-8", "surrogatepass"), object_pairs_hook=list)
    return [(key, value) for key, value in decoded]


@given(bodies(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_the_model_is_replaced_wherever_it_stands_and_nothing_else(body: bytes, model: str) -> None:
    request = anthropic_messages.read(body)
    spliced = anthropic_messages.upstream_body(request, model)
    changed = [(key, model if key == "model" else value) for key, value in pairs(body)]
    assert pairs(spliced) == changed


@given(bodies())
def test_a_model_that_is_right_already_is_made_right_everywhere(body: bytes) -> None:
    request = anthropic_messages.read(body)
    spliced = anthropic_messages.upstream_body(request, request.model)
    assert pairs(spliced) == [(key, request.model if key == "model" else value) for key, value in pairs(body)]


@pytest.mark.parametrize("first", ['"x"', '""', "1"])
@pytest.mark.parametrize("separator", [",", ", "])
def test_a_second_model_is_found_in_the_fewest_bytes(first: str, separator: str) -> None:
    body = f'{{"model":{first}{separator}"messages":[]{separator}"model":"m"}}'.encode()
    request = anthropic_messages.read(body)
    assert [value for key, value in pairs(anthropic_messages.upstream_body(request, "m")) if key == "model"] == [
        "m"
    ] * 2


def with_usage(value: Any) -> list[tuple[str, Any]]:
    """`stream_options` as pairs with usage asked for, order aside."""
    kept = [] if value is None else [pair for pair in value if pair[0] != "include_usage"]
    return sorted([*kept, ("include_usage", True)], key=repr)


@given(bodies(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_chat_stream_asks_for_usage_and_nothing_else_changes(body: bytes, model: str) -> None:
    request = openai_chat.read(body)
    spliced = pairs(openai_chat.upstream_body(request, model))
    before = pairs(body)
    assert openai_chat.read(openai_chat.upstream_body(request, model)).wants_usage
    if not any(key == "stream_options" for key, _ in before):
        assert spliced.pop(0) == ("stream_options", [("include_usage", True)])
    assert [key for key, _ in spliced] == [key for key, _ in before]
    for (key, after), (_, value) in zip(spliced, before, strict=True):
        if key == "model":
            assert after == model
        elif key == "stream_options" and not request.wants_usage:
            assert sorted(after, key=repr) == with_usage(value)
        else:
            assert after == value


@given(bodies())
def test_both_ways_of_finding_a_value_agree(body: bytes) -> None:
    fields = read_fields(body)
    for key in ("model", "stream_options", "messages"):
        walked = [(span.start, span.end) for span in spans(body, fields) if span.key == key]
        assert standings(body, fields, key) == walked


@pytest.mark.parametrize(
    ("body", "spliced"),
    [
        (b'{"a":12,"a":1,"model":"m","messages":[]}', b'{"a":12,"a":1,"model":"x","messages":[]}'),
        (b'{"messages":["\\"model\\":\\"m\\""],"model" : "m"}', None),
        (b'{"tools":[{"model":"m"}],"messages":[],"model":"m"}', None),
        (b'{"model":"m","messages":[],"model":"cheap"}', b'{"model":"x","messages":[],"model":"x"}'),
        (b'{"mod\\u0065l":"m","messages":[]}', b'{"mod\\u0065l":"x","messages":[]}'),
    ],
)
def test_only_the_top_level_model_is_replaced(body: bytes, spliced: bytes | None) -> None:
    wanted = spliced or body[: body.rindex(b'"m"')] + b'"x"' + body[body.rindex(b'"m"') + 3 :]
    assert anthropic_messages.upstream_body(anthropic_messages.read(body), "x") == wanted


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_a_body_that_needs_no_change_is_passed_as_it_is(dialect: str) -> None:
    body = b'{"model":"m","messages":[]}'
    request = DIALECTS[dialect].read(body)
    assert DIALECTS[dialect].upstream_body(request, "m") is body


def test_a_chat_request_that_does_not_stream_is_not_asked_for_usage() -> None:
    body = b'{"model":"m","messages":[],"stream":false}'
    assert openai_chat.upstream_body(openai_chat.read(body), "m") == body

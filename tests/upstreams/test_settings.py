"""What an operator may say about upstreams, and each mistake with its own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faregate.upstreams.settings import ModelRoute, UpstreamSettingsError, read_upstreams, settings_schema
from faregate.wire.origin import Origin

BASE: dict[str, Any] = {
    "name": "main",
    "dialect": "openai",
    "base_url": "https://api.openai.com/v1/",
    "models": ["gpt-4o"],
    "key_env": "KEY",
}
ENVIRON = {"KEY": "sk-1"}


def test_an_upstream_is_read_whole(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text("sk-ant\n")
    found, other = read_upstreams(
        [
            {**BASE, "headers": {"OpenAI-Project": "p"}, "idle_seconds": 5},
            {
                "name": "claude",
                "dialect": "anthropic",
                "base_url": "http://localhost:8080",
                "models": {"claude-*": "*", "fast": {"upstream": "claude-haiku", "canonical": "anthropic/haiku"}},
                "key_file": str(key_file),
            },
        ],
        ENVIRON,
    )
    assert (found.origin, found.path) == (Origin("https", "api.openai.com", 443), "/v1")
    assert found.credentials == ((b"authorization", b"Bearer sk-1"),)
    assert found.headers == ((b"openai-project", b"p"),)
    assert found.limits.idle_seconds == 5
    assert other.credentials == ((b"x-api-key", b"sk-ant"),)
    assert other.models == (ModelRoute("claude-*"), ModelRoute("fast", "claude-haiku", "anthropic/haiku"))


def test_an_upstream_may_speak_several_dialects_the_first_choice_first() -> None:
    (found,) = read_upstreams([{**BASE, "dialect": ["responses", "openai"]}], ENVIRON)
    assert found.dialects == ("openai_responses", "openai_chat", "openai_embeddings", "openai_images")
    assert read_upstreams([{**BASE, "dialect": "anthropic"}], ENVIRON)[0].dialects == ("anthropic_messages",)


def test_a_key_is_never_shown() -> None:
    assert "sk-1" not in repr(read_upstreams([BASE], ENVIRON))


def test_an_upstream_without_a_key_sends_no_credentials() -> None:
    assert read_upstreams([{**BASE, "key_env": None}], {})[0].credentials == ()


def test_the_header_of_the_key_may_be_named() -> None:
    given = [{**BASE, "key_header": "api-key"}]
    assert read_upstreams(given, ENVIRON)[0].credentials == ((b"api-key", b"sk-1"),)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "name: must not be empty"),
        ({"dialect": "grpc"}, "dialect: 'grpc' is none of openai, responses, anthropic"),
        ({"dialect": ["openai", "grpc"]}, "dialect: 'grpc' is none of"),
        ({"dialect": []}, "dialect: names no dialect"),
        ({"base_url": "api.openai.com"}, "base_url: 'api.openai.com' is no http"),
        ({"base_url": "https://x/v1?a=b"}, "base_url: must have no query"),
        ({"models": []}, "models: names no model"),
        ({"models": {"a": ""}}, "models: a: '' must be a name"),
        ({"models": {"a": "b-*"}}, "models: a: 'b-*' must be a name"),
        ({"models": "gpt"}, "models"),
        ({"key_file": "/k"}, "key_env: and key_file are both given"),
        ({"key_env": "NONE"}, "key_env: NONE is not set"),
        ({"key_env": None, "key_file": "/nowhere/key"}, "key_file: /nowhere/key: No such file"),
        ({"headers": {"Host": "x"}}, "headers: 'Host' cannot be set"),
        ({"headers": {"x": "a\r\nb: c"}}, "headers: a header name or value holds CR"),
        ({"connect_seconds": 0}, "connect_seconds: must be more than 0"),
        ({"idle_seconds": 1e9}, "idle_seconds: must be"),
        ({"api_key": "sk-1"}, "unknown field `api_key`"),
        ({"name": 7}, "Expected `str`, got `int`"),
    ],
)
def test_a_mistake_names_the_upstream_the_field_and_the_problem(change: dict[str, Any], says: str) -> None:
    with pytest.raises(UpstreamSettingsError) as caught:
        read_upstreams([{**BASE, **change}], ENVIRON)
    assert says in str(caught.value)
    assert caught.value.code == "bad_upstream"


def test_a_secret_that_cannot_be_a_header_is_refused_and_not_shown() -> None:
    with pytest.raises(UpstreamSettingsError) as caught:
        read_upstreams([BASE], {"KEY": "sk\nsecret"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("section", [None, {}, ["x"], [{}]])
def test_what_is_no_list_of_upstreams_is_refused(section: object) -> None:
    with pytest.raises(UpstreamSettingsError):
        read_upstreams(section, ENVIRON)


def test_two_upstreams_of_one_name_are_refused() -> None:
    with pytest.raises(UpstreamSettingsError, match="taken"):
        read_upstreams([BASE, BASE], ENVIRON)


def test_the_schema_names_every_field() -> None:
    assert "base_url" in str(settings_schema())

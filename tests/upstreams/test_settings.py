"""What an operator may say about upstreams, and each mistake with its own words."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from faregate.upstreams.settings import ModelRoute, Upstream, read_upstreams, settings_schema
from faregate.upstreams.settings_error import UpstreamSettingsError
from faregate.wire.origin import Origin

BASE: dict[str, Any] = {
    "name": "main",
    "dialect": "openai",
    "base_url": "https://api.openai.com/v1/",
    "models": ["gpt-4o"],
    "key_env": "KEY",
}
ENVIRON = {"KEY": "sk-1", "KEY_2": "sk-2"}


def sent_with(upstream: Upstream) -> list[tuple[bytes, bytes]]:
    """The headers that carry the keys of an upstream."""
    return [header for key in upstream.keys for header in key.credentials]


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
    assert sent_with(found) == [(b"authorization", b"Bearer sk-1")]
    assert found.headers == ((b"openai-project", b"p"),)
    assert found.limits.idle_seconds == 5
    assert sent_with(other) == [(b"x-api-key", b"sk-ant")]
    assert other.models == (ModelRoute("claude-*"), ModelRoute("fast", "claude-haiku", "anthropic/haiku"))


def test_an_upstream_may_speak_several_dialects_the_first_choice_first() -> None:
    (found,) = read_upstreams([{**BASE, "dialect": ["responses", "openai"]}], ENVIRON)
    assert found.dialects == ("openai_responses", "openai_chat", "openai_embeddings", "openai_images")
    assert read_upstreams([{**BASE, "dialect": "anthropic"}], ENVIRON)[0].dialects == ("anthropic_messages",)


def test_a_key_is_never_shown() -> None:
    assert "sk-1" not in repr(read_upstreams([BASE], ENVIRON))


def test_an_upstream_without_a_key_sends_no_credentials() -> None:
    assert sent_with(read_upstreams([{**BASE, "key_env": None}], {})[0]) == []


def test_the_header_of_the_key_may_be_named() -> None:
    given = [{**BASE, "key_header": "api-key"}]
    assert sent_with(read_upstreams(given, ENVIRON)[0]) == [(b"api-key", b"sk-1")]


def test_several_keys_may_be_given_each_with_a_bound_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "third").write_text("sk-3")
    keys = ["KEY", {"env": "KEY_2", "name": "two", "concurrency": 7}, {"file": str(tmp_path / "third")}]
    (found,) = read_upstreams([{**BASE, "key_env": None, "keys": keys, "key_concurrency": 5}], ENVIRON)
    assert [(key.name, key.concurrency) for key in found.keys] == [("KEY", 5), ("two", 7), ("third", 5)]
    assert [value for _, value in sent_with(found)] == [b"Bearer sk-1", b"Bearer sk-2", b"Bearer sk-3"]
    assert "sk-" not in repr(found)


def test_priority_weight_and_bounds_have_defaults() -> None:
    plain, other = read_upstreams(
        [BASE, {**BASE, "name": "b", "priority": -1, "weight": 3, "concurrency": 2}], ENVIRON
    )
    assert (plain.priority, plain.weight, plain.concurrency, plain.cost) == (0, 1, None, None)
    assert (other.priority, other.weight, other.concurrency) == (-1, 3, 2)


@pytest.mark.parametrize("written", [0.7, "0.7", "7/10"])
def test_a_cost_is_an_exact_share_of_list_prices(written: object) -> None:
    (found,) = read_upstreams([{**BASE, "cost": written}], ENVIRON)
    assert found.cost is not None
    assert found.cost.share == Fraction(7, 10)


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
        ({"keys": ["KEY_2"]}, "keys: stands beside key_env"),
        ({"key_env": None, "keys": ["NONE"]}, "key_env: NONE is not set"),
        ({"key_env": None, "keys": [{"name": "a"}]}, "keys: a key has neither"),
        ({"key_env": None, "keys": [{"env": "KEY", "file": "x"}]}, "keys: a key has `env` and `file`"),
        ({"key_env": None, "keys": ["KEY", "KEY"]}, "keys: two keys are called KEY"),
        ({"key_env": None, "keys": ["KEY", {"env": "KEY", "name": "b"}]}, "is the same secret as another"),
        ({"key_env": None, "keys": [{"env": "KEY", "secret": "x"}]}, "unknown field `secret`"),
        ({"priority": 5000}, "priority: must be from -1000 to 1000"),
        ({"weight": 0}, "weight: must be from 1 to 1000"),
        ({"concurrency": 0}, "concurrency: must be from 1"),
        ({"key_concurrency": 0}, "concurrency: must be from 1"),
        ({"cost": "cheap"}, "cost: 'cheap' is no exact number"),
        ({"cost": -1}, "cost: must be from 0 to 1000"),
        ({"cost_prices": "/nowhere.yaml"}, "cost_prices: "),
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

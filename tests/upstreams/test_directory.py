"""Which upstream serves a model."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from faregate.upstreams.channel import Channel
from faregate.upstreams.directory import Directory
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client

UPSTREAMS = read_upstreams(
    [
        {"name": "any", "dialect": "openai", "base_url": "http://a/v1", "models": {"*": "*"}},
        {"name": "exact", "dialect": "openai", "base_url": "http://b/v1", "models": {"gpt": "gpt-2026", "c": "*"}},
        {
            "name": "claude",
            "dialect": ["anthropic", "responses"],
            "base_url": "http://c",
            "models": {"claude-*": "*", "fast": {"upstream": "haiku", "canonical": "anthropic/haiku"}},
        },
    ],
    {},
)


@pytest.fixture
async def directory() -> AsyncIterator[Directory]:
    client = Client(environ={})
    yield Directory(UPSTREAMS, client, created_at=5)
    await client.close()


def first(directory: Directory, model: str, dialect: str) -> Channel | None:
    """The channel that is asked first."""
    route = directory.route(model, dialect)
    return None if route is None else route.groups[0][0]


@pytest.mark.parametrize(
    ("model", "dialect", "upstream", "sent_as", "canonical"),
    [
        ("gpt", "openai_chat", "exact", "gpt-2026", "gpt"),
        ("o9", "openai_chat", "any", "o9", "o9"),
        ("claude-x", "openai_chat", "any", "claude-x", "claude-x"),
        ("claude-x", "anthropic_messages", "claude", "claude-x", "claude-x"),
        ("Claude-X", "anthropic_messages", "claude", "Claude-X", "Claude-X"),
        ("fast", "anthropic_messages", "claude", "haiku", "anthropic/haiku"),
        ("gpt", "anthropic_messages", "exact", "gpt-2026", "gpt"),
    ],
)
async def test_the_clients_dialect_wins_then_an_exact_name_then_the_operators_order(
    directory: Directory, model: str, dialect: str, upstream: str, sent_as: str, canonical: str
) -> None:
    for _ in range(2):
        channel = first(directory, model, dialect)
        assert channel is not None
        assert (channel.name, channel.model, channel.canonical) == (upstream, sent_as, canonical)


@pytest.mark.parametrize(
    ("model", "asked_in", "sent_in"),
    [
        ("claude-x", "openai_responses", "openai_responses"),
        ("claude-x", "anthropic_messages", "anthropic_messages"),
        ("claude-x", "openai_chat", "openai_chat"),
        ("claude-x", "openai_images", "openai_images"),
        ("gpt", "openai_responses", "openai_chat"),
    ],
)
async def test_a_channel_speaks_the_clients_dialect_if_its_upstream_does_else_the_first(
    directory: Directory, model: str, asked_in: str, sent_in: str
) -> None:
    channel = first(directory, model, asked_in)
    assert channel is not None
    assert channel.dialect == sent_in


async def test_a_model_nobody_serves_has_no_channel() -> None:
    client = Client(environ={})
    assert Directory(UPSTREAMS[1:], client).route("o9", "openai_chat") is None
    await client.close()


async def test_the_list_names_what_can_be_asked_for_by_name(directory: Directory) -> None:
    listed = directory.models()
    assert [(model.id, model.owner, model.created_at) for model in listed] == [
        ("c", "exact", 5),
        ("fast", "claude", 5),
        ("gpt", "exact", 5),
    ]


async def test_names_without_end_do_not_fill_the_memory(directory: Directory) -> None:
    for number in range(10_000):
        assert directory.route(f"model-{number}", "openai_chat") is not None
    assert directory.remembered <= 4096

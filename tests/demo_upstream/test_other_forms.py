"""Embeddings and images as the demo upstream speaks them, in the official SDK's types."""

from __future__ import annotations

from base64 import b64decode

import pytest

from faregate.demo_upstream import DemoUpstream
from faregate.demo_upstream.images import TOKENS_PER_PICTURE
from tests.demo_upstream.asgi_call import ask
from tests.demo_upstream.sdk_types import as_embeddings, as_image_event, as_images

EMBEDDINGS, IMAGES = "/v1/embeddings", "/v1/images/generations"


@pytest.mark.parametrize(
    ("given", "count", "tokens"),
    [("12345678", 1, 2), (["1234", "5678"], 2, 2), ([1, 2, 3], 1, 3), ([[1], [2]], 2, 2)],
)
async def test_texts_and_tokens_are_embedded(upstream: DemoUpstream, given: object, count: int, tokens: int) -> None:
    answer = as_embeddings((await ask(upstream, EMBEDDINGS, {"model": "e", "input": given})).value)
    assert (len(answer.data), answer.usage.prompt_tokens, answer.usage.total_tokens) == (count, tokens, tokens)


async def test_vectors_have_the_length_and_the_form_asked_for(upstream: DemoUpstream) -> None:
    asked = {"model": "e", "input": "a", "dimensions": 100}
    plain = (await ask(upstream, EMBEDDINGS, asked)).value["data"][0]["embedding"]
    packed = (await ask(upstream, EMBEDDINGS, {**asked, "encoding_format": "base64"})).value["data"][0]["embedding"]
    assert len(plain) == 100
    assert len(b64decode(packed)) == 400


@pytest.mark.parametrize(("model", "tokens"), [("gpt-image-1", 2 * TOKENS_PER_PICTURE), ("dall-e-3", None)])
async def test_pictures_are_given_as_many_as_asked_for(
    upstream: DemoUpstream, model: str, tokens: int | None
) -> None:
    answer = as_images((await ask(upstream, IMAGES, {"model": model, "prompt": "a cat", "n": 2})).value)
    assert len(answer.data or ()) == 2
    assert (answer.usage.output_tokens if answer.usage else None) == tokens


async def test_a_picture_is_streamed(upstream: DemoUpstream) -> None:
    asked = {"model": "gpt-image-1", "prompt": "a cat", "stream": True, "partial_images": 2}
    events = [as_image_event(event) for event in (await ask(upstream, IMAGES, asked)).events]
    assert [event.type for event in events] == [*["image_generation.partial_image"] * 2, "image_generation.completed"]


@pytest.mark.parametrize(("path", "field"), [(EMBEDDINGS, "input"), (IMAGES, "prompt")])
async def test_what_is_missing_is_a_400_and_faults_hold_here_too(
    upstream: DemoUpstream, path: str, field: str
) -> None:
    refused = await ask(upstream, path, {"model": "m"})
    assert (refused.status, refused.value["error"]["param"]) == (400, field)
    failed = await ask(upstream, path, {"model": "m@fail:503", field: "x"})
    assert failed.status == 503

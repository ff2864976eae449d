"""Checks answers against the types of the official SDKs.

Owns the check: a value must be valid, and hold no field that the SDK does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from anthropic.types import Message, RawMessageStreamEvent
from openai.types import CreateEmbeddingResponse, ImageGenStreamEvent, ImagesResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import CompactedResponse, Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

Model = TypeVar("Model", bound=BaseModel)
_EVENT: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)
_RESPONSE_EVENT: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
_IMAGE_EVENT: TypeAdapter[ImageGenStreamEvent] = TypeAdapter(ImageGenStreamEvent)


def as_chat_completion(value: Any) -> ChatCompletion:
    return _known(ChatCompletion.model_validate(value, strict=True))


def as_chat_chunk(value: Any) -> ChatCompletionChunk:
    return _known(ChatCompletionChunk.model_validate(value, strict=True))


def as_message(value: Any) -> Message:
    return _known(Message.model_validate(value, strict=True))


def as_message_event(value: Any) -> RawMessageStreamEvent:
    return _known(_EVENT.validate_python(value, strict=True))


def as_response(value: Any) -> Response:
    return _known(Response.model_validate(value, strict=True))


def as_response_event(value: Any) -> ResponseStreamEvent:
    return _known(_RESPONSE_EVENT.validate_python(value, strict=True))


def as_compaction(value: Any) -> CompactedResponse:
    return _known(CompactedResponse.model_validate(value, strict=True))


def as_embeddings(value: Any) -> CreateEmbeddingResponse:
    return _known(CreateEmbeddingResponse.model_validate(value, strict=True))


def as_images(value: Any) -> ImagesResponse:
    return _known(ImagesResponse.model_validate(value, strict=True))


def as_image_event(value: Any) -> ImageGenStreamEvent:
    return _known(_IMAGE_EVENT.validate_python(value, strict=True))


def _known(model: Model) -> Model:
    unknown = list(_unknown_fields(model, type(model).__name__))
    assert not unknown, unknown
    return model


def _unknown_fields(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _unknown_fields(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown_fields(item, f"{path}[{index}]")

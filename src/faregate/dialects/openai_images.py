"""OpenAI Images: pictures from a text.

Owns its fields, its stream and its usage. Every picture counts as an image; models that report tokens are counted in
these too. Which of both costs is the price file's to say.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from faregate.core.usage import Usage
from faregate.dialects import openai_errors, sse
from faregate.dialects.body import UNREADABLE, Request, read_count, read_fields, read_flag, read_model
from faregate.dialects.no_conversation import ANSWER_FIELDS, NoConversation
from faregate.dialects.problem import BadBody
from faregate.dialects.reported import Reported, count, record
from faregate.dialects.splice import apply, replace_model
from faregate.dialects.stream import StreamScanner, UpstreamError

name: Final = "openai_images"
paths: Final = ("/v1/images/generations", "/images/generations")
upstream_path: Final = "/images/generations"
request_id_header: Final = openai_errors.request_id_header
answer_fields: Final = ANSWER_FIELDS

error = openai_errors.error
error_event = openai_errors.error_event
refusal = openai_errors.refusal
quota_headers = openai_errors.quota_headers
models_list = openai_errors.models_list
model_entry = openai_errors.model_entry

LONGEST_EVENT_BYTES = 64 * 1024 * 1024
"""An event holds a whole picture."""


class _Picture(msgspec.Struct, gc=False):
    """A picture, of which nothing is read."""


class _Reply(msgspec.Struct, gc=False):
    model: Any = ""
    usage: Any = None
    data: list[_Picture] | None = None


class _Event(msgspec.Struct, gc=False):
    type: Any = ""
    usage: Any = None
    error: Any = None


_REPLY: msgspec.json.Decoder[_Reply] = msgspec.json.Decoder(_Reply)
_EVENT: msgspec.json.Decoder[_Event] = msgspec.json.Decoder(_Event)


def read(body: bytes) -> Request:
    """The cheap decode. Raises BadBody."""
    fields = read_fields(body)
    model = read_model(fields)
    if "prompt" not in fields:
        raise BadBody("field_missing", "`prompt` is missing.", "prompt")
    pictures = read_count(fields, "n") or 1
    return Request(
        body=body,
        fields=fields,
        model=model,
        stream=read_flag(fields, "stream"),
        wants_usage=True,
        max_output=None,
        choices=pictures,
        images=pictures,
    )


def upstream_body(request: Request, model: str) -> bytes:
    """The body with this model. Everything else is byte for byte the same."""
    return apply(request.body, replace_model(request.body, request.fields, request.model, model))


def conversation(request: Request) -> NoConversation:
    """Nobody speaks."""
    return NoConversation(request)


def usage_of_reply(body: bytes) -> Reported | None:
    """The pictures in a JSON reply and the tokens it reports; None when it holds neither."""
    try:
        reply = _REPLY.decode(body)
    except (*UNREADABLE, RecursionError):
        return None
    if reply.data is None and not isinstance(reply.usage, dict):
        return None
    return Reported(_usage(reply.usage, len(reply.data or ())), reply.model if isinstance(reply.model, str) else "")


def output_bytes_of_reply(body: bytes) -> int:
    """None of it is text: what a picture takes in bytes says nothing of its price."""
    return 0


def scanner(request: Request) -> StreamScanner:
    """A scanner; it relays everything."""
    return ImagesScanner()


class ImagesScanner(StreamScanner):
    """Scans `image_generation.partial_image` and `image_generation.completed` events: one of the latter a picture."""

    __slots__ = ()

    _longest_event = LONGEST_EVENT_BYTES

    @property
    def output_bytes(self) -> int:
        """No text."""
        return 0

    def _read_and_measured(self, event: bytes) -> bytes:
        try:
            found = _EVENT.decode(sse.data(event))
        except (*UNREADABLE, RecursionError):
            return event
        if isinstance(found.type, str) and found.type.endswith(".completed"):
            self.ended = True
            before = Usage() if self.reported is None else self.reported.usage
            now = _usage(found.usage, 1)
            added = (one + other for one, other in zip(before[:7], now[:7], strict=True))
            self.reported = Reported(Usage(*added), self.model)
        elif found.error is not None or found.type == "error":
            failure = record(found.error)
            self.error = UpstreamError(
                str(failure.get("code") or failure.get("type") or ""), str(failure.get("message"))
            )
        return event


def _usage(usage: Any, pictures: int) -> Usage:
    told = record(usage)
    cached = count(record(told.get("input_tokens_details")).get("cached_tokens"))
    total = count(told.get("input_tokens"))
    cached = min(cached, total)
    return Usage(total - cached, cached, 0, 0, count(told.get("output_tokens")), pictures)

"""OpenAI Images made from pictures: edits and variations, sent as a form with files or, edits, as JSON.

Owns the fields of the form. Answers, streams and usage are those of pictures from a text.
"""

from __future__ import annotations

from typing import Final

from faregate.dialects import multipart, openai_errors, openai_images
from faregate.dialects.body import MAX_COUNT, Request
from faregate.dialects.no_conversation import NoConversation
from faregate.dialects.problem import BadBody
from faregate.dialects.stream import StreamScanner

EDITS: Final = "/images/edits"
VARIATIONS: Final = "/images/variations"


class OpenAIImageForm:
    """The dialect as one request speaks it: ``upstream_path`` is one of those above, ``content_type`` tells a form
    from JSON."""

    name = openai_images.name
    paths: tuple[str, ...] = ()
    request_id_header = openai_errors.request_id_header
    answer_fields = openai_images.answer_fields

    error = staticmethod(openai_errors.error)
    error_event = staticmethod(openai_errors.error_event)
    refusal = staticmethod(openai_errors.refusal)
    quota_headers = staticmethod(openai_errors.quota_headers)
    models_list = staticmethod(openai_errors.models_list)
    model_entry = staticmethod(openai_errors.model_entry)
    usage_of_reply = staticmethod(openai_images.usage_of_reply)
    output_bytes_of_reply = staticmethod(openai_images.output_bytes_of_reply)

    def __init__(self, upstream_path: str, content_type: bytes) -> None:
        self.upstream_path = upstream_path
        self._is_form = content_type.lstrip()[:10].lower() == b"multipart/"
        self._boundary = multipart.boundary_of(content_type)

    def read(self, body: bytes) -> Request:
        """The cheap decode: no file is looked into. Raises BadBody."""
        if not self._is_form and self.upstream_path == EDITS:
            return openai_images.read(body)
        if self._boundary is None:
            said = "The content type must be multipart/form-data with a boundary and nothing else."
            raise BadBody("body_not_multipart", said)
        parts = multipart.parts_of(body, self._boundary)
        model = multipart.text_of(body, parts, "model")
        if not model:
            raise BadBody("field_missing", "`model` is missing.", "model")
        if self.upstream_path == EDITS and not multipart.text_of(body, parts, "prompt"):
            raise BadBody("field_missing", "`prompt` is missing.", "prompt")
        pictures = _count(multipart.text_of(body, parts, "n"))
        files = [part for part in parts if part.is_file]
        return Request(
            body=body,
            fields={},
            model=model,
            stream=(multipart.text_of(body, parts, "stream") or "").strip().lower() in ("true", "1"),
            wants_usage=True,
            max_output=None,
            choices=pictures,
            images=pictures,
            media=(len(files), sum(part.end - part.start for part in files)),
        )

    def upstream_body(self, request: Request, model: str) -> bytes:
        """The body with this model. Everything else is byte for byte the same."""
        if request.fields or self._boundary is None:
            return openai_images.upstream_body(request, model)
        parts = multipart.parts_of(request.body, self._boundary)
        return multipart.replaced(request.body, parts, "model", model.encode())

    def conversation(self, request: Request) -> NoConversation:
        """Nobody speaks."""
        return NoConversation(request)

    def scanner(self, request: Request) -> StreamScanner:
        """A scanner; it relays everything."""
        return openai_images.scanner(request)


def _count(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadBody("field_wrong_type", "`n` must be a whole number.", "n")
    if not 1 <= int(text) <= MAX_COUNT:
        raise BadBody("field_out_of_range", f"`n` must be between 1 and {MAX_COUNT}.", "n")
    return int(text)

"""Google's generateContent and streamGenerateContent.

Owns its fields, and the names of its paths: the model and whether an answer streams stand there and not in the body,
so a dialect is made for every request. Usage, errors, streams and conversations stand in modules of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

import msgspec

from faregate.dialects import google_errors, google_usage
from faregate.dialects.body import (
    Fields,
    Request,
    read_count,
    read_fields,
    require_list,
    wrong_type,
)
from faregate.dialects.google_conversation import GoogleConversation
from faregate.dialects.google_stream import ArrayScanner, GoogleScanner
from faregate.dialects.problem import BadBody, Problem
from faregate.dialects.splice import Edit, apply, replace_all, standings
from faregate.dialects.stream import StreamScanner

name: Final = "google_generate"
GENERATE, STREAM, COUNT = "generateContent", "streamGenerateContent", "countTokens"
METHODS: Final = (GENERATE, STREAM, COUNT)

_SETTINGS = ("generationConfig", "generation_config")
_NESTED = "generateContentRequest"
_KEPT = ("cachedContent", "cached_content")


class GoogleGenerate:
    """The dialect as one path speaks it: for ``model``, as a stream or not; ``array``: of one JSON array."""

    name = name
    paths: tuple[str, ...] = ()
    request_id_header = google_errors.request_id_header
    answer_fields = ("candidates", "promptFeedback")

    error = staticmethod(google_errors.error)
    refusal = staticmethod(google_errors.refusal)
    quota_headers = staticmethod(google_errors.quota_headers)
    models_list = staticmethod(google_errors.models_list)
    model_entry = staticmethod(google_errors.model_entry)
    usage_of_reply = staticmethod(google_usage.usage_of_reply)
    output_bytes_of_reply = staticmethod(google_usage.output_bytes_of_reply)

    def __init__(self, model: str = "", *, stream: bool = False, array: bool = False) -> None:
        self.model = model
        self.stream = stream
        self.array = array

    @property
    def upstream_path(self) -> str:
        """Path on an upstream that calls the model as the client does."""
        return self.path_for(self.model)

    def path_for(self, model: str) -> str:
        """Path on an upstream that calls the model ``model``."""
        return f"/models/{quote(model, safe='')}:{STREAM if self.stream else GENERATE}"

    def read(self, body: bytes) -> Request:
        """The cheap decode. Raises BadBody."""
        fields = read_fields(body)
        require_list(fields, "contents")
        for field in _KEPT:
            if field in fields:
                advice = "what an upstream keeps is open to all who know its name; send the contents"
                raise BadBody("field_not_served", f"`{field}` is not served here: {advice}.", field)
        settings = _settings(fields)
        return Request(
            body=body,
            fields=fields,
            model=self.model,
            stream=self.stream,
            wants_usage=True,
            max_output=_count(settings, "maxOutputTokens", "max_output_tokens"),
            choices=_count(settings, "candidateCount", "candidate_count") or 1,
        )

    def upstream_body(self, request: Request, model: str) -> bytes:
        """The body as it is: the model stands in the path. Where the body names one too, that is put right."""
        return apply(request.body, _named(request.body, request.fields, model))

    def conversation(self, request: Request) -> GoogleConversation:
        """A lazy view of the conversation."""
        return GoogleConversation(request)

    def scanner(self, request: Request) -> StreamScanner:
        """A scanner; it relays everything."""
        return self.framed(GoogleScanner(request.choices))

    def framed(self, scanner: StreamScanner) -> StreamScanner:
        """``scanner``, in the form that was asked for."""
        return ArrayScanner(scanner) if self.array else scanner

    def error_event(
        self, problem: Problem, message: str, *, request_id: str = "", stream: StreamScanner | None = None
    ) -> bytes:
        """The array's last element; between events an object that is none, as Google breaks a stream off.

        Its SDKs look for that: the one for JavaScript, and Gemini CLI on it, overlooks an event that is an error.
        """
        said = google_errors.error_object(problem, message)
        if isinstance(stream, ArrayScanner):
            return stream.broken_off(said)
        return said + b"\r\n\r\n"


class GoogleCount(GoogleGenerate):
    """countTokens of one model: contents, or a whole request inside."""

    count_paths: tuple[str, ...] = ()

    @property
    def upstream_count_path(self) -> str:
        """Path on an upstream that calls the model as the client does."""
        return self.path_for(self.model)

    def path_for(self, model: str) -> str:
        """Path on an upstream that calls the model ``model``."""
        return f"/models/{quote(model, safe='')}:{COUNT}"

    def read(self, body: bytes) -> Request:
        """The cheap decode. Raises BadBody."""
        fields = read_fields(body)
        if _NESTED not in fields:
            require_list(fields, "contents")
        else:
            _nested(bytes(fields[_NESTED]))
        return Request(body, fields, self.model, stream=False, wants_usage=True, max_output=None)

    def upstream_body(self, request: Request, model: str) -> bytes:
        """The body with this model wherever it names one."""
        body, fields = request.body, request.fields
        edits = _named(body, fields, model)
        for start, end in standings(body, fields, _NESTED) if _NESTED in fields else ():
            inner = body[start:end]
            for edit in _named(inner, _nested(inner), model):
                edits.append(Edit(edit.start + start, edit.end + start, edit.new))
        return apply(body, sorted(edits))

    def counted(self, tokens: int) -> bytes:
        """The answer to a question for the tokens of an input."""
        return msgspec.json.encode({"totalTokens": tokens})


DIALECT: Final = GoogleGenerate()
"""For what is said about no model in particular: lists and errors."""


def at(model: str, method: str, forms: Sequence[str]) -> GoogleGenerate | GoogleCount:
    """The dialect of a path. ``forms``: what the query says of the answer's form."""
    if method == COUNT:
        return GoogleCount(model)
    stream = method == STREAM
    return GoogleGenerate(model, stream=stream, array=stream and "sse" not in forms)


def named_in(path: str) -> tuple[str, str] | None:
    """(model, method) of what follows `models/` in a path, decoded; None where it names no method of these."""
    model, _, method = path.rpartition(":")
    return (model, method) if model and method in METHODS else None


def _settings(fields: Fields) -> Fields:
    for field in _SETTINGS:
        raw = fields.get(field)
        if raw is not None and bytes(raw) != b"null":
            try:
                return read_fields(bytes(raw))
            except BadBody:
                raise wrong_type(field, "an object") from None
    return {}


def _count(settings: Fields, field: str, other: str) -> int | None:
    found = read_count(settings, field)
    return read_count(settings, other) if found is None else found


def _nested(raw: bytes) -> Fields:
    try:
        return read_fields(raw)
    except BadBody:
        raise wrong_type(_NESTED, "an object") from None


def _named(body: bytes, fields: Fields, model: str) -> list[Edit]:
    """Edits of a `model` in the body: it has no say, but an upstream may find that two are named."""
    if "model" not in fields:
        return []
    return replace_all(body, fields, "model", msgspec.json.encode(f"models/{model}"))

"""The nouns between reading a request and writing its answer, shared by both dialects.

Owns the shape of a request once read, the usage figures, the reply, and what a dialect must be
able to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from faregate.demo_upstream.answer import Answer, Wishes
from faregate.demo_upstream.faults import Faults
from faregate.demo_upstream.prefix_cache import InputTokens, PrefixCache
from faregate.demo_upstream.prompt_blocks import PromptBlock


class BadRequest(ValueError):
    """A body that the dialect does not accept; ``param`` names the field."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class Request(NamedTuple):
    """A generation request in any dialect. ``model`` is the name without fault words.

    ``body`` is kept by dialects whose answers repeat parts of it, ``forms`` tells tools that are called otherwise
    than plain functions are; ``compacts``: a shorter history is asked for in place of an answer.
    """

    model: str
    model_faults: str
    stream: bool
    messages: list[dict[str, Any]]
    blocks: list[PromptBlock]
    wishes: Wishes
    include_usage: bool = True
    show_thinking: bool = True
    choices: int = 1
    body: Mapping[str, Any] = MappingProxyType({})
    forms: Mapping[str, Any] = MappingProxyType({})
    compacts: bool = False


class TokenUse(NamedTuple):
    """What is reported. ``input`` is uncached input; ``reasoning`` is contained in ``output``."""

    input: int
    cached: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int

    @property
    def total_input(self) -> int:
        return self.input + self.cached + self.cache_write_5m + self.cache_write_1h


class Reply(NamedTuple):
    """All that a dialect needs to write its answer.

    ``created`` is in whole seconds; ``use`` is ``None`` where no usage is to be reported.
    """

    id: str
    created: int
    request: Request
    answer: Answer
    use: TokenUse | None


class Dialect(Protocol):
    """One API form."""

    def read(self, body: dict[str, Any]) -> Request:
        """Raises BadRequest."""

    def input_tokens(self, cache: PrefixCache, scope: str, request: Request, now: int) -> InputTokens: ...

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The JSON body."""

    def events(self, reply: Reply) -> Iterator[bytes]:
        """The stream, event by event; the last is the one that says that it is whole."""

    def error(self, status: int, message: str, param: str | None = None) -> dict[str, Any]: ...

    def error_event(self) -> bytes: ...

    def id_headers(self, request_id: str) -> list[tuple[bytes, bytes]]: ...


def token_use(tokens: InputTokens, answer: Answer, faults: Faults, choices: int) -> TokenUse | None:
    """What to report, given what was counted and what the request was told."""
    if faults.no_usage:
        return None
    if faults.forced_usage is not None:
        return TokenUse(**faults.forced_usage)
    return TokenUse(
        tokens.uncached,
        tokens.cached,
        tokens.written_5m,
        tokens.written_1h,
        answer.output_tokens * choices,
        answer.reasoning_tokens * choices,
    )


def objects(body: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """A field that must be a list of objects with something in it. Raises BadRequest."""
    value = body.get(field)
    if not isinstance(value, list) or not value:
        raise BadRequest(f"{field}: a list with at least one item is required", field)
    if not all(isinstance(item, dict) for item in value):
        raise BadRequest(f"{field}: every item must be an object", field)
    return value


def listed(body: dict[str, Any], field: str) -> list[Any]:
    """A field that is a list where it is given; nothing where it is something else."""
    value = body.get(field)
    return value if isinstance(value, list) else []


def model_name(body: dict[str, Any]) -> str:
    """The ``model`` as sent. Raises BadRequest."""
    value = body.get("model")
    if not isinstance(value, str) or not value:
        raise BadRequest("model: a name is required", "model")
    return value


def positive(body: Mapping[str, Any], field: str) -> int | None:
    """A field that is a whole number of at least 1 where it is given. Raises BadRequest."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadRequest(f"{field}: a whole number of at least 1 is required", field)
    return value

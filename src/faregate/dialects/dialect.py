"""The shape of a dialect: what the gate may ask of every one. A dialect is a module with these
names.

Owns the protocol and the values that cross it. Does not know any one API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from faregate.dialects.body import Request
from faregate.dialects.conversation import Conversation
from faregate.dialects.problem import Problem
from faregate.dialects.quota import Headers, Quota, QuotaRefusal
from faregate.dialects.reported import Reported
from faregate.dialects.stream import StreamScanner


class Model(NamedTuple):
    """One line of the models list. ``created_at``: microseconds UTC."""

    id: str
    display_name: str
    created_at: int
    owner: str = "faregate"


class ErrorReply(NamedTuple):
    """A whole error response. Header names are lower case."""

    status: int
    headers: Headers
    body: bytes


class Dialect(Protocol):
    """All functions are pure; none keeps or changes anything."""

    @property
    def name(self) -> str:
        """Stable name, as in config and usage rows."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths whose requests generate (and are metered), without the query."""

    @property
    def upstream_path(self) -> str:
        """Path on an upstream, after its base URL (which ends in the API version)."""

    @property
    def request_id_header(self) -> bytes:
        """Where the dialect's SDKs look for the id of a request."""

    @property
    def answer_fields(self) -> tuple[str, ...]:
        """One of these is in every JSON reply that holds an answer."""

    def read(self, body: bytes) -> Request:
        """The cheap decode, one pass. Raises BadBody."""

    def upstream_body(self, request: Request, model: str) -> bytes:
        """The bytes to send: model replaced, usage asked for, the rest untouched."""

    def conversation(self, request: Request) -> Conversation:
        """A lazy view of who speaks and what was said last; costs nothing until asked."""

    def usage_of_reply(self, body: bytes) -> Reported | None:
        """Usage in a JSON reply; None when not reported (zero reported is zero)."""

    def output_bytes_of_reply(self, body: bytes) -> int:
        """Bytes of generated text in a JSON reply, for an estimate when no usage is reported."""

    def scanner(self, request: Request) -> StreamScanner:
        """A fresh scanner for one stream of this request."""

    def error(
        self,
        problem: Problem,
        message: str,
        *,
        field: str | None = None,
        code: str | None = None,
        request_id: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> ErrorReply:
        """A whole error response; ``code`` and ``field`` refine it where the dialect has room."""

    def error_event(
        self, problem: Problem, message: str, *, request_id: str = "", stream: StreamScanner | None = None
    ) -> bytes:
        """An error inside a stream that has begun, of which ``stream`` has seen so much; afterwards the connection is
        to be dropped."""

    def refusal(self, refused: QuotaRefusal, now: int, *, tool: str = "", request_id: str = "") -> ErrorReply:
        """A quota refusal in the form that makes clients of this dialect stop or wait rightly. ``tool`` is the coding
        tool that calls, by its stable name; '' where none is vouched for."""

    def quota_headers(self, quota: Quota, now: int) -> Headers:
        """What is left, for any response."""

    def models_list(self, models: Sequence[Model]) -> bytes:
        """The body of the models list."""

    def model_entry(self, model: Model) -> bytes:
        """The body of one model's entry."""


class CountingDialect(Dialect, Protocol):
    """A dialect whose clients may ask how many tokens an input has."""

    @property
    def count_paths(self) -> tuple[str, ...]:
        """Paths that count and cost nothing: no rate limit, no charge, no prompt."""

    @property
    def upstream_count_path(self) -> str:
        """Their path on an upstream, after its base URL."""

    def counted(self, tokens: int) -> bytes:
        """The body of an answer of ours."""

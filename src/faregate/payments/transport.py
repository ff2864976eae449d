"""Asking a payment provider over HTTP.

Owns the time limits, the size limits and what may be sent twice. Every end of a request is told apart: an answer, or
no answer with the reason why nobody knows. Does not sign and does not read answers.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from faregate.app.payments_port import Problem
from faregate.wire.call import CallLimits
from faregate.wire.client import Client
from faregate.wire.failures import ConnectTimeoutError, FirstByteTimeoutError, IdleTimeoutError, WireError
from faregate.wire.headers import Header

ANSWER_BYTES = 2 * 1024 * 1024
_TIMEOUTS = (ConnectTimeoutError, FirstByteTimeoutError, IdleTimeoutError)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """What was asked may or may not have happened; ``sent`` is False when it surely has not."""

    def __init__(self, problem: Problem, *, sent: bool) -> None:
        super().__init__(problem.message)
        self.problem, self.sent = problem, sent


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """``answer_seconds``: from the request to the answer's first byte."""

    connect_seconds: float = 10.0
    answer_seconds: float = 30.0


class Transport:
    """Requests to one base URL. Make it inside a running loop; ``close`` it at the end.

    ``tls`` defaults to the system's certificates, with host names verified. Redirects are not followed.
    """

    def __init__(
        self,
        base_url: str,
        limits: TransportLimits,
        environ: Mapping[str, str],
        tls: ssl.SSLContext | None = None,
        sweep_seconds: float = 0.25,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._client = Client(tls=tls, environ=environ, sweep_seconds=sweep_seconds)
        self._limits = CallLimits(
            connect_seconds=limits.connect_seconds,
            first_byte_seconds=limits.answer_seconds,
            idle_seconds=limits.answer_seconds,
            body_bytes=ANSWER_BYTES,
        )

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", *, repeatable: bool
    ) -> Answer:
        """Send once, and once more where that is safe: nothing had been sent, or ``repeatable``. Raises NoAnswer.

        ``path`` begins with ``/`` and carries its query. ``repeatable``: a second one changes nothing more.
        """
        try:
            return await self._once(method, path, headers, body)
        except NoAnswer as failure:
            if failure.sent and not repeatable:
                raise
        return await self._once(method, path, headers, body)

    async def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        sent: list[Header] = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        try:
            response = await self._client.request(
                method, self.base_url + path, headers=sent, body=body, limits=self._limits
            )
            content = await response.read()
        except WireError as error:
            code = "timed_out" if isinstance(error, _TIMEOUTS) else "unreachable"
            raise NoAnswer(Problem(code, str(error)), sent=error.sent) from error
        found = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status, found, content)

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

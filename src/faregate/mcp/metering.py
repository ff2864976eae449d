"""A call of a tool, metered: held before its back end is asked, settled when it answered, released when it did not.

Owns that order, and that a hold is closed once whatever happens. A caller that goes away changes nothing: the call
under way is finished and charged, within the back end's own time limit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from faregate.app.catalogue_port import Receipt
from faregate.app.idempotency import MAX_KEY_BYTES, Claim, Idempotency
from faregate.app.settlement import FIRST_PAUSE_SECONDS, Settlement
from faregate.app.standing import MODEL_REASONS, refusal_of
from faregate.app.store_errors import StoreError
from faregate.core.request import Admitted, Refused, Request
from faregate.dialects.instant import rfc3339_ceil
from faregate.dialects.quota import message_of
from faregate.mcp.counters import Counters
from faregate.mcp.ports import Ports
from faregate.mcp.tool import Answer, BackEndFailure, BadArgument, Tool, ToolCaller

logger = logging.getLogger(__name__)

_OK: Final = "ok"
_NOT_CHARGED: Final = "Nothing was charged."
_NO_BOOKS: Final = f"The gate cannot keep its books right now; try again later. {_NOT_CHARGED}"


class Told(NamedTuple):
    """What a caller is told: an answer, or in ``problem`` why there is none. ``request`` '' : nothing was held.

    ``reopens_at`` as RFC 3339 where waiting helps, ``refused_by`` the window or pool that refused.
    """

    request: str = ""
    answer: Answer | None = None
    problem: str = ""
    refused_by: str = ""
    reopens_at: str = ""


class Metering:
    """Carries out calls. ``finish`` at the end."""

    def __init__(self, ports: Ports, first_pause_seconds: float = FIRST_PAUSE_SECONDS) -> None:
        self.counters = Counters()
        self._ports = ports
        self._settlement = Settlement(ports.ledger, ports.clock, self.counters, first_pause_seconds)
        self._idempotency = Idempotency(ports.receipts, ports.ledger)
        self._tasks: set[asyncio.Task[Told]] = set()

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: ToolCaller, key: str = "") -> Told:
        """Use ``tool``; ``key`` is the caller's idempotency key, '' for none. Never raises but when cancelled."""
        self.counters.calls += 1
        task = asyncio.get_running_loop().create_task(self._call(tool, arguments, caller, key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def finish(self, seconds: float) -> int:
        """Give calls under way so long, release the others, wait for the books; returns holds not closed."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return await self._settlement.finish(seconds)

    async def _call(self, tool: Tool, arguments: Mapping[str, Any], caller: ToolCaller, key: str) -> Told:
        try:
            estimate = tool.estimate(arguments)
        except BadArgument as bad:
            return Told(problem=f"{bad} {_NOT_CHARGED}")
        now = self._ports.clock()
        request = self._ports.request_ids.new(caller.account, now)
        claimed = self._claimed(tool, arguments, caller, key, request, now)
        if isinstance(claimed, Told):
            return claimed
        asker = caller.client, caller.key, caller.session
        wanted = Request(request, tool.model, estimate, *asker, billing=caller.billing, kind=caller.key_kind)
        asked: asyncio.Future[Admitted | Refused] | None = None
        try:
            asked = self._ports.ledger.admit(caller.account, wanted, now, claimed)
            await asyncio.wait((asked,), timeout=self._ports.patience_seconds)
            if not asked.done():
                asked.add_done_callback(lambda late: self._undo(late, caller.account, request, claimed))
                logger.error("the books did not say in time whether a use of %s was admitted", tool.name)
                return Told(problem=_NO_BOOKS)
            decided = asked.result()
        except StoreError as problem:
            self._give_up(request, claimed)
            logger.error("the books cannot be written: %s", problem)
            return Told(problem=_NO_BOOKS)
        except BaseException:
            if asked is None or asked.done():
                self._give_up(request, claimed)
            else:
                asked.add_done_callback(lambda late: self._undo(late, caller.account, request, claimed))
            raise
        if isinstance(decided, Refused):
            self._give_up(request, claimed)
            self.counters.refused += 1
            return self._refused(tool, decided, caller)
        self.counters.open += 1
        return await self._held(tool, arguments, caller, request, claimed)

    async def _held(
        self, tool: Tool, arguments: Mapping[str, Any], caller: ToolCaller, request: str, receipt: Receipt | None
    ) -> Told:
        """Ask the back end and close the hold."""

        def closed() -> None:
            if receipt is not None:
                self._idempotency.end(receipt)

        reason, problem = "internal_error", "The gate failed on this call."
        try:
            answer = await tool.use(arguments, caller)
            if not answer.is_error:
                facts = {**answer.facts, "upstream": answer.upstream, "outcome": _OK}
                reason = ""
                self._settlement.settle(caller.account, request, answer.usage, facts, closed)
                return Told(request, answer)
            reason = "tool_error"
            return Told(request, answer)
        except BackEndFailure as failure:
            reason, problem = failure.code, str(failure)
        except BadArgument as bad:
            reason, problem = "bad_argument", str(bad)
        except asyncio.CancelledError:
            reason = "shutdown"
            raise
        except Exception:
            logger.exception("a tool failed inside the gate")
        finally:
            if reason:
                self.counters.failed += 1
                self._settlement.release(caller.account, request, reason, closed)
        return Told(request, problem=f"{problem} {_NOT_CHARGED}")

    def _claimed(
        self, tool: Tool, arguments: Mapping[str, Any], caller: ToolCaller, key: str, request: str, now: int
    ) -> Receipt | Told | None:
        """The receipt to keep with the hold; what to tell of a key that was used before."""
        if not key:
            return None
        if len(key.encode()) > MAX_KEY_BYTES:
            return Told(problem=f"The idempotency key is longer than {MAX_KEY_BYTES} bytes. {_NOT_CHARGED}")
        body = msgspec.json.encode([tool.model, arguments], order="sorted")
        claimed = self._idempotency.claim(caller.account, key, body, request, now)
        if claimed.claim is Claim.FREE:
            return claimed.receipt
        if claimed.claim is Claim.ANOTHER_BODY:
            return Told(problem=f"This idempotency key was used with other arguments. {_NOT_CHARGED}")
        told = f"This idempotency key was used before, by request {claimed.first}; nothing was charged again."
        return Told(claimed.first, problem=told)

    def _refused(self, tool: Tool, refused: Refused, caller: ToolCaller) -> Told:
        if refused.reason in MODEL_REASONS:
            return Told(problem=f"No plan of yours includes the tool `{tool.name}` ({refused.reason}).")
        refusal = refusal_of(refused, self._ports.ledger.standing(caller.account), self._ports.clock())
        at = rfc3339_ceil(refused.retry_at) if refused.retry_at is not None else ""
        said = message_of(refusal, self._ports.clock())
        return Told(problem=f"{said} {_NOT_CHARGED}", refused_by=refusal.subject, reopens_at=at)

    def _undo(
        self, late: asyncio.Future[Admitted | Refused], account: str, request: str, receipt: Receipt | None
    ) -> None:
        """What was decided when the caller had been told that it was not is given back."""
        if late.cancelled() or late.exception() is not None or isinstance(late.result(), Refused):
            self._give_up(request, receipt)
            return
        self.counters.open += 1
        self._settlement.release(
            account, request, "not_admitted", None if receipt is None else lambda: self._idempotency.end(receipt)
        )

    def _give_up(self, request: str, receipt: Receipt | None) -> None:
        """Nothing is held for this request."""
        self._ports.ledger.forget(request)
        if receipt is not None:
            self._idempotency.end(receipt)

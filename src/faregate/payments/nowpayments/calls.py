"""Calls of NowPayments' API.

Making a payment knows no idempotency key: a second one is another address, which nobody pays to who was not shown it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from faregate.app.payments_port import Problem
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.outcomes import NobodyKnows, SaidNo, contradiction, raise_for_status
from faregate.payments.secret import Secret
from faregate.payments.transport import NoAnswer, Transport

_TOO_SMALL = ("AMOUNT_MINIMAL_ERROR", "AMOUNT_TOO_SMALL")


class NowPaymentsCalls:
    """Every one raises SaidNo or NobodyKnows."""

    def __init__(self, api_key: Secret, transport: Transport) -> None:
        self._key, self._transport = api_key, transport

    async def make_payment(self, content: dict[str, Any]) -> Fields:
        return await self._ask("POST", "/v1/payment", msgspec.json.encode(content))

    async def payment(self, payment: str) -> Fields:
        return await self._ask("GET", f"/v1/payment/{quote(payment, safe='')}")

    async def _ask(self, method: str, path: str, body: bytes = b"") -> Fields:
        headers = {"x-api-key": self._key.value, "accept": "application/json"}
        if body:
            headers["content-type"] = "application/json"
        try:
            answer = await self._transport.ask(method, path, headers, body, repeatable=method == "GET")
        except NoAnswer as failure:
            raise NobodyKnows(failure.problem) from failure
        raise_for_status(answer)
        try:
            fields = read_fields(answer.body)
            if answer.status < 300:
                return fields
            words, message = fields.text("code") or "", fields.text("message") or f"status {answer.status}"
        except Unreadable as failure:
            raise contradiction(f"the answer {failure}") from failure
        code = "amount_too_small" if words in _TOO_SMALL else "not_found" if answer.status == 404 else "rejected"
        raise SaidNo(Problem(code, message[:200]), words)

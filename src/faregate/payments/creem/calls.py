"""Calls of Creem's API.

Owns its key, its idempotency header and what its statuses mean.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from faregate.app.payments_port import Problem
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.outcomes import NobodyKnows, SaidNo, contradiction, raise_for_status
from faregate.payments.secret import Secret
from faregate.payments.transport import Answer, NoAnswer, Transport


class CreemCalls:
    """Every one raises SaidNo or NobodyKnows."""

    def __init__(self, api_key: Secret, transport: Transport) -> None:
        self._key, self._transport = api_key, transport

    async def product(self, product: str) -> Fields:
        return await self._ask("GET", f"/v1/products?product_id={quote(product, safe='')}")

    async def make_product(self, content: dict[str, Any], key: str) -> Fields:
        return await self._ask("POST", "/v1/products", content, f"{key}:product")

    async def make_checkout(self, content: dict[str, Any], key: str) -> Fields:
        return await self._ask("POST", "/v1/checkouts", content, key)

    async def checkout(self, checkout: str) -> Fields:
        return await self._ask("GET", f"/v1/checkouts?checkout_id={quote(checkout, safe='')}")

    async def transaction(self, transaction: str) -> Fields:
        return await self._ask("GET", f"/v1/transactions?transaction_id={quote(transaction, safe='')}")

    async def refund(self, transaction: str, key: str) -> Fields:
        """Gives back all that is left of a transaction: the API knows no parts."""
        return await self._ask("POST", "/v1/refunds", {"transaction_id": transaction}, key)

    async def subscription(self, subscription: str) -> Fields:
        return await self._ask("GET", f"/v1/subscriptions?subscription_id={quote(subscription, safe='')}")

    async def cancel_subscription(self, subscription: str) -> Fields:
        return await self._ask(
            "POST", f"/v1/subscriptions/{quote(subscription, safe='')}/cancel", {"mode": "immediate"}
        )

    async def _ask(self, method: str, path: str, content: dict[str, Any] | None = None, key: str = "") -> Fields:
        headers = {"x-api-key": self._key.value, "accept": "application/json"}
        if content is not None:
            headers["content-type"] = "application/json"
        if key:
            headers["idempotency-key"] = key
        body = b"" if content is None else msgspec.json.encode(content)
        try:
            answer = await self._transport.ask(method, path, headers, body, repeatable=method == "GET")
        except NoAnswer as failure:
            raise NobodyKnows(failure.problem) from failure
        return _read(answer)


def _read(answer: Answer) -> Fields:
    raise_for_status(answer)
    try:
        fields = read_fields(answer.body)
    except Unreadable as failure:
        raise contradiction(f"the answer {failure}") from failure
    if answer.status < 300:
        return fields
    try:
        words = fields.text("message") or fields.text("error") or f"status {answer.status}"
    except Unreadable:
        words = f"status {answer.status}"
    raise SaidNo(Problem("not_found" if answer.status == 404 else "rejected", words[:200]), str(answer.status))

"""Calls of Stripe's API through its own library.

Owns the bridge from that library to our HTTP client, the idempotency keys, and what its errors mean. The library
never retries by itself: ``transport`` does, where that is safe, and with the same idempotency key it always is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import stripe

from faregate.app.payments_port import Problem
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.outcomes import NobodyKnows, SaidNo, contradiction
from faregate.payments.secret import Secret
from faregate.payments.transport import NoAnswer, Transport

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams
    from stripe.params.checkout import SessionCreateParams

_DECLINES = {
    "insufficient_funds": "insufficient_funds",
    "authentication_required": "authentication_required",
    "amount_too_small": "amount_too_small",
    "charge_already_refunded": "rejected",
}
"""Stripe's code or decline code -> ours; any other decline is ``declined``."""


class _WireClient(stripe.HTTPClient):
    """Stripe's library speaking through our transport."""

    name = "faregate"

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None, **_: Any
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """As the library wants it: body, status, headers. Raises NoAnswer."""
        body = post_data.encode() if isinstance(post_data, str) else (post_data or b"")
        path = url.removeprefix(self._transport.base_url)
        given = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
        answer = await self._transport.ask(method.upper(), path, given, body, repeatable=True)
        return answer.body, answer.status, answer.headers

    async def sleep_async(self, secs: float) -> None:
        """Never asked for: the library does not retry."""


class _Returned(Protocol):
    @property
    def last_response(self) -> Any: ...


class StripeCalls:
    """The few calls that are needed. Every one raises SaidNo or NobodyKnows, and gives the answer's own JSON."""

    def __init__(self, api_key: Secret, transport: Transport) -> None:
        stripe.enable_telemetry = False
        self._v1 = stripe.StripeClient(
            api_key.value,
            base_addresses={"api": transport.base_url},
            http_client=_WireClient(transport),
            max_network_retries=0,
        ).v1

    async def create_session(self, params: SessionCreateParams, key: str) -> Fields:
        return await _read(self._v1.checkout.sessions.create_async(params, {"idempotency_key": key}))

    async def session(self, reference: str) -> Fields:
        return await _read(self._v1.checkout.sessions.retrieve_async(reference))

    async def expire_session(self, reference: str) -> Fields:
        return await _read(self._v1.checkout.sessions.expire_async(reference))

    async def create_intent(self, params: PaymentIntentCreateParams, key: str) -> Fields:
        return await _read(self._v1.payment_intents.create_async(params, {"idempotency_key": key}))

    async def intent(self, reference: str) -> Fields:
        return await _read(self._v1.payment_intents.retrieve_async(reference))

    async def create_refund(self, params: RefundCreateParams, key: str) -> Fields:
        return await _read(self._v1.refunds.create_async(params, {"idempotency_key": key}))

    async def refund(self, reference: str) -> Fields:
        return await _read(self._v1.refunds.retrieve_async(reference))

    async def payment_method(self, reference: str) -> Fields:
        return await _read(self._v1.payment_methods.retrieve_async(reference))

    async def detach(self, payment_method: str) -> Fields:
        return await _read(self._v1.payment_methods.detach_async(payment_method))


async def _read(call: Awaitable[_Returned]) -> Fields:
    try:
        returned = await call
        return read_fields(returned.last_response.body)
    except NoAnswer as failure:
        raise NobodyKnows(failure.problem) from failure
    except Unreadable as failure:
        raise contradiction(f"the answer {failure}") from failure
    except stripe.StripeError as failure:
        raise _ended(failure) from failure


def _ended(failure: stripe.StripeError) -> SaidNo | NobodyKnows:
    status = failure.http_status or 0
    message = failure.user_message or f"status {status}"
    if isinstance(failure, stripe.AuthenticationError | stripe.PermissionError):
        return NobodyKnows(Problem("unauthorised", "Stripe refuses our key"))
    if status in (409, 429) or not 400 <= status < 500:
        return NobodyKnows(Problem("server_error", f"status {status}"))
    error = failure.error
    words = str(getattr(error, "decline_code", None) or failure.code or "")
    if isinstance(failure, stripe.CardError):
        return SaidNo(Problem(_DECLINES.get(words, "declined"), message), words)
    if status == 404 or words == "resource_missing":
        return SaidNo(Problem("not_found", message), words)
    return SaidNo(Problem(_DECLINES.get(words, "rejected"), message), words)

"""Calls of Alipay's gateway.

Owns the public parameters, the verification of answers, and what their codes mean. 10000 is yes, 10003 is not yet,
40004 is no with a reason, everything else is unsure or our own mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from faregate.app.payments_port import Problem
from faregate.payments.alipay.settings import AlipaySettings
from faregate.payments.alipay.signing import NotSigned, signed, verified_answer
from faregate.payments.fields import Fields, Unreadable
from faregate.payments.outcomes import NobodyKnows, SaidNo, contradiction, raise_for_status
from faregate.payments.transport import NoAnswer, Transport

Clock = Callable[[], int]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHINA = timedelta(hours=8)
_OURS = ("40001", "40002", "40003", "40006", "20001")
_PROBLEMS = {
    "ACQ.TRADE_NOT_EXIST": "not_found",
    "TRADE_NOT_EXIST": "not_found",
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": "insufficient_funds",
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": "insufficient_funds",
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": "insufficient_funds",
    "ACQ.AGREEMENT_NOT_EXIST": "mandate_ended",
    "ACQ.AGREEMENT_INVALID": "mandate_ended",
    "ACQ.TRADE_HAS_FINISHED": "too_late",
    "USER_AGREEMENT_NOT_EXIST": "not_found",
}


def china_time(at: int) -> str:
    """``at`` as ``2026-01-31 18:34:56``."""
    return (_EPOCH + _CHINA + timedelta(microseconds=at)).strftime("%Y-%m-%d %H:%M:%S")


def moment_of(text: str) -> int:
    """The other way, microseconds UTC. Raises Unreadable."""
    try:
        elapsed = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - _EPOCH - _CHINA
    except ValueError:
        raise Unreadable("has a moment that is none") from None
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000


class AlipayCalls:
    """Every ``ask`` raises SaidNo (with Alipay's sub code as ``words``) or NobodyKnows.

    Every one may be sent twice: trade, refund and agreement numbers are ours.
    """

    def __init__(self, settings: AlipaySettings, transport: Transport, clock: Clock) -> None:
        self._settings, self._transport, self._clock = settings, transport, clock

    def page(self, method: str, content: dict[str, Any], notify_url: str, return_url: str) -> str:
        """The address of a page of Alipay's, signed by us."""
        parameters = self._parameters(method, content, notify_url)
        parameters["return_url"] = return_url
        return f"{self._settings.door.base_url}?{urlencode(signed(self._settings, parameters))}"

    async def ask(self, method: str, content: dict[str, Any], notify_url: str = "") -> Fields:
        """Call ``method`` and give its verified answer."""
        parameters = signed(self._settings, self._parameters(method, content, notify_url))
        body = urlencode({"biz_content": parameters.pop("biz_content")}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded;charset=utf-8", "accept": "application/json"}
        try:
            answer = await self._transport.ask("POST", f"?{urlencode(parameters)}", headers, body, repeatable=True)
        except NoAnswer as failure:
            raise NobodyKnows(failure.problem) from failure
        raise_for_status(answer)
        try:
            fields = verified_answer(self._settings, answer.body, method)
            code, words = fields.need_text("code"), fields.text("sub_code") or ""
            message = fields.text("sub_msg") or fields.text("msg") or code
        except (NotSigned, Unreadable) as failure:
            raise contradiction(f"the answer: {failure}") from failure
        if code in ("10000", "10003"):
            return fields
        if code in _OURS:
            raise NobodyKnows(Problem("unauthorised", f"Alipay refuses us: {words or code}"))
        if code != "40004" or words.endswith("SYSTEM_ERROR"):
            raise NobodyKnows(Problem("server_error", words or code))
        raise SaidNo(Problem(_PROBLEMS.get(words, "rejected"), f"{words}: {message}"[:200]), words)

    def _parameters(self, method: str, content: dict[str, Any], notify_url: str) -> dict[str, str]:
        parameters = {
            "app_id": self._settings.app,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": china_time(self._clock()),
            "version": "1.0",
            "biz_content": msgspec.json.encode(content).decode(),
        }
        if notify_url:
            parameters["notify_url"] = notify_url
        return parameters

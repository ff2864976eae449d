"""Calls of WeChat Pay's API.

Owns the signing of requests, the verification of answers and what their codes mean. An answer that WeChat Pay did not
sign is no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from faregate.app.payments_port import Problem
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.outcomes import NobodyKnows, SaidNo, contradiction
from faregate.payments.signatures import MICROSECONDS
from faregate.payments.transport import Answer, NoAnswer, Transport
from faregate.payments.wechat_pay.settings import WechatPaySettings
from faregate.payments.wechat_pay.signing import NotSigned, authorization, verified_moment

Clock = Callable[[], int]
Randomness = Callable[[int], bytes]

_OURS = frozenset({"SIGN_ERROR", "NO_AUTH", "NOAUTH", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "ACCOUNT_ERROR"})
_UNSURE = frozenset({"SYSTEM_ERROR", "SYSTEMERROR", "BIZERR_NEED_RETRY", "BANKERROR", "FREQUENCY_LIMITED"})
_PROBLEMS = {
    **dict.fromkeys(("ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND"), "not_found"),
    **dict.fromkeys(("NOT_ENOUGH", "NOTENOUGH"), "insufficient_funds"),
    **dict.fromkeys(("CONTRACT_NOT_EXIST", "CONTRACT_NOT_EXISTS", "CONTRACT_TERMINATED"), "mandate_ended"),
    "TRADE_OVERDUE": "too_late",
}


class WechatPayCalls:
    """Every one raises SaidNo (with WeChat Pay's code as ``words``) or NobodyKnows.

    Every one may be sent twice: order, refund and contract numbers are ours.
    """

    def __init__(
        self, settings: WechatPaySettings, transport: Transport, clock: Clock, randomness: Randomness
    ) -> None:
        self._settings, self._transport = settings, transport
        self._clock, self._randomness = clock, randomness

    async def make_native(self, content: dict[str, Any]) -> Fields:
        return await self._ask("POST", "/v3/pay/transactions/native", content)

    async def transaction(self, order: str) -> Fields:
        where = f"/v3/pay/transactions/out-trade-no/{quote(order, safe='')}"
        return await self._ask("GET", f"{where}?mchid={self._settings.merchant}")

    async def close_order(self, order: str) -> None:
        where = f"/v3/pay/transactions/out-trade-no/{quote(order, safe='')}/close"
        await self._ask("POST", where, {"mchid": self._settings.merchant})

    async def make_refund(self, content: dict[str, Any]) -> Fields:
        return await self._ask("POST", "/v3/refund/domestic/refunds", content)

    async def refund(self, refund: str) -> Fields:
        return await self._ask("GET", f"/v3/refund/domestic/refunds/{quote(refund, safe='')}")

    async def sign_contract(self, content: dict[str, Any]) -> Fields:
        return await self._ask("POST", "/v3/papay/scheduled-deduct-sign/contracts/pre-entrust-sign/h5", content)

    async def contract(self, contract_code: str) -> Fields:
        return await self._ask("GET", self._contract(contract_code))

    async def end_contract(self, contract_code: str, remark: str) -> Fields:
        where = f"{self._contract(contract_code)}/terminate"
        return await self._ask("POST", where, {"contract_termination_remark": remark})

    async def deduct(self, content: dict[str, Any]) -> Fields:
        return await self._ask("POST", "/v3/papay/pay/transactions/apply", content)

    def _contract(self, code: str) -> str:
        plan = self._settings.mandate_plan
        return f"/v3/papay/sign/contracts/plan-id/{plan}/out-contract-code/{quote(code, safe='')}"

    async def _ask(self, method: str, target: str, content: dict[str, Any] | None = None) -> Fields:
        body = b"" if content is None else msgspec.json.encode(content)
        now = self._clock()
        nonce = self._randomness(16).hex()
        headers = {
            "authorization": authorization(self._settings, method, target, body, now // MICROSECONDS, nonce),
            "accept": "application/json",
            "user-agent": "faregate",
            "wechatpay-serial": next(iter(self._settings.platform_keys)),
        }
        if content is not None:
            headers["content-type"] = "application/json"
        try:
            answer = await self._transport.ask(method, target, headers, body, repeatable=True)
        except NoAnswer as failure:
            raise NobodyKnows(failure.problem) from failure
        return self._read(answer)

    def _read(self, answer: Answer) -> Fields:
        if answer.status >= 500 or answer.status == 429:
            raise NobodyKnows(Problem("server_error", f"status {answer.status}"))
        if answer.status == 401:
            raise NobodyKnows(Problem("unauthorised", "WeChat Pay refuses our signature"))
        try:
            signed_at = verified_moment(self._settings, answer.headers, answer.body)
            if abs(self._clock() - signed_at) > self._settings.door.webhook_seconds * MICROSECONDS:
                raise contradiction("the answer was signed at another time")
            fields = read_fields(answer.body) if answer.body else Fields({})
            if 200 <= answer.status < 300:
                return fields
            words, message = fields.text("code") or "", fields.text("message") or f"status {answer.status}"
        except (NotSigned, Unreadable) as failure:
            raise contradiction(f"the answer: {failure}") from failure
        if words in _OURS:
            raise NobodyKnows(Problem("unauthorised", f"WeChat Pay refuses us: {words}"))
        if words in _UNSURE or not 400 <= answer.status < 500:
            raise NobodyKnows(Problem("server_error", words or f"status {answer.status}"))
        raise SaidNo(Problem(_PROBLEMS.get(words, "rejected"), f"{words}: {message}"[:200]), words)

"""A fake of WeChat Pay, API v3: native payments, refunds, contracts and deductions; verifies our signatures.

Written from https://pay.weixin.qq.com/doc/v3/merchant/4012365342 (signatures) and the pages of each API.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.payments.fakes.fake import Asked, Book, Clock, Delivery, Fake, Moved, Reply
from tests.payments.fakes.keys import private_pem, public_pem, sign, verify

MERCHANT, APP, PLAN = "1900006891", "wxd678efa567bc6787", 12535
OUR_SERIAL, PLATFORM, NEXT_PLATFORM = (
    "3775B6A45ACD588826D15E583A95F5DD",
    "PUB_KEY_ID_0119000068912",
    "5157F09EFDC096DE",
)
V3_KEY = hashlib.sha256(b"wechat api v3 key").hexdigest()[:32]
_STATES = {"pending": "NOTPAY", "succeeded": "SUCCESS", "cancelled": "CLOSED", "failed": "PAYERROR"}
_ENDS = {"succeeded": "SUCCESS", "pending": "PROCESSING", "failed": "CLOSED"}


class WechatPayFake(Fake):
    kind = "wechat_pay"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.books: dict[str, Book] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.contracts: dict[str, dict[str, Any]] = {}
        self.nonces: set[str] = set()
        self.decline = "NOT_ENOUGH"
        self.signs_with = "wechat platform"

    def section(self) -> dict[str, Any]:
        return {
            "merchant": MERCHANT,
            "app": APP,
            "certificate_serial": OUR_SERIAL,
            "mandate_plan": PLAN,
            "private_key": {"env": "WX_KEY"},
            "api_v3_key": {"env": "WX_V3"},
            "platform_keys": {PLATFORM: {"env": "WX_PLATFORM"}, NEXT_PLATFORM: {"env": "WX_NEXT"}},
        }

    def environ(self) -> dict[str, str]:
        return {
            "WX_KEY": private_pem("wechat merchant"),
            "WX_V3": V3_KEY,
            "WX_PLATFORM": public_pem("wechat platform"),
            "WX_NEXT": public_pem("wechat next platform"),
        }

    # ---- what happens at WeChat Pay

    def pay(self, order: str) -> None:
        book = self.books[order]
        assert book.state == "pending", book.state
        self._take(book)

    def expire(self, order: str) -> None:
        self.books[order].state = "cancelled"

    def sign_contract(self, order: str) -> None:
        """The customer signs."""
        contract = self.contracts[order]
        contract.update(contract_id=self.next_id("2020"), contract_state="ADD", openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
        self._notify("PAPAY.SIGN", contract)

    def end_contract(self, order: str) -> None:
        """The customer ends it in WeChat."""
        self.contracts[order]["contract_state"] = "TERMINATED"
        self._notify("PAPAY.TERMINATE", self.contracts[order])

    def finish_charge(self, order: str) -> None:
        self._take(self.books[order])

    def finish_refund(self, refund: str, status: str) -> None:
        found = self.refunds[refund]
        found["status"] = _ENDS[status]
        self._settle(found)
        self._notify_refund(found)

    def _take(self, book: Book) -> None:
        book.state, book.number = "succeeded", self.next_id("4200")
        self.moved.append(Moved(book.order, book.coins, book.currency))
        self._notify("TRANSACTION.SUCCESS", self._transaction(book))

    def _notify_refund(self, found: dict[str, Any]) -> None:
        content = {name: value for name, value in found.items() if name not in ("status", "amount")}
        amount = {name: value for name, value in found["amount"].items() if name != "currency"}
        content |= {"mchid": MERCHANT, "refund_status": found["status"], "amount": amount}
        self._notify(f"REFUND.{found['status']}", content)

    def _notify(self, kind: str, content: dict[str, Any]) -> None:
        nonce = hashlib.sha256(self.next_id("n").encode()).hexdigest()[:12]
        plain = json.dumps({"mchid": MERCHANT, **content}, ensure_ascii=False).encode()
        sealed = AESGCM(V3_KEY.encode()).encrypt(nonce.encode(), plain, b"transaction")
        now = datetime.fromtimestamp(self.second, UTC).astimezone(timezone(timedelta(hours=8)))
        notice = {
            "id": f"EV-{self.next_id('')}",
            "create_time": now.isoformat(),
            "resource_type": "encrypt-resource",
            "event_type": kind,
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": "transaction",
                "nonce": nonce,
            },
        }
        body = json.dumps(notice, ensure_ascii=False).encode()
        self.outbox.append(Delivery("https://example.com/hook", self._signature(body), body))

    def notify_of_another_merchant(self, order: str) -> None:
        told = {**self._transaction(self.books[order]), "mchid": "1900000000"}
        self._notify("TRANSACTION.SUCCESS", told)

    def _signature(self, body: bytes) -> dict[str, str]:
        nonce = hashlib.sha256(self.next_id("s").encode()).hexdigest()[:32]
        message = f"{self.second}\n{nonce}\n".encode() + body + b"\n"
        return {
            "wechatpay-serial": PLATFORM if self.signs_with == "wechat platform" else NEXT_PLATFORM,
            "wechatpay-timestamp": str(self.second),
            "wechatpay-nonce": nonce,
            "wechatpay-signature": sign(self.signs_with, message),
        }

    def redelivered(self, delivery: Delivery) -> Delivery:
        return Delivery(delivery.url, self._signature(delivery.body), delivery.body)

    def forged(self, delivery: Delivery) -> Delivery:
        headers = dict(delivery.headers)
        message = f"{headers['wechatpay-timestamp']}\n{headers['wechatpay-nonce']}\n".encode() + delivery.body + b"\n"
        return Delivery(delivery.url, {**headers, "wechatpay-signature": sign("forger", message)}, delivery.body)

    # ---- the API

    def operation_of(self, asked: Asked) -> str:
        table = {
            r"POST /v3/pay/transactions/native": "make",
            r"GET /v3/pay/transactions/out-trade-no/[^/]+": "status",
            r"POST /v3/pay/transactions/out-trade-no/[^/]+/close": "close",
            r"POST /v3/refund/domestic/refunds": "refund",
            r"GET /v3/refund/domestic/refunds/[^/]+": "refund_status",
            r"POST /v3/papay/scheduled-deduct-sign/contracts/pre-entrust-sign/h5": "sign",
            rf"GET /v3/papay/sign/contracts/plan-id/{PLAN}/out-contract-code/[^/]+": "contract",
            rf"POST /v3/papay/sign/contracts/plan-id/{PLAN}/out-contract-code/[^/]+/terminate": "end_contract",
            r"POST /v3/papay/pay/transactions/apply": "charge",
        }
        asking = f"{asked.method} {asked.path}"
        return next((name for rule, name in table.items() if re.fullmatch(rule, asking)), "unknown")

    def answer(self, operation: str, asked: Asked) -> Reply:
        try:
            self._check_signature(asked)
        except (InvalidSignature, AttributeError, AssertionError):
            return _no(401, "SIGN_ERROR", "签名错误")
        content = json.loads(asked.body) if asked.body else {}
        parts = asked.path.split("/")
        if operation == "make":
            return self._make(content)
        if operation == "status":
            book = self.books.get(parts[5])
            return Reply(self._transaction(book)) if book else _no(404, "ORDER_NOT_EXIST", "订单不存在")
        if operation == "close":
            return self._close(parts[5])
        if operation == "refund":
            return self._refund(content)
        if operation == "refund_status":
            found = self.refunds.get(parts[5])
            return Reply(dict(found)) if found else _no(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        if operation == "charge":
            return self._charge(content)
        return self._contract(operation, content, parts)

    def _check_signature(self, asked: Asked) -> None:
        scheme, _, rest = asked.headers["authorization"].partition(" ")
        said = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        assert scheme == "WECHATPAY2-SHA256-RSA2048"
        assert (said["mchid"], said["serial_no"]) == (MERCHANT, OUR_SERIAL)
        assert abs(int(said["timestamp"]) - self.second) <= 300
        target = asked.path + (f"?{asked.query}" if asked.query else "")
        message = f"{asked.method}\n{target}\n{said['timestamp']}\n{said['nonce_str']}\n".encode()
        verify("wechat merchant", message + asked.body + b"\n", said["signature"])
        self.nonces.add(said["nonce_str"])

    def sealed(self, operation: str, reply: Reply) -> tuple[dict[str, str], bytes]:
        body = b"" if reply.content is None else json.dumps(reply.content, ensure_ascii=False).encode()
        return {"content-type": "application/json", **self._signature(body)}, body

    def _make(self, content: dict[str, Any]) -> Reply:
        assert (content["appid"], content["mchid"]) == (APP, MERCHANT)
        order, amount = content["out_trade_no"], content["amount"]
        before = self.books.get(order)
        if before is not None and before.state == "succeeded":
            return _no(400, "ORDERPAID", "订单已支付")
        if before is not None and before.coins != amount["total"]:
            return _no(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        if before is None:
            self.books[order] = Book(order, amount["total"], amount["currency"], content["notify_url"])
        return Reply({"code_url": f"weixin://wxpay/bizpayurl?pr={self.next_id('p')}"})

    def _transaction(self, book: Book) -> dict[str, Any]:
        content: dict[str, Any] = {
            "appid": APP,
            "mchid": MERCHANT,
            "out_trade_no": self.told("order", book.order),
            "trade_state": _STATES[book.state],
            "trade_state_desc": "…",
            "amount": {"total": self.told("amount", book.coins), "currency": self.told("currency", book.currency)},
        }
        if book.number:
            content["transaction_id"] = book.number
        return content

    def _close(self, order: str) -> Reply:
        book = self.books.get(order)
        if book is None:
            return _no(404, "ORDER_NOT_EXIST", "订单不存在")
        if book.state == "succeeded":
            return _no(400, "ORDERPAID", "订单已支付")
        book.state = "cancelled"
        return Reply(None, 204)

    def _refund(self, content: dict[str, Any]) -> Reply:
        book = self.books.get(content["out_trade_no"])
        if book is None or book.state != "succeeded":
            return _no(404, "RESOURCE_NOT_EXISTS", "订单号不存在")
        asked = content["amount"]
        before = self.refunds.get(content["out_refund_no"])
        if before is not None:
            return Reply(dict(before))
        others = [each for each in self.refunds.values() if each["out_trade_no"] == book.order]
        gone = sum(each["amount"]["refund"] for each in others if each["status"] != "CLOSED")
        if asked["total"] != book.coins or gone + asked["refund"] > book.coins:
            return _no(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致")
        found = {
            "refund_id": self.next_id("5030"),
            "out_refund_no": content["out_refund_no"],
            "out_trade_no": self.told("order", book.order),
            "transaction_id": book.number,
            "channel": "ORIGINAL",
            "status": _ENDS[self.refund_ends],
            "amount": {
                "total": book.coins,
                "refund": self.told("amount", asked["refund"]),
                "currency": self.told("currency", book.currency),
            },
        }
        self.refunds[found["out_refund_no"]] = found
        self._settle(found)
        if found["status"] != "PROCESSING":
            self._notify_refund(found)
        return Reply(dict(found))

    def _settle(self, found: dict[str, Any]) -> None:
        if found["status"] == "SUCCESS":
            order = next(each.order for each in self.books.values() if each.number == found["transaction_id"])
            self.moved.append(Moved(order, found["amount"]["refund"], "CNY", found["out_refund_no"]))

    def _charge(self, content: dict[str, Any]) -> Reply:
        contract = next(
            (each for each in self.contracts.values() if each["contract_id"] == content["contract_id"]), None
        )
        if contract is None or contract["contract_state"] != "ADD":
            return _no(400, "CONTRACT_NOT_EXIST", "协议不存在")
        order, amount = content["out_trade_no"], content["amount"]
        book = self.books.get(order)
        if book is not None and book.state == "succeeded":
            return _no(400, "ORDERPAID", "订单已支付")
        if book is None:
            if self.charge_ends == "failed":
                return _no(403, self.decline, "余额不足")
            book = self.books[order] = Book(order, amount["total"], amount["currency"])
            if self.charge_ends == "succeeded":
                self._take(book)
        return Reply(
            {"out_trade_no": self.told("order", order), "amount": {"total": self.told("amount", book.coins)}}
        )

    def _contract(self, operation: str, content: dict[str, Any], parts: list[str]) -> Reply:
        if operation == "sign":
            code = content["out_contract_code"]
            self.contracts[code] = {
                "mchid": MERCHANT,
                "appid": APP,
                "plan_id": content["plan_id"],
                "out_contract_code": code,
                "contract_id": "",
                "contract_state": "",
                "out_user_code": content["out_user_code"],
            }
            return Reply({"redirect_url": f"https://payapp.weixin.qq.com/papay/{code}"})
        contract = self.contracts.get(parts[8])
        if contract is None or not contract["contract_id"]:
            return _no(404, "CONTRACT_NOT_EXIST", "协议不存在")
        if operation == "end_contract":
            if contract["contract_state"] != "ADD":
                return _no(400, "INVALID_REQUEST", "协议已解约")
            contract["contract_state"] = "TERMINATED"
        return Reply(dict(contract))


def _no(status: int, code: str, message: str) -> Reply:
    return Reply({"code": code, "message": message}, status)

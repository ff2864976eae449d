"""A fake of Alipay's gateway: pages, codes, trades, refunds, agreements; verifies our signatures and signs its own.

Written from https://opendocs.alipay.com/common/02mriz (signatures) and the pages of each API.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature

from tests.payments.fakes.fake import Asked, Book, Clock, Delivery, Fake, Moved, Reply
from tests.payments.fakes.keys import private_pem, public_pem, sign, verify

APP, SELLER = "2014072300007148", "2088111111116894"
_TRADES = {"pending": "WAIT_BUYER_PAY", "succeeded": "TRADE_SUCCESS", "cancelled": "TRADE_CLOSED"}


class AlipayFake(Fake):
    kind = "alipay"

    def __init__(self, clock: Clock, checkout: str = "page") -> None:
        super().__init__(clock)
        self.checkout = checkout
        self.books: dict[str, Book] = {}
        self.refunds: dict[tuple[str, str], dict[str, Any]] = {}
        self.agreements: dict[str, dict[str, Any]] = {}
        self.decline = "ACQ.BUYER_BALANCE_NOT_ENOUGH"

    def section(self) -> dict[str, Any]:
        return {
            "app": APP,
            "seller": SELLER,
            "checkout": self.checkout,
            "mandate_scene": "INDUSTRY|DIGITAL_MEDIA",
            "private_key": {"env": "ALIPAY_KEY"},
            "alipay_public_key": {"env": "ALIPAY_PUBLIC"},
        }

    def environ(self) -> dict[str, str]:
        # As Alipay's console shows it: base64 without the frame.
        bare = "".join(public_pem("alipay").splitlines()[1:-1])
        return {"ALIPAY_KEY": private_pem("alipay merchant"), "ALIPAY_PUBLIC": bare}

    # ---- what happens at Alipay

    def open_page(self, url: str) -> None:
        """The customer's browser opens a page that we signed."""
        parameters = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        self._check(parameters)
        content = json.loads(parameters["biz_content"])
        if parameters["method"] == "alipay.trade.page.pay":
            assert content["product_code"] == "FAST_INSTANT_TRADE_PAY"
            self._trade(content)
        else:
            assert parameters["method"] == "alipay.user.agreement.page.sign"
            self.agreements[content["external_agreement_no"]] = {
                "external_agreement_no": content["external_agreement_no"],
                "agreement_no": self.next_id("2018"),
                "status": "TEMP",
            }

    def pay(self, order: str) -> None:
        self._take(self.books[order])

    def expire(self, order: str) -> None:
        book = self.books[order]
        book.state = "cancelled"
        self._notify({**self._told_trade(book), "notify_type": "trade_status_sync"})

    def sign_contract(self, order: str) -> None:
        """The customer signs."""
        agreement = self.agreements[order]
        agreement["status"] = "NORMAL"
        self._notify({**agreement, "notify_type": "dut_user_sign"})

    def end_contract(self, order: str) -> None:
        """The customer ends it in Alipay."""
        agreement = self.agreements[order]
        agreement["status"] = "UNSIGN"
        self._notify({**agreement, "notify_type": "dut_user_unsign"})

    def finish_charge(self, order: str) -> None:
        self._take(self.books[order])

    def finish_refund(self, order: str, refund: str) -> None:
        self._settle(self.books[order], self.refunds[(order, refund)])

    def _take(self, book: Book) -> None:
        assert book.state == "pending", book.state
        book.state, book.number = "succeeded", self.next_id("2026112322001")
        book.extra["paid_at"] = self._now()
        self.moved.append(Moved(book.order, book.coins, "CNY"))
        self._notify({**self._told_trade(book), "notify_type": "trade_status_sync", "gmt_payment": self._now()})

    def _settle(self, book: Book, refund: dict[str, Any]) -> None:
        refund["done"] = True
        self.moved.append(Moved(book.order, refund["coins"], "CNY", refund["id"]))
        total = sum(each["coins"] for each in self._refunds_of(book) if each["done"])
        if total == book.coins:
            book.extra["closed"] = True
        content = {**self._told_trade(book), "notify_type": "trade_status_sync", "gmt_refund": f"{self._now()}.123"}
        self._notify({**content, "refund_fee": _yuan(total), "out_biz_no": refund["id"]})

    def _refunds_of(self, book: Book) -> list[dict[str, Any]]:
        return [each for (order, _), each in self.refunds.items() if order == book.order]

    def _now(self) -> str:
        return self._china(self.second)

    @staticmethod
    def _china(second: int) -> str:
        return (datetime.fromtimestamp(second, UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")

    def _told_trade(self, book: Book) -> dict[str, str]:
        status = "TRADE_CLOSED" if book.extra.get("closed") else _TRADES[book.state]
        return {
            "out_trade_no": str(self.told("order", book.order)),
            "trade_status": status,
            "total_amount": _yuan(self.told("amount", book.coins)),
            "trade_no": book.number or "2026112300000000",
        }

    def _notify(self, content: dict[str, Any], **changed: str) -> None:
        parameters = {
            "notify_id": self.next_id("ac05099524730693a8b330c"),
            "notify_time": self._now(),
            "charset": "utf-8",
            "version": "1.0",
            "app_id": APP,
            "seller_id": SELLER,
            "subject": "GLM 包月 & more = 100%",
            "empty": "",
            **{name: str(value) for name, value in content.items()},
            **changed,
        }
        self.outbox.append(self._signed(parameters, "alipay"))

    def notify_of_another_seller(self, order: str) -> None:
        content = {**self._told_trade(self.books[order]), "notify_type": "trade_status_sync"}
        self._notify(content, seller_id="2088000000000000")

    def _signed(self, parameters: dict[str, str], name: str) -> Delivery:
        body = urlencode({**parameters, "sign": sign(name, _joined(parameters)), "sign_type": "RSA2"}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Delivery("https://example.com/hook", headers, body)

    def redelivered(self, delivery: Delivery) -> Delivery:
        return delivery

    def given_up(self, delivery: Delivery) -> bool:
        # For 25 hours it sends the same again, as it signed it at first.
        signed_at = dict(parse_qsl(delivery.body.decode()))["notify_time"]
        return signed_at < self._china(self.second - 25 * 3600)

    def forged(self, delivery: Delivery) -> Delivery:
        parameters = dict(parse_qsl(delivery.body.decode(), keep_blank_values=True))
        return self._signed({k: v for k, v in parameters.items() if k not in ("sign", "sign_type")}, "forger")

    # ---- the gateway

    def operation_of(self, asked: Asked) -> str:
        return asked.parameters.get("method", "none")

    def answer(self, operation: str, asked: Asked) -> Reply:
        parameters = {**asked.parameters, **dict(parse_qsl(asked.body.decode(), keep_blank_values=True))}
        try:
            self._check(parameters)
        except (InvalidSignature, AssertionError, KeyError):
            return Reply({"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"})
        content = json.loads(parameters["biz_content"])
        steps = {
            "alipay.trade.precreate": self._precreate,
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.trade.pay": self._charge,
            "alipay.user.agreement.query": self._agreement_query,
            "alipay.user.agreement.unsign": self._unsign,
        }
        return steps[operation](content)

    def _check(self, parameters: dict[str, str]) -> None:
        given = dict(parameters)
        signature = given.pop("sign")
        assert (given["app_id"], given["sign_type"], given["charset"]) == (APP, "RSA2", "utf-8")
        verify("alipay merchant", _joined(given), signature)

    def sealed(self, operation: str, reply: Reply) -> tuple[dict[str, str], bytes]:
        # The signature is over the inner object's own bytes, slashes escaped as Alipay's are.
        inner = json.dumps(reply.content, ensure_ascii=False).replace("/", "\\/")
        name = operation.replace(".", "_") + "_response"
        text = f'{{"{name}":{inner},"sign":"{sign("alipay", inner.encode())}"}}'
        return {"content-type": "text/html;charset=utf-8"}, text.encode()

    def _trade(self, content: dict[str, Any]) -> Book:
        whole, _, part = content["total_amount"].partition(".")
        assert len(part) == 2
        book = Book(content["out_trade_no"], int(whole) * 100 + int(part), "CNY")
        return self.books.setdefault(book.order, book)

    def _precreate(self, content: dict[str, Any]) -> Reply:
        book = self._trade(content)
        if book.state == "succeeded":
            return _no("ACQ.TRADE_HAS_SUCCESS")
        return _yes(out_trade_no=self.told("order", book.order), qr_code=f"https://qr.alipay.com/{book.order}")

    def _query(self, content: dict[str, Any]) -> Reply:
        book = self.books.get(content["out_trade_no"])
        if book is None:
            return _no("ACQ.TRADE_NOT_EXIST")
        paid = {"send_pay_date": book.extra["paid_at"]} if "paid_at" in book.extra else {}
        return _yes(**self._told_trade(book), **paid)

    def _close(self, content: dict[str, Any]) -> Reply:
        book = self.books.get(content["out_trade_no"])
        if book is None:
            return _no("ACQ.TRADE_NOT_EXIST")
        if book.state != "pending":
            return _no("ACQ.TRADE_STATUS_ERROR")
        book.state = "cancelled"
        return _yes(out_trade_no=book.order)

    def _refund(self, content: dict[str, Any]) -> Reply:
        book = self.books.get(content["out_trade_no"])
        if book is None or book.state != "succeeded":
            return _no("ACQ.TRADE_NOT_EXIST")
        name = (book.order, content["out_request_no"])
        coins = int(content["refund_amount"].replace(".", ""))
        if name not in self.refunds:
            gone = sum(each["coins"] for each in self._refunds_of(book))
            if gone + coins > book.coins:
                return _no("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            if self.refund_ends == "failed":
                return _no("ACQ.SELLER_BALANCE_NOT_ENOUGH")
            self.refunds[name] = {"id": content["out_request_no"], "coins": coins, "done": False}
            if self.refund_ends == "succeeded":
                self._settle(book, self.refunds[name])
        total = sum(each["coins"] for each in self._refunds_of(book))
        change = "Y" if self.refunds[name]["done"] else "N"
        return _yes(out_trade_no=book.order, fund_change=change, refund_fee=_yuan(total))

    def _refund_query(self, content: dict[str, Any]) -> Reply:
        found = self.refunds.get((content["out_trade_no"], content["out_request_no"]))
        if found is None or not found["done"]:
            return _yes()
        return _yes(
            out_trade_no=self.told("order", content["out_trade_no"]),
            out_request_no=found["id"],
            refund_amount=_yuan(self.told("amount", found["coins"])),
            refund_status="REFUND_SUCCESS",
        )

    def _charge(self, content: dict[str, Any]) -> Reply:
        number = content["agreement_params"]["agreement_no"]
        agreement = next((each for each in self.agreements.values() if each["agreement_no"] == number), None)
        if agreement is None or agreement["status"] != "NORMAL":
            return _no("ACQ.AGREEMENT_NOT_EXIST")
        before = self.books.get(content["out_trade_no"])
        if before is not None and before.state == "succeeded":
            return _no("ACQ.TRADE_HAS_SUCCESS")
        if self.charge_ends == "failed":
            return _no(self.decline)
        book = self._trade(content)
        if self.charge_ends == "succeeded":
            self._take(book)
        told = {name: value for name, value in self._told_trade(book).items() if name != "trade_status"}
        return Reply({"code": "10000" if book.state == "succeeded" else "10003", "msg": "…", **told})

    def _agreement_query(self, content: dict[str, Any]) -> Reply:
        agreement = self.agreements.get(content["external_agreement_no"])
        if agreement is None or agreement["status"] == "UNSIGN":
            return _no("USER_AGREEMENT_NOT_EXIST")
        return _yes(**agreement)

    def _unsign(self, content: dict[str, Any]) -> Reply:
        number = content["agreement_no"]
        agreement = next((each for each in self.agreements.values() if each["agreement_no"] == number), None)
        if agreement is None or agreement["status"] != "NORMAL":
            return _no("USER_AGREEMENT_NOT_EXIST")
        agreement["status"] = "UNSIGN"
        return _yes()


def _joined(parameters: dict[str, str]) -> bytes:
    pairs = [f"{name}={parameters[name]}" for name in sorted(parameters) if parameters[name] != ""]
    return "&".join(pairs).encode()


def _yuan(coins: int) -> str:
    return f"{coins // 100}.{coins % 100:02d}"


def _yes(**content: Any) -> Reply:
    return Reply({"code": "10000", "msg": "Success", **content})


def _no(words: str) -> Reply:
    return Reply({"code": "40004", "msg": "Business Failed", "sub_code": words, "sub_msg": f"{words}/说明"})

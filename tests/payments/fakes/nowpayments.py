"""A fake of NowPayments: payments to an address, signed notifications.

Written from its API documentation; the signature is made as a program in JavaScript makes it, over its own text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from tests.payments.fakes.fake import Asked, Book, Clock, Delivery, Fake, Moved, Reply

API_KEY = hashlib.sha256(b"nowpayments api key").hexdigest()[:27]
IPN_SECRET = hashlib.sha256(b"nowpayments ipn").hexdigest()[:32]
COINS_PER_HUNDREDTH = "0.0000001"


class NowPaymentsFake(Fake):
    kind = "nowpayments"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.books: dict[str, Book] = {}

    def section(self) -> dict[str, Any]:
        return {
            "currencies": ["USD", "EUR"],
            "api_key": {"env": "NOW_KEY"},
            "ipn_secret": {"env": "NOW_IPN"},
            "coins": ["usdttrc20", "btc", "xrp"],
        }

    def environ(self) -> dict[str, str]:
        return {"NOW_KEY": API_KEY, "NOW_IPN": IPN_SECRET}

    # ---- what happens at NowPayments

    def pay(self, order: str) -> None:
        book = self._of(order)
        assert book.state != "finished", book.state
        for state in ("confirming", "confirmed", "sending", "finished"):
            self.reach(order, state)

    def expire(self, order: str) -> None:
        self.reach(order, "expired")

    def reach(self, order: str, state: str, parent: str | None = None) -> None:
        """The payment comes to this state, and a notification says so."""
        book = self._of(order)
        book.state = state
        if state == "finished" and parent is None:
            self.moved.append(Moved(order, book.coins, book.currency.upper()))
        self.outbox.append(self._signed(self._notice(book, parent), IPN_SECRET))

    def _notice(self, book: Book, parent: str | None) -> str:
        """The text of a notification, as JavaScript writes it: names in no order, ``1e-7`` and ``15``."""
        content = self._payment(book)
        content["parent_payment_id"] = int(parent) if parent else None
        content["fee"] = {"withdrawalFee": 0, "currency": "btc", "depositFee": "@@1.5e-7@@"}
        content["order_description"] = "Größe “L” – 包月"
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        return text.replace('"@@', "").replace('@@"', "")

    def _signed(self, text: str, secret: str) -> Delivery:
        signature = hmac.new(secret.encode(), _sorted(text).encode(), hashlib.sha512).hexdigest()
        headers = {"x-nowpayments-sig": signature, "content-type": "application/json"}
        return Delivery("https://example.com/hook", headers, text.encode())

    def redelivered(self, delivery: Delivery) -> Delivery:
        return delivery

    def forged(self, delivery: Delivery) -> Delivery:
        return self._signed(delivery.body.decode(), "")

    # ---- the API

    def operation_of(self, asked: Asked) -> str:
        return "make_payment" if asked.method == "POST" else "read_payment"

    def answer(self, operation: str, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != API_KEY:
            return Reply({"statusCode": 403, "code": "INVALID_API_KEY", "message": "Invalid api key"}, 403)
        if operation == "make_payment":
            return self._make(json.loads(asked.body, parse_float=str))
        book = self.books.get(asked.path.rpartition("/")[2])
        if book is None:
            return Reply({"statusCode": 404, "code": "PAYMENT_NOT_FOUND", "message": "Payment not found"}, 404)
        return Reply(self._payment(book))

    def sealed(self, operation: str, reply: Reply) -> tuple[dict[str, str], bytes]:
        return {"content-type": "application/json"}, json.dumps(reply.content).encode()

    def _make(self, content: dict[str, Any]) -> Reply:
        amount = str(content["price_amount"])
        whole, _, part = amount.partition(".")
        coins = int(whole) * 100 + int(part.ljust(2, "0")[:2] or "0")
        if coins < 200:
            return Reply({"statusCode": 400, "code": "AMOUNT_MINIMAL_ERROR", "message": "less than minimal"}, 400)
        book = Book(content["order_id"], coins, content["price_currency"], content["ipn_callback_url"])
        book.reference = str(5_000_000_000 + len(self.books))
        book.state = "waiting"
        book.extra = {"coin": content["pay_currency"]}
        self.books[book.reference] = book
        return Reply(self._payment(book), 201)

    def _payment(self, book: Book) -> dict[str, Any]:
        coins = self.told("amount", book.coins)
        paid = {"finished": 15, "sending": 15, "confirmed": 15, "confirming": 15, "partially_paid": 7.5}
        return {
            "payment_status": book.state,
            "payment_id": int(book.reference),
            "pay_address": f"T{hashlib.sha256(book.reference.encode()).hexdigest()[:33]}",
            "price_amount": coins / 100,
            "price_currency": self.told("currency", book.currency).lower(),
            "pay_amount": 15,
            "actually_paid": paid.get(book.state, 0),
            "pay_currency": book.extra["coin"],
            "order_id": self.told("order", book.order),
            "payin_extra_id": "70713" if book.extra["coin"] == "xrp" else None,
            "purchase_id": f"9{book.reference}",
            "network": "trx",
        }

    def _of(self, order: str) -> Book:
        return next(each for each in reversed(self.books.values()) if each.order == order)


class _Verbatim(float):
    """A number that is written as it was read."""

    def __new__(cls, text: str) -> _Verbatim:
        made = super().__new__(cls, text)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text


def _sorted(text: str) -> str:
    """``JSON.stringify`` of the parsed text with sorted names, numbers as JavaScript wrote them."""

    def order(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ",".join(f"{order(name)}:{order(value[name])}" for name in sorted(value)) + "}"
        if isinstance(value, list):
            return "[" + ",".join(order(each) for each in value) + "]"
        if isinstance(value, _Verbatim):
            return value.text
        return json.dumps(value, ensure_ascii=False)

    return order(json.loads(text, parse_float=_Verbatim))

"""A fake of Creem: products, checkouts, transactions, subscriptions that renew by themselves, signed events.

Written from https://docs.creem.io/api-reference and https://docs.creem.io/code/webhooks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from tests.payments.fakes.fake import Asked, Book, Clock, Delivery, Fake, Moved, Reply

API_KEY = "creem_test_" + hashlib.sha256(b"creem api key").hexdigest()[:22]
HOOK_SECRET = "whsec_" + hashlib.sha256(b"creem hook").hexdigest()[:22]
TAX_PERCENT = 21
PRODUCT = "prod_configured000001"


class CreemFake(Fake):
    kind = "creem"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.products: dict[str, dict[str, Any]] = {}
        self.books: dict[str, Book] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.transactions: dict[str, dict[str, Any]] = {}
        self._refunded: dict[str, Reply] = {}
        self.products[PRODUCT] = {
            "id": PRODUCT,
            "price": 1000,
            "currency": "USD",
            "billing_type": "recurring",
            "billing_period": "every-month",
        }

    def section(self) -> dict[str, Any]:
        return {
            "currencies": ["USD", "EUR"],
            "api_key": {"env": "CREEM_KEY"},
            "webhook_secret": {"env": "CREEM_HOOK"},
            "products": {"credits/starter": PRODUCT},
        }

    def environ(self) -> dict[str, str]:
        return {"CREEM_KEY": API_KEY, "CREEM_HOOK": HOOK_SECRET}

    # ---- what happens at Creem

    def pay(self, order: str) -> None:
        book = self._of(order)
        assert book.state == "pending", book.state
        book.state = "succeeded"
        product = self.products[book.extra["product"]]
        if product["billing_type"] == "recurring":
            book.extra["subscription"] = self.next_id("sub_")
            # Creem's own period begins some seconds before the subscription does.
            kept = {"status": "active", "book": book, "begun": self.second, "period": self.second - 7}
            self.subscriptions[book.extra["subscription"]] = kept
        self._take(book)
        self._notify("checkout.completed", self._checkout(book))
        if "subscription" in book.extra:
            self._notify("subscription.paid", self._subscription(book.extra["subscription"]))

    def expire(self, order: str) -> None:
        self._of(order).state = "cancelled"

    def renew(self, order: str) -> None:
        """The period is over: Creem charges again."""
        book = self._of(order)
        self.subscriptions[book.extra["subscription"]]["period"] = self.second
        self._take(book)
        self._notify("subscription.paid", self._subscription(book.extra["subscription"]))

    def renewal_fails(self, order: str) -> None:
        """The card was declined; Creem will try again."""
        self._notify("subscription.past_due", self._subscription(self._of(order).extra["subscription"]))

    def cancelled_by_the_customer(self, order: str) -> None:
        reference = self._of(order).extra["subscription"]
        self.subscriptions[reference]["status"] = "canceled"
        self._notify("subscription.canceled", self._subscription(reference))

    def finish_refund(self, transaction: str, status: str) -> None:
        found = self.transactions[transaction]
        self._settle_refund(found, status)
        self._notify("refund.created", self._refund_event(found, status))

    def dispute(self, order: str) -> None:
        book = self._of(order)
        content = {"id": self.next_id("disp_"), "object": "dispute", "amount": book.coins, "currency": book.currency}
        self._notify("dispute.created", {**content, "checkout": self._checkout(book), "mode": "test"})

    def _take(self, book: Book) -> None:
        tax = book.coins * TAX_PERCENT // 100
        transaction = {
            "id": self.next_id("tran_"),
            "object": "transaction",
            "amount": book.coins,
            "tax_amount": tax,
            "amount_paid": book.coins + tax,
            "currency": book.currency,
            "status": "paid",
            "refunded_amount": 0,
            "subscription": book.extra.get("subscription"),
            "mode": "test",
        }
        book.number = str(transaction["id"])
        self.transactions[book.number] = transaction
        book.extra.setdefault("first", book.number)
        self.moved.append(Moved(book.order, book.coins, book.currency))

    def _notify(self, kind: str, content: dict[str, Any]) -> None:
        event = {
            "id": self.next_id("evt_"),
            "eventType": kind,
            "created_at": self.clock.now // 1_000,
            "object": {"mode": "test", **content},
        }
        self.outbox.append(self._signed(json.dumps(event).encode(), HOOK_SECRET))

    def _signed(self, body: bytes, secret: str) -> Delivery:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"creem-signature": signature, "content-type": "application/json"}
        return Delivery("https://example.com/hook", headers, body)

    def redelivered(self, delivery: Delivery) -> Delivery:
        return delivery

    def forged(self, delivery: Delivery) -> Delivery:
        return self._signed(delivery.body, "")

    # ---- the API

    def operation_of(self, asked: Asked) -> str:
        if asked.path.endswith("/cancel"):
            return "cancel"
        noun = asked.path.removeprefix("/v1/")
        return f"{'make' if asked.method == 'POST' else 'read'}_{noun.rstrip('s')}"

    def answer(self, operation: str, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != API_KEY:
            return Reply({"status": 403, "message": "Invalid API key"}, 403)
        content = json.loads(asked.body) if asked.body else {}
        given = asked.parameters
        if operation == "make_product":
            assert content["currency"].isupper()
            product = {**content, "id": self.next_id("prod_")}
            self.products[product["id"]] = product
            return Reply(dict(product))
        if operation == "read_product":
            return _found(self.products.get(given["product_id"]))
        if operation == "make_checkout":
            return self._make_checkout(content)
        if operation == "read_checkout":
            book = self.books.get(given["checkout_id"])
            return _found(self._checkout(book) if book else None)
        if operation == "read_transaction":
            found = self.transactions.get(given["transaction_id"])
            return _found(self._transaction(found) if found else None)
        if operation == "make_refund":
            return self._refund(content["transaction_id"], asked.headers.get("idempotency-key", ""))
        if operation == "read_subscription":
            known = given["subscription_id"] in self.subscriptions
            return _found(self._subscription(given["subscription_id"]) if known else None)
        return self._cancel(asked.path.split("/")[3], content)

    def sealed(self, operation: str, reply: Reply) -> tuple[dict[str, str], bytes]:
        return {"content-type": "application/json"}, json.dumps(reply.content).encode()

    def _make_checkout(self, content: dict[str, Any]) -> Reply:
        product = self.products.get(content["product_id"])
        if product is None:
            return _found(None)
        book = Book(content["request_id"], product["price"], product["currency"])
        book.reference = self.next_id("ch_")
        book.extra = {"product": product["id"], "metadata": content["metadata"]}
        self.books[book.reference] = book
        return Reply(self._checkout(book))

    def _checkout(self, book: Book) -> dict[str, Any]:
        order = self.told("order", book.order)
        content: dict[str, Any] = {
            "id": book.reference,
            "object": "checkout",
            "mode": "test",
            "request_id": order,
            "status": {"pending": "pending", "succeeded": "completed", "cancelled": "expired"}[book.state],
            "product": self.products[book.extra["product"]],
            "metadata": {**book.extra["metadata"], "order": order},
            "checkout_url": f"{self.base_url}/checkout/{book.reference}",
        }
        if book.state == "succeeded":
            taken = self.transactions[book.extra["first"]]
            coins = self.told("amount", book.coins)
            content["order"] = {
                "id": f"ord_{book.reference}",
                "object": "order",
                "amount": coins,
                "sub_total": coins,
                "tax_amount": taken["tax_amount"],
                "amount_paid": coins + taken["tax_amount"],
                "currency": self.told("currency", book.currency),
                "status": "paid",
                "transaction": taken["id"],
            }
        if "subscription" in book.extra:
            content["subscription"] = {"id": book.extra["subscription"], "object": "subscription"}
        return content

    def _transaction(self, found: dict[str, Any]) -> dict[str, Any]:
        return {
            **found,
            "amount": self.told("amount", found["amount"]),
            "currency": self.told("currency", found["currency"]),
        }

    def _subscription(self, reference: str) -> dict[str, Any]:
        kept = self.subscriptions[reference]
        book: Book = kept["book"]
        return {
            "id": reference,
            "object": "subscription",
            "mode": "test",
            "status": kept["status"],
            "product": self.products[book.extra["product"]],
            "last_transaction_id": book.number,
            "last_transaction": self._transaction(self.transactions[book.number]),
            "metadata": {**book.extra["metadata"], "order": self.told("order", book.order)},
            "created_at": _moment(kept["begun"]),
            "current_period_start_date": _moment(kept["period"]),
        }

    def _refund(self, transaction: str, key: str) -> Reply:
        if key in self._refunded:
            return self._refunded[key]
        found = self.transactions.get(transaction)
        if found is None or found["status"] != "paid":
            return Reply({"status": 400, "message": "Transaction is not refundable"}, 400)
        self._settle_refund(found, self.refund_ends)
        self._notify("refund.created", self._refund_event(found, self.refund_ends))
        reply = Reply({"status": self.refund_ends})
        self._refunded[key] = reply
        return reply

    def _settle_refund(self, found: dict[str, Any], status: str) -> None:
        if status == "succeeded":
            found.update(status="refunded", refunded_amount=found["amount_paid"])
            book = self._by_transaction(found["id"])
            self.moved.append(Moved(book.order, found["amount"], found["currency"], found["id"]))

    def _refund_event(self, found: dict[str, Any], status: str) -> dict[str, Any]:
        told = self._transaction(found)
        return {
            "id": self.next_id("ref_"),
            "object": "refund",
            "status": status,
            "transaction": told,
            "refund_amount": told["amount_paid"],
            "refund_currency": told["currency"],
            "checkout": self._checkout(self._by_transaction(found["id"])),
        }

    def _cancel(self, reference: str, content: dict[str, Any]) -> Reply:
        assert content["mode"] == "immediate"
        kept = self.subscriptions.get(reference)
        if kept is None:
            return _found(None)
        if kept["status"] == "canceled":
            return Reply({"status": 400, "message": "Subscription is already canceled"}, 400)
        kept["status"] = "canceled"
        return Reply(self._subscription(reference))

    def _by_transaction(self, transaction: str) -> Book:
        return next(each for each in self.books.values() if transaction in (each.number, each.extra.get("first")))

    def _of(self, order: str) -> Book:
        return next(each for each in reversed(self.books.values()) if each.order == order)


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.425Z")


def _found(content: dict[str, Any] | None) -> Reply:
    return Reply({"status": 404, "message": "not found"}, 404) if content is None else Reply(dict(content))

"""A fake of Stripe: checkout sessions, payment intents, refunds, payment methods, signed events.

Written from https://docs.stripe.com/api and https://docs.stripe.com/webhooks#verify-manually.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from tests.payments.fakes.fake import Asked, Book, Clock, Delivery, Fake, Moved, Reply

API_KEY = "sk_test_" + hashlib.sha256(b"stripe api key").hexdigest()[:40]
HOOK_SECRET = "whsec_" + hashlib.sha256(b"stripe hook").hexdigest()[:32]
OLD_HOOK_SECRET = "whsec_" + hashlib.sha256(b"stripe hook of old").hexdigest()[:32]
_PAGES = ("page", "pressed")
_INTENT_STATUS = {"succeeded": "succeeded", "pending": "processing", "failed": "requires_payment_method"}


class StripeFake(Fake):
    kind = "stripe"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.sessions: dict[str, Book] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.methods: dict[str, str | None] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.decline = "insufficient_funds"
        self._remembered: dict[str, tuple[str, Reply]] = {}

    def section(self) -> dict[str, Any]:
        return {
            "currencies": ["USD", "EUR", "JPY", "KWD"],
            "api_key": {"env": "STRIPE_KEY"},
            "webhook_secret": [{"env": "STRIPE_HOOK"}, {"env": "STRIPE_HOOK_OLD"}],
        }

    def environ(self) -> dict[str, str]:
        return {"STRIPE_KEY": API_KEY, "STRIPE_HOOK": HOOK_SECRET, "STRIPE_HOOK_OLD": OLD_HOOK_SECRET}

    # ---- what happens at Stripe

    def pay(self, order: str) -> None:
        book = self._of(order)
        assert book.state == "pending", book.state
        book.state = "succeeded"
        intent = self._intent(book.order, book.coins, book.currency, "succeeded", book.extra["said"])
        book.number = intent["id"]
        self.moved.append(Moved(order, book.coins, book.currency.upper()))
        self.notify("checkout.session.completed", self._session(book))
        self.notify("payment_intent.succeeded", intent)

    def expire(self, order: str) -> None:
        book = self._of(order)
        book.state = "cancelled"
        self.notify("checkout.session.expired", self._session(book))

    def finish_refund(self, reference: str, status: str) -> None:
        refund = self.refunds[reference]
        refund["status"] = status
        if status == "succeeded":
            self._give_back(refund)
        self.notify("refund.updated", refund)

    def dispute(self, order: str) -> None:
        book = self._of(order)
        said = {"id": self.next_id("dp_"), "object": "dispute", "payment_intent": book.number, "amount": book.coins}
        self.notify("charge.dispute.created", {**said, "currency": book.currency, "status": "needs_response"})

    def notify(self, kind: str, content: dict[str, Any]) -> None:
        event = {
            "id": self.next_id("evt_"),
            "object": "event",
            "type": kind,
            "created": self.second,
            "livemode": False,
            "data": {"object": content},
        }
        body = json.dumps(event, indent=2).encode()
        self.outbox.append(self._signed("https://example.com/hook", body, [HOOK_SECRET]))

    def _signed(self, url: str, body: bytes, secrets: list[str]) -> Delivery:
        signatures = [
            hmac.new(each.encode(), f"{self.second}.".encode() + body, hashlib.sha256).hexdigest() for each in secrets
        ]
        header = ",".join([f"t={self.second}", *(f"v1={each}" for each in signatures), "v0=6ffbb59b2300aae63f272406"])
        return Delivery(url, {"stripe-signature": header, "content-type": "application/json"}, body)

    def redelivered(self, delivery: Delivery) -> Delivery:
        return self._signed(delivery.url, delivery.body, [HOOK_SECRET])

    def forged(self, delivery: Delivery) -> Delivery:
        return self._signed(delivery.url, delivery.body, ["whsec_another", ""])

    def signed_during_a_change(self, delivery: Delivery) -> Delivery:
        """Signed with a secret that is not ours yet, and with our old one."""
        return self._signed(delivery.url, delivery.body, ["whsec_the_next_one", OLD_HOOK_SECRET])

    # ---- the API

    def operation_of(self, asked: Asked) -> str:
        path = asked.path
        table = {
            r"POST /v1/checkout/sessions": "create_session",
            r"GET /v1/checkout/sessions/[^/]+": "session",
            r"POST /v1/checkout/sessions/[^/]+/expire": "expire_session",
            r"POST /v1/payment_intents": "charge",
            r"GET /v1/payment_intents/[^/]+": "intent",
            r"POST /v1/refunds": "refund",
            r"GET /v1/refunds/[^/]+": "refund_status",
            r"GET /c/pay/[^/]+": "page",
            r"POST /c/pay/[^/]+": "pressed",
            r"GET /v1/payment_methods/[^/]+": "method",
            r"POST /v1/payment_methods/[^/]+/detach": "detach",
        }
        return next((name for rule, name in table.items() if re.fullmatch(rule, f"{asked.method} {path}")), "unknown")

    def answer(self, operation: str, asked: Asked) -> Reply:
        if operation in _PAGES:
            return self._page(operation, asked.path.split("/")[3])
        if asked.headers.get("authorization") != f"Bearer {API_KEY}":
            return _error(401, "invalid_request_error", "", "Invalid API Key provided")
        key = asked.headers.get("idempotency-key", "")
        if asked.method == "POST" and key:
            print_of = hashlib.sha256(asked.path.encode() + asked.body).hexdigest()
            if key in self._remembered:
                before, reply = self._remembered[key]
                if before != print_of:
                    return _error(400, "idempotency_error", "", "Keys for idempotent requests can only be used once")
                return reply
            reply = self._do(operation, asked)
            self._remembered[key] = (print_of, reply)
            return reply
        return self._do(operation, asked)

    def sealed(self, operation: str, reply: Reply) -> tuple[dict[str, str], bytes]:
        if operation in _PAGES:
            said = reply.content or {}
            return {"content-type": "text/html", "location": said["to"]}, said["html"].encode()
        return {"content-type": "application/json", "request-id": "req_1"}, json.dumps(reply.content).encode()

    def _do(self, operation: str, asked: Asked) -> Reply:
        form = _nested(asked.body)
        parts = asked.path.split("/")
        if operation == "create_session":
            return self._create_session(form)
        if operation in ("session", "expire_session"):
            return self._session_by_id(operation, parts[4])
        if operation == "charge":
            return self._charge(form)
        if operation == "intent":
            intent = self.intents.get(parts[3])
            return Reply(dict(intent)) if intent else _missing("payment_intent")
        if operation == "refund":
            return self._refund(form)
        if operation == "refund_status":
            found = self.refunds.get(parts[3])
            return Reply(dict(found)) if found else _missing("refund")
        if operation in ("method", "detach"):
            return self._method(operation, parts[3])
        return _missing("path")

    def _create_session(self, form: dict[str, Any]) -> Reply:
        price = form["line_items"]["0"]["price_data"]
        assert form["mode"] == "payment"
        assert form["line_items"]["0"]["quantity"] == "1"
        book = Book(form["client_reference_id"], int(price["unit_amount"]), price["currency"])
        book.reference = self.next_id("cs_test_")
        book.mandate = form["payment_intent_data"].get("setup_future_usage") == "off_session"
        book.extra = {
            "metadata": form["metadata"],
            "said": form["payment_intent_data"]["metadata"],
            "expires_at": int(form.get("expires_at", self.second + 86_400)),
            "success_url": form["success_url"],
        }
        self.sessions[book.reference] = book
        return Reply(self._session(book))

    def _page(self, operation: str, reference: str) -> Reply:
        """What the customer's browser sees; by its button they pay, and go back to where they came from."""
        book = self.sessions[reference]
        if operation == "pressed":
            self.pay(book.order)
            return Reply({"to": book.extra["success_url"], "html": ""}, 303)
        words = f"{book.coins} {book.currency}"
        return Reply({"to": "", "html": f"<title>Pay</title><form method=post><button>Pay {words}</button></form>"})

    def _session_by_id(self, operation: str, reference: str) -> Reply:
        book = self.sessions.get(reference)
        if book is None:
            return _missing("session")
        if operation == "expire_session":
            if book.state != "pending":
                return _error(400, "invalid_request_error", "", "Only open sessions can be expired")
            book.state = "cancelled"
        return Reply(self._session(book))

    def _session(self, book: Book) -> dict[str, Any]:
        order = self.told("order", book.order)
        return {
            "id": book.reference,
            "object": "checkout.session",
            "mode": "payment",
            "client_reference_id": order,
            "amount_total": self.told("amount", book.coins),
            "currency": self.told("currency", book.currency).lower(),
            "status": {"pending": "open", "succeeded": "complete", "cancelled": "expired"}[book.state],
            "payment_status": "paid" if book.state == "succeeded" else "unpaid",
            "payment_intent": book.number or None,
            "metadata": {**book.extra["metadata"], "order": order},
            "expires_at": book.extra["expires_at"],
            "url": f"{self.base_url}/c/pay/{book.reference}" if book.state == "pending" else None,
        }

    def _intent(self, order: str, coins: int, currency: str, status: str, said: dict[str, str]) -> dict[str, Any]:
        method = self.next_id("pm_")
        customer = self.next_id("cus_")
        self.methods[method] = customer
        intent = {
            "id": self.next_id("pi_"),
            "object": "payment_intent",
            "amount": coins,
            "amount_received": coins if status == "succeeded" else 0,
            "currency": currency,
            "status": status,
            "customer": customer,
            "payment_method": method,
            "metadata": said,
        }
        self.intents[str(intent["id"])] = intent
        return intent

    def _charge(self, form: dict[str, Any]) -> Reply:
        assert form["off_session"] == "true"
        assert form["confirm"] == "true"
        if self.methods.get(form["payment_method"]) != form["customer"]:
            return _error(400, "invalid_request_error", "payment_method_invalid", "is not attached to the customer")
        order, coins = form["metadata"]["order"], int(form["amount"])
        status = _INTENT_STATUS[self.charge_ends]
        intent = self._intent(self.told("order", order), coins, form["currency"], status, form["metadata"])
        intent["metadata"] = {**form["metadata"], "order": self.told("order", order)}
        intent["amount"] = self.told("amount", coins)
        if status == "succeeded":
            intent["amount_received"] = intent["amount"]
            self.moved.append(Moved(order, coins, form["currency"].upper()))
            self.notify("payment_intent.succeeded", intent)
        if status == "requires_payment_method":
            self.notify("payment_intent.payment_failed", {**intent, "last_payment_error": {"code": "card_declined"}})
            error = {"type": "card_error", "code": "card_declined", "decline_code": self.decline, "message": "no"}
            return Reply({"error": {**error, "payment_intent": intent}}, 402)
        return Reply(dict(intent))

    def finish_charge(self, order: str) -> None:
        """A charge that was pending came through."""
        intent = next(each for each in self.intents.values() if each["metadata"]["order"] == order)
        intent.update(status="succeeded", amount_received=intent["amount"])
        self.moved.append(Moved(order, intent["amount"], intent["currency"].upper()))
        self.notify("payment_intent.succeeded", intent)

    def _refund(self, form: dict[str, Any]) -> Reply:
        intent = self.intents.get(form["payment_intent"])
        if intent is None:
            return _missing("payment_intent")
        coins = int(form["amount"])
        gone = [each for each in self.refunds.values() if each["payment_intent"] == intent["id"]]
        before = sum(each["amount"] for each in gone if each["status"] != "failed")
        if before + coins > intent["amount_received"]:
            return _error(400, "invalid_request_error", "charge_already_refunded", "more than is left")
        refund = {
            "id": self.next_id("re_"),
            "object": "refund",
            "amount": self.told("amount", coins),
            "currency": self.told("currency", intent["currency"]).lower(),
            "payment_intent": intent["id"],
            "status": self.refund_ends,
            "metadata": form["metadata"],
        }
        self.refunds[refund["id"]] = refund
        if refund["status"] == "succeeded":
            self._give_back(refund)
        self.notify("refund.created", refund)
        return Reply(dict(refund))

    def _give_back(self, refund: dict[str, Any]) -> None:
        said = refund["metadata"]
        self.moved.append(Moved(said["order"], refund["amount"], refund["currency"].upper(), said["refund"]))

    def _method(self, operation: str, method: str) -> Reply:
        if method not in self.methods:
            return _missing("payment_method")
        if operation == "detach":
            if self.methods[method] is None:
                return _error(400, "invalid_request_error", "", "The payment method is not attached")
            self.methods[method] = None
        return Reply({"id": method, "object": "payment_method", "customer": self.methods[method]})

    def _of(self, order: str) -> Book:
        return next(each for each in reversed(self.sessions.values()) if each.order == order)


def _nested(body: bytes) -> dict[str, Any]:
    """``a[b][0]=c`` as nested mappings."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        *path, leaf = re.findall(r"[^\[\]]+", name)
        place = found
        for part in path:
            place = place.setdefault(part, {})
        place[leaf] = value
    return found


def _error(status: int, kind: str, code: str, message: str) -> Reply:
    return Reply({"error": {"type": kind, "code": code or None, "message": message}}, status)


def _missing(what: str) -> Reply:
    return _error(404, "invalid_request_error", "resource_missing", f"No such {what}")

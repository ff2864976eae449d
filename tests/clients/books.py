"""What a gate says of its accounts, through its own API: what clients used and why it cost what it did.

Owns the questions; knows nothing of what is inside the gate.
"""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any, NamedTuple

WAIT_SECONDS = 30.0
PAUSE_SECONDS = 0.005


class Account(NamedTuple):
    """An account with a plan and a key of its own."""

    id: str
    key: str


class Books:
    """The operator API at ``base_url``."""

    def __init__(self, base_url: str, admin_token: str) -> None:
        self._base = f"{base_url}/api/v1"
        self._token = admin_token

    def new_account(self, name: str, *plans: str) -> Account:
        """An account on ``plans``."""
        account = self.call("POST", "/accounts", {"name": name})["id"]
        for plan in plans:
            self.call("POST", f"/accounts/{account}/subscriptions", {"plan": plan})
        return Account(account, self.call("POST", f"/accounts/{account}/keys", {"name": name})["secret"])

    def settled(self, account: str, count: int) -> list[dict[str, Any]]:
        """The ``count`` requests of ``account`` in the order they came, waited for: settling is off a client's path.

        Fails when there are more, or when some are not settled in time.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            requests = self.usage(account)["requests"]
            still_open = self.call("GET", f"/accounts/{account}")["open_holds"]
            if len(requests) >= count and not still_open:
                break
            assert time.monotonic() < deadline, f"{len(requests)} settled, {still_open} open, {count} expected"
            time.sleep(PAUSE_SECONDS)
        assert len(requests) == count, requests
        return sorted(requests, key=lambda row: str(row["request"]))

    def settled_by_now(self, account: str) -> list[dict[str, Any]]:
        """The requests of ``account`` in the order they came, once none is open: however many a client made."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.call("GET", f"/accounts/{account}")["open_holds"]:
            assert time.monotonic() < deadline, "a request stays open"
            time.sleep(PAUSE_SECONDS)
        return sorted(self.usage(account)["requests"], key=lambda row: str(row["request"]))

    def generate(self, account: Account, body: dict[str, Any]) -> None:
        """One request in Chat, in the name of ``account``; an error of it is raised."""
        headers = {"authorization": f"Bearer {account.key}", "content-type": "application/json"}
        url = f"{self._base.removesuffix('/api/v1')}/v1/chat/completions"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            response.read()

    def usage(self, account: str) -> dict[str, Any]:
        """Sums and the newest requests."""
        return self.call("GET", f"/accounts/{account}/usage?limit=500")

    def windows(self, account: str) -> dict[str, dict[str, Any]]:
        """Every window of the account by its name."""
        subscriptions = self.call("GET", f"/accounts/{account}")["subscriptions"]
        return {window["id"]: window for each in subscriptions for window in each["windows"]}

    def explain(self, request: str) -> dict[str, Any]:
        """Why a request cost what it did."""
        return self.call("GET", f"/requests/{request}")

    def call(self, method: str, path: str, body: object = None, key: str | None = None) -> dict[str, Any]:
        """One call of the API, under an idempotency ``key`` where it is given; an error of it is raised."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        if key is not None:
            headers["idempotency-key"] = key
        request = urllib.request.Request(self._base + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

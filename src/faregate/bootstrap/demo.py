"""The demo: a whole service on a database of its own, with the built-in demo upstream, an account, a key and a call.

Owns what the demo sets up. Leaves nothing behind but the database it was told to keep.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from faregate.app.receipts import Write
from faregate.bootstrap.clock import now
from faregate.bootstrap.serving import Service
from faregate.bootstrap.settings import Settings
from faregate.demo_upstream import DemoUpstream, ServedUpstream, serve_demo_upstream
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client

ACCOUNT = "demo"
PLANS = ("88code/free", "88code/plus", "88code/paygo")
MODEL = "claude-sonnet-4"
PROMPT = "What does a fare gate do?"
_KEY = {"FAREGATE_DEMO_UPSTREAM_KEY": "demo"}


class FirstCall(NamedTuple):
    """The first metered call: what was asked and answered, and its explanation."""

    prompt: str
    answer: str
    explanation: dict[str, Any]


@dataclass(slots=True)
class Demo:
    """A running demo. ``stop`` ends everything it started."""

    service: Service
    upstream: ServedUpstream
    key: str
    first_call: FirstCall

    async def stop(self) -> None:
        """Stop the service and the upstream."""
        await self.service.stop()
        await self.upstream.close()


async def start_demo(database: str, host: str, port: int) -> Demo:
    """Start the upstream and the service, make an account with plans and a key, and make the first call.

    On a database that was used before, the account is found again and gets a new key. Raises OSError when ``port``
    cannot be had.
    """
    upstream = await serve_demo_upstream(DemoUpstream())
    try:
        return await _start(upstream, Settings(database, host, port, drain_seconds=2))
    except BaseException:
        await upstream.close()
        raise


async def _start(upstream: ServedUpstream, settings: Settings) -> Demo:
    service = Service(settings, read_upstreams(_upstreams(upstream.url + "/v1"), _KEY))
    await service.start()
    try:
        key = await _account(service)
        first = await _first_call(service, key)
        return Demo(service, upstream, key, first)
    except BaseException:
        await service.stop()
        raise


def _upstreams(url: str) -> list[dict[str, object]]:
    shared = {"base_url": url, "key_env": next(iter(_KEY)), "models": [*_listed(), "*"]}
    return [
        {"name": "demo-openai", "dialect": ["openai", "responses"], **shared},
        {"name": "demo-anthropic", "dialect": "anthropic", **shared},
    ]


def _listed() -> list[str]:
    return ["claude-sonnet-4", "claude-opus-4.5", "claude-haiku-4.5", "gpt-5", "gpt-5-codex", "gpt-5-mini"]


async def _account(service: Service) -> str:
    """The demo account with its plans; returns the secret of a fresh key."""
    control = service.house.control
    office, keys, moment = control.office, control.keys, now()
    known = control.store.accounts_named(ACCOUNT)
    if known:
        account = known[0].id
    else:
        made = await office.create_account(ACCOUNT, Write(f"demo:{moment}", moment))
        account = made["id"]
        for plan in PLANS:
            await office.subscribe(account, plan, Write(f"demo:{moment}:{plan}", moment))
    _, secret = keys.create(account, ACCOUNT, Write(f"demo:{moment}:key", moment))
    service.house.keyring.follow()
    return secret


async def _first_call(service: Service, key: str) -> FirstCall:
    """One call through the gate's own port, and why it cost what it did."""
    body = {"model": MODEL, "max_tokens": 200, "messages": [{"role": "user", "content": PROMPT}]}
    client = Client(environ={})
    try:
        response = await client.request(
            "POST",
            service.url + "/v1/messages",
            headers=[(b"x-api-key", key.encode()), (b"content-type", b"application/json")],
            body=msgspec.json.encode(body),
        )
        answered = await response.read()
    finally:
        await client.close()
    request = (response.header(b"x-faregate-request-id") or b"").decode()
    reply = msgspec.json.decode(answered)
    if response.status != 200:
        raise RuntimeError(f"the demo's first call failed with {response.status}: {reply}")
    text = "".join(block.get("text", "") for block in reply["content"])
    views = service.house.control.views
    explanation = views.explain(request)
    while explanation["state"] == "held":
        # The settlement is off the client's path: it comes a moment after the answer.
        await asyncio.sleep(0)
        explanation = views.explain(request)
    return FirstCall(PROMPT, text, explanation)

"""Serving: the gate, the operator API and the house behind one port.

Owns starting them in order, recovering what a crash left, and stopping without losing a settlement.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from faregate.api.application import build_api
from faregate.api.fence import Fence
from faregate.app.ids import RequestIds
from faregate.app.watch import SECRET_BYTES, Watch
from faregate.bootstrap.clock import now
from faregate.bootstrap.front import front_of, months_of
from faregate.bootstrap.grace import give_grace
from faregate.bootstrap.house import House, open_house
from faregate.bootstrap.identifying import issuers_of, web_authn
from faregate.bootstrap.notifying import Notifying
from faregate.bootstrap.paying import open_cashier
from faregate.bootstrap.settings import Settings
from faregate.bootstrap.studio_gate import StudioGate
from faregate.bootstrap.test_clock import TestClock, check_surroundings, refuse_real_time
from faregate.bootstrap.tools import open_tools
from faregate.console.pages import Console
from faregate.conversion import convertible
from faregate.gate.gate import Gate, refuse_on_the_wire
from faregate.gate.generation import Ports
from faregate.payments.settings import read_payments
from faregate.upstreams.directory import Directory
from faregate.upstreams.settings import Upstream
from faregate.upstreams.view import live_view
from faregate.wire.asgi import AsgiBridge
from faregate.wire.client import Client
from faregate.wire.request_reader import ServerLimits
from faregate.wire.server import Server

log = logging.getLogger("faregate")

FIRST_TOKEN_NAME = "first"
GARBAGE_THRESHOLD = 50_000

START_SETTINGS = {
    "database": "database",
    "host": "host",
    "port": "port",
    "plan_files": "plans",
    "price_files": "prices",
    "hold_durability": "hold_durability",
    "waiting": "database_*_seconds, worker_lease_seconds",
    "workers": "workers",
    "grace_folder": "grace_folder",
    "largest_body_bytes": "largest_body_megabytes",
    "mcp": "mcp",
    "payments": "payments",
    "public_url": "public_url",
    "sign_up": "sign_up",
    "families": "families",
    "mail": "mail",
    "sign_in": "sign_in",
}
"""Field of ``Settings`` -> name in the file, of those that a running service cannot take."""


@dataclass(slots=True)
class Recovered:
    """A hold that a crashed process left open: its account, its request, and how it was closed."""

    account: str
    request: str
    how: str


class Service:
    """Everything that runs in one serving process. ``start``, then ``stop``, in one loop.

    After ``start``: ``port`` is the one bound, ``recovered`` the holds of a crash, ``admin_token`` a fresh token when
    the database had none (shown once, kept nowhere). ``listener``: a socket that listens already, shared with others.
    """

    def __init__(
        self, settings: Settings, upstreams: Iterable[Upstream] = (), listener: socket.socket | None = None
    ) -> None:
        self.settings = settings
        self._listener = listener
        self.port = 0
        self.recovered: list[Recovered] = []
        self.admin_token: str | None = None
        self._own_upstreams = tuple(upstreams)
        self.clock: Callable[[], int] = TestClock() if settings.test_clock else now

    @property
    def url(self) -> str:
        """Where it listens."""
        return address(self.settings.host, self.port)

    async def start(self) -> None:
        """Open the house, recover, listen. Raises what opening raises, and OSError when the port cannot be had."""
        settings = self.settings
        self.house: House = open_house(
            settings.database,
            settings.plan_files,
            settings.price_files,
            settings.hold_durability == "disk",
            self.clock,
            waiting=settings.waiting,
        )
        try:
            await self._start_in(self.house)
        except BaseException:
            await self.house.close()
            raise

    async def _start_in(self, house: House) -> None:
        settings, control = self.settings, house.control
        self._set_clock(house)
        await house.start(follow=True)
        await give_grace(house, settings.grace_folder, self.clock())
        if house.leases is None:
            # The only process: what is open is lost. Among many, the leases tell.
            self.recovered = [Recovered(*each) for each in house.ledger.recover(self.clock())]
        self._client = Client()
        market = house.ledger.market
        self._directory = Directory(
            (*settings.upstreams, *self._own_upstreams),
            self._client,
            canonical=market.canonical,
            card=market.card,
            convertible=convertible,
        )
        ids = RequestIds(os.urandom, house.leases.number if house.leases is not None else None)
        watch = self._watch = Watch(house.ledger, os.urandom(SECRET_BYTES))
        ports = Ports(house.keyring, house.ledger, house.store, self._directory, self.clock, ids, watch)
        self._bridge = AsgiBridge(Fence(Console(build_api(control)), control))
        self._cashier = open_cashier(control, settings.payments or read_payments([], {}), self.clock)
        control.front = front_of(settings)
        control.months = months_of
        control.model_names = self._model_names
        await self._bridge.start()
        waits = not house.store.quick_append or settings.hold_durability == "disk"
        patience = settings.waiting.request_seconds if waits else 0
        self._tools = await open_tools(settings.mcp, house, self._directory, ids, watch, self.clock, patience or None)
        behind = self._bridge if self._tools is None else self._tools.before(self._bridge)
        self.gate = Gate(ports, behind=behind, patience_seconds=patience)
        self.gate.follow_failover(settings.failover)
        self._trust(settings)
        self.gate.bound_bodies(settings.largest_body_bytes)
        control.upstreams = self._upstreams_view
        limits = ServerLimits(body_bytes=settings.largest_body_bytes)
        self._server = Server(self.gate, limits=limits, refuser=refuse_on_the_wire)
        self.port = await self._server.listen(settings.host, settings.port, listener=self._listener)
        self._cashier.start(settings.public_url or self.url)
        if not settings.public_url:
            control.front = replace(control.front, public_url=self.url)
        control.passkeys.verifier = web_authn
        control.identities.issuers = issuers_of(settings.sign_in, self._client)
        self._notifying = Notifying(control, settings.mail, self.clock)
        self._notifying.start()
        watch.start(self.clock)
        control.studio.asker = StudioGate(control, self._client, self.url)
        if not control.store.admin_tokens():
            # Not before: a start that fails would have kept a token that nobody was shown.
            self.admin_token = control.new_admin_token(FIRST_TOKEN_NAME)
        # What lives as long as the process need not be looked at by every collection of garbage.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD, 20, 50)

    def _set_clock(self, house: House) -> None:
        clock = self.clock
        if not isinstance(clock, TestClock):
            refuse_real_time(house.store, self.settings.database)
            return
        check_surroundings(self.settings.host, self.settings.payments)
        clock.keep_in(house.store, self.settings.database)
        house.ledger.shifts = clock.shifts
        house.control.test_clock = clock

    def take(self, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Serve by other settings from now on, as far as a running service can.

        Returns the names of upstreams that came, went or changed, and those of settings that wait for the next start.
        Requests in flight end where they are.
        """
        before = {upstream.name: upstream for upstream in self.settings.upstreams}
        after = {upstream.name: upstream for upstream in settings.upstreams}
        changed = tuple(name for name in {**before, **after} if before.get(name) != after.get(name))
        self._directory.replace((*settings.upstreams, *self._own_upstreams))
        self.gate.follow_failover(settings.failover)
        self._trust(settings)
        self.gate.bound_bodies(settings.largest_body_bytes)
        waiting = tuple(name for name in START_SETTINGS if getattr(self.settings, name) != getattr(settings, name))
        self.settings = replace(
            self.settings,
            upstreams=settings.upstreams,
            failover=settings.failover,
            trusted_proxies=settings.trusted_proxies,
            drain_seconds=settings.drain_seconds,
        )
        return changed, tuple(START_SETTINGS[name] for name in waiting)

    def _trust(self, settings: Settings) -> None:
        self.gate.trust(settings.trusted_proxies)
        if self._tools is not None:
            self._tools.trust(settings.trusted_proxies)

    def _model_names(self) -> list[str]:
        """What upstreams list, and what plans name where an upstream takes it by a pattern."""
        listed = {model.id for model in self._directory.models()}
        named = {model for plan in self.house.ledger.shelf.catalogue for model in plan.exact_models}
        return sorted(listed | {model for model in named if self._directory.route(model, "openai") is not None})

    def _upstreams_view(self) -> dict[str, Any]:
        upstreams = live_view(self._directory.upstreams, self.clock())
        return {"upstreams": upstreams, "counters": self.gate.counters.as_dict()}

    async def stop(self) -> None:
        """Take no more requests, let streams end, settle what is open, close the books."""
        await self._server.close(self.settings.drain_seconds)
        left = await self.gate.close()
        if left:
            log.error("%s holds could not be closed; the next start closes them by their plans' rule", left)
        await self._watch.stop()
        await self._notifying.stop()
        await self._cashier.stop()
        if self._tools is not None:
            await self._tools.stop()
        await self._bridge.stop()
        await self._client.close()
        await self.house.close(left > 0)


def address(host: str, port: int) -> str:
    """The URL of a server that listens there."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def stop_signalled() -> asyncio.Event:
    """What the first SIGINT or SIGTERM sets, from now on."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped

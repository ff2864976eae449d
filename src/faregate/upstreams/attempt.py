"""An attempt: one request sent to one upstream with one key, and what came of it.

Owns telling the health of all concerned, and the counts of open requests. Does not decide whether to try again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from faregate.core.instants import render_instant
from faregate.core.usage import Usage
from faregate.upstreams.channel import Lane
from faregate.upstreams.faults import Concern, Fault, fault_of_answer, fault_of_failure, fault_of_status
from faregate.upstreams.health import Health
from faregate.wire.failures import WireError
from faregate.wire.headers import Header

logger = logging.getLogger(__name__)


class Attempt:
    """Begun when it is made; to be ended by ``end``, once or more often.

    ``name`` is the upstream's, ``key`` the key's where there is more than one ('' else); ``dialect`` is the one it is
    sent in, ``model`` what the upstream calls the model, ``send`` sends a body there. ``is_priced``: ``cost`` can
    tell what it costs. ``fault`` is what went wrong, None as long as nothing did.
    """

    __slots__ = ("_epochs", "_is_open", "dialect", "fault", "is_priced", "key", "lane", "model", "name", "send")

    def __init__(self, lane: Lane, now: int) -> None:
        channel, key = lane.channel, lane.key
        reach, circuit, of_key, rate = lane.healths
        self.lane = lane
        self.send = lane.send
        self.name = channel.name
        self.key = lane.key_name
        self.dialect = channel.dialect
        self.model = channel.model
        self.is_priced = channel.is_priced
        self.fault: Fault | None = None
        self._is_open = True
        self._epochs = reach.epoch, circuit.epoch, of_key.epoch, rate.epoch
        channel.live.open += 1
        key.open += 1
        key.asked += 1
        if reach.uneasy or circuit.uneasy or of_key.uneasy or rate.uneasy:
            for health in lane.healths:
                health.begin(now)

    @property
    def place(self) -> str:
        """Upstream and key in one: where what the upstream keeps of an answer can be found again."""
        return self.lane.place

    def answered(self, now: int) -> None:
        """A good answer begins, or came."""
        lane = self.lane
        lane.channel.live.answered += 1
        reach, circuit, key, rate = lane.healths
        if reach.uneasy or circuit.uneasy or key.uneasy or rate.uneasy:
            for health, epoch in zip(lane.healths, self._epochs, strict=True):
                health.succeeded(epoch, now)

    def refused(self, status: int, headers: Sequence[Header], body: bytes, now: int) -> Fault:
        """The upstream answered with a status that is no success."""
        fault = fault_of_status(status, headers, body, named=self.lane.channel.named, now=now)
        return self._note(fault, now, reached=True)

    def failed(self, failure: WireError, now: int) -> Fault:
        """The wire failed, before or in the middle of an answer."""
        return self._note(fault_of_failure(failure), now, reached=False)

    def spoiled(self, code: str, now: int) -> Fault:
        """The answer is none that a client could be given."""
        return self._note(fault_of_answer(code), now, reached=True)

    def end(self) -> None:
        """Nothing more is heard of it."""
        if self._is_open:
            self._is_open = False
            lane = self.lane
            lane.channel.live.open -= 1
            lane.key.open -= 1
            reach, circuit, key, rate = lane.healths
            if reach.uneasy or circuit.uneasy or key.uneasy or rate.uneasy:
                for health, epoch in zip(lane.healths, self._epochs, strict=True):
                    health.gave_up(epoch)

    def cost(self, usage: Usage, at: int) -> list[Any] | None:
        """What ``usage`` costs the operator: amount in 10⁻⁹ of a currency, the currency, card and share; None where
        nobody said what this upstream costs, or no card prices the model."""
        channel = self.lane.channel
        terms, card = channel.cost_terms, channel.card
        if terms is None or card is None:
            return None
        cost = terms.of(usage, card, at)
        return None if cost is None else list(cost)

    def _note(self, fault: Fault, now: int, *, reached: bool) -> Fault:
        self.fault = fault
        channel = self.lane.channel
        reach, circuit, key, rate = self._epochs
        live, of_model, of_key, of_rate = self.lane.healths
        if fault.concern is not Concern.NOBODY or fault.elsewhere:
            channel.live.note(fault.code, channel.model, now)
        if reached:
            live.succeeded(reach, now)
        match fault.concern:
            case Concern.NOBODY:
                if reached:  # it answers, if only that the request is wrong
                    of_model.succeeded(circuit, now)
                    of_key.succeeded(key, now)
            case Concern.UPSTREAM:
                self._worsen("all of it", live, reach, fault, now)
            case Concern.MODEL:
                self._worsen(f"its model {channel.model}", of_model, circuit, fault, now)
            case Concern.KEY:
                self._worsen(f"its key {self.lane.key.name}", of_key, key, fault, now)
            case Concern.KEY_FOR_MODEL:
                of_key.succeeded(key, now)
                of_rate.rest(rate, now, fault.code, fault.until)
        return fault

    def _worsen(self, what: str, health: Health, epoch: int, fault: Fault, now: int) -> None:
        rests = health.rests
        if fault.at_once:
            health.rest(epoch, now, fault.code, fault.until, tries=True)
        else:
            health.failed(epoch, now, fault.code)
        if health.rests != rests:
            until = render_instant(health.rests_until)
            logger.warning("upstream %s: %s rests until %s: %s", self.name, what, until, fault.code)

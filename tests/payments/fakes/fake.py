"""What every fake payment provider is made of: an HTTP server, a book of what really happened, and a switchboard.

Owns how answers are lost, late, garbled or untrue, and how notifications are kept for the test to deliver, repeat,
reorder or drop. What is said over the wire, and how it is signed, is each fake's own: written from the payment
providers' documentation, with no line of the adapters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl, unquote

from faregate.payments.settings import PaymentsSettings, read_payments
from faregate.wire.exchange import Exchange
from faregate.wire.server import Server

SECOND = 1_000_000


class Clock:
    """Microseconds UTC, standing still unless a test moves it."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Fault(Enum):
    """How an answer goes wrong. In all but the first, what was asked is done."""

    REFUSED_BEFORE = auto()
    """Status 500, and nothing was done."""
    ERROR = auto()
    """Status 500."""
    CUT = auto()
    """The connection is reset."""
    SILENCE = auto()
    """Nothing comes, until the client gives up."""
    GARBLED = auto()
    """Status 200 and half a JSON object; without a signature, where answers have one."""


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass
class Reply:
    """An answer before it is signed and sent. ``content`` None is an empty body."""

    content: dict[str, Any] | None
    status: int = 200


@dataclass(frozen=True)
class Delivery:
    """A notification as it goes out."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Moved:
    """Money that really moved: from the customer for ``order``, or back for ``refund`` of it; in coins."""

    order: str
    coins: int
    currency: str
    refund: str | None = None


class Fake(ABC):
    """A fake payment provider. ``operation`` names are each fake's own; see its ``operation_of``.

    ``charge_ends`` and ``refund_ends`` say what becomes of the next charges and refunds: ``succeeded``, ``pending``
    or ``failed``. ``lies`` replaces ``order``, ``amount`` (coins) or ``currency`` in all that is said of payments.
    """

    kind: str

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.base_url = ""
        self.charge_ends = "succeeded"
        self.refund_ends = "succeeded"
        self.lies: dict[str, Any] = {}
        self.outbox: list[Delivery] = []
        self.asked: list[tuple[str, Asked]] = []
        self.moved: list[Moved] = []
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._twists: defaultdict[str, deque[Callable[[dict[str, Any]], None]]] = defaultdict(deque)
        self._server: Server | None = None
        self._count = 0
        self._hanging: list[Exchange] = []

    # ---- for tests

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        self._server = Server(self._handle, sweep_seconds=0.02)
        port = await self._server.listen("127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{port}"

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.close(0)

    def fail(self, operation: str, *faults: Fault) -> None:
        """The next answers to ``operation`` go wrong like this, one after the other."""
        self._faults[operation].extend(faults)

    def mend(self, operation: str) -> None:
        """No more faults of ``operation``."""
        self._faults[operation].clear()

    def twist(self, operation: str, change: Callable[[dict[str, Any]], None]) -> None:
        """The next answer to ``operation`` is changed before it is signed."""
        self._twists[operation].append(change)

    def count(self, operation: str) -> int:
        """How often ``operation`` was asked for."""
        return sum(name == operation for name, _ in self.asked)

    def paid_for(self, order: str) -> int:
        """Coins that the customer really paid for ``order``."""
        return sum(each.coins for each in self.moved if each.order == order and each.refund is None)

    def given_back(self, order: str) -> int:
        """Coins that really went back of ``order``."""
        return sum(each.coins for each in self.moved if each.order == order and each.refund is not None)

    def settings(self, name: str | None = None) -> PaymentsSettings:
        """Checked settings of an adapter for this fake, read as from a configuration file; called ``name``."""
        section = {"kind": self.kind, "name": name or self.kind, "base_url": self.base_url, **self.section()}
        (found,) = read_payments([section], self.environ())
        return found

    @abstractmethod
    def section(self) -> dict[str, Any]:
        """The rest of the configuration."""

    @abstractmethod
    def environ(self) -> dict[str, str]:
        """The secrets."""

    @abstractmethod
    def pay(self, order: str) -> None:
        """The customer pays for our ``order``; the notification waits in the outbox."""

    @abstractmethod
    def expire(self, order: str) -> None:
        """Nobody paid in time."""

    @abstractmethod
    def redelivered(self, delivery: Delivery) -> Delivery:
        """The same event once more, as it is sent again now: signed anew where a moment is signed."""

    def given_up(self, delivery: Delivery) -> bool:
        """Whether it has stopped sending this by now."""
        return False

    @abstractmethod
    def forged(self, delivery: Delivery) -> Delivery:
        """The same content, signed with another's secret."""

    def altered(self, delivery: Delivery) -> Delivery:
        """One character changed after the signing."""
        body = delivery.body
        place = next(index for index, byte in enumerate(body) if byte in b"123456789")
        changed = body[:place] + (b"9" if body[place : place + 1] != b"9" else b"8") + body[place + 1 :]
        return Delivery(delivery.url, delivery.headers, changed)

    def last(self) -> Delivery:
        """The newest notification."""
        return self.outbox[-1]

    # ---- for fakes

    @abstractmethod
    def operation_of(self, asked: Asked) -> str:
        """What is asked for."""

    @abstractmethod
    def answer(self, operation: str, asked: Asked) -> Reply:
        """Do it."""

    @abstractmethod
    def sealed(self, operation: str, reply: Reply) -> tuple[dict[str, str], bytes]:
        """The answer's headers and body, signed where answers are."""

    def told(self, what: str, truth: Any) -> Any:
        """``truth``, or the lie that is told of it."""
        return self.lies.get(what, truth)

    def next_id(self, prefix: str) -> str:
        """A new id."""
        self._count += 1
        return f"{prefix}{self._count:012d}"

    @property
    def second(self) -> int:
        """Now in seconds."""
        return self.clock.now // SECOND

    # ---- the server

    def _handle(self, exchange: Exchange) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in exchange.headers.items()}
        path, query = exchange.path.decode(), exchange.query.decode()
        asked = Asked(exchange.method.decode(), unquote(path), query, headers, bytes(exchange.body))
        operation = self.operation_of(asked)
        self.asked.append((operation, asked))
        faults = self._faults[operation]
        fault = faults.popleft() if faults else None
        if fault is Fault.REFUSED_BEFORE:
            exchange.send(500, (), b"")
            return
        reply = self.answer(operation, asked)
        if self._twists[operation] and reply.content is not None:
            self._twists[operation].popleft()(reply.content)
        sealed, body = self.sealed(operation, reply)
        if fault is Fault.CUT:
            exchange.abort()
        elif fault is Fault.SILENCE:
            self._hanging.append(exchange)
        elif fault is Fault.ERROR:
            exchange.send(500, (), b"")
        elif fault is Fault.GARBLED:
            exchange.send(200, (), body[: len(body) // 2] or b"{")
        else:
            pairs = [(name.encode(), value.encode()) for name, value in sealed.items()]
            exchange.send(reply.status, pairs, body)


@dataclass
class Book:
    """What a fake remembers of one payment."""

    order: str
    coins: int
    currency: str
    notify_url: str = ""
    state: str = "pending"
    reference: str = ""
    number: str = ""
    mandate: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

"""A channel: one upstream as it serves one model, with a lane for each of its keys.

Owns the head of the upstream's request: credentials, fixed headers, and the few headers of the client that pass. Does
not touch bodies, and does not choose among upstreams.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zlib import crc32

from faregate.core.ratecard import RateCard
from faregate.upstreams.cost import CostTerms
from faregate.upstreams.health import Health
from faregate.upstreams.live_upstream import LiveKey, LiveUpstream
from faregate.wire.call import Call
from faregate.wire.headers import Header, encode_headers

PASSED_HEADERS = (b"user-agent", b"accept", b"anthropic-version", b"anthropic-beta", b"openai-beta", b"x-app")
"""Headers of the client that an upstream gets to see: all others may carry the client's identity or credentials."""

_CONTENT_TYPE = b"content-type"
_JSON = b"\r\ncontent-type: application/json"
_ANTHROPIC_VERSION = b"anthropic-version"


class Channel:
    """Sends requests for one model to one upstream.

    ``name`` is the upstream's; ``dialect`` the name of the dialect it is sent requests in; ``model`` is what it calls
    the model; ``canonical`` what plans and rate cards call it; ``named``: the configuration names the model itself.
    """

    __slots__ = (
        "canonical",
        "card",
        "circuit",
        "cost_terms",
        "dialect",
        "is_priced",
        "lanes",
        "limits",
        "live",
        "model",
        "name",
        "named",
        "passed",
        "path",
        "seed",
        "submit",
        "weight",
    )

    def __init__(
        self,
        live: LiveUpstream,
        submit: Callable[[Call], None],
        dialect: str,
        model: str,
        canonical: str,
        *,
        named: bool = True,
        card: RateCard | None = None,
    ) -> None:
        upstream = live.settings
        self.live = live
        self.name = upstream.name
        self.weight = upstream.weight
        self.seed = crc32(upstream.name.encode())
        self.dialect = dialect
        self.model = model
        self.canonical = canonical
        self.named = named
        self.submit = submit
        self.path = b"POST " + upstream.path.encode()
        self.limits = upstream.limits
        self.cost_terms: CostTerms | None = upstream.cost
        self.card = card
        self.is_priced = card is not None and upstream.cost is not None
        own = _own_headers(live)
        taken = {name for name, _ in own}
        taken.update(name for key in live.keys for name, _ in key.credentials)
        self.passed = tuple((name, b"\r\n" + name + b": ") for name in PASSED_HEADERS if name not in taken)
        state = live.model(model)
        self.circuit = state.circuit
        self.lanes = tuple(Lane(self, key, rate, own) for key, rate in zip(live.keys, state.rates, strict=True))


class Lane:
    """A channel with one of its keys. ``rate`` rests while that key is over its limit for this model.

    ``key_name`` is '' where there is no other key; ``place`` names upstream and key: who keeps an answer for later
    requests keeps it there.
    """

    __slots__ = ("channel", "fixed", "healths", "is_bounded", "key", "key_name", "place", "rate", "seed", "weight")

    def __init__(self, channel: Channel, key: LiveKey, rate: Health, own: list[Header]) -> None:
        self.channel = channel
        self.key = key
        self.rate = rate
        self.seed = key.seed
        self.weight = 1
        self.key_name = key.name if len(channel.live.keys) > 1 else ""
        self.place = f"{channel.name}\n{key.name}"
        self.fixed = b" HTTP/1.1\r\n" + encode_headers([*own, *key.credentials])
        self.healths = channel.live.health, channel.circuit, key.health, rate
        self.is_bounded = key.concurrency is not None or channel.live.concurrency is not None

    def is_ready(self, now: int) -> bool:
        """Whether it may be asked now."""
        reach, circuit, key, rate = self.healths
        if (reach.uneasy or circuit.uneasy or key.uneasy or rate.uneasy) and self.ready_at(now) > now:
            return False
        return not (self.is_bounded and self.is_full)

    def ready_at(self, now: int) -> int:
        """When it may be asked as far as health goes: ``now`` or earlier means at once."""
        return max(health.ready_at(now) for health in self.healths)

    @property
    def model(self) -> str:
        """What the upstream calls the model."""
        return self.channel.model

    @property
    def is_full(self) -> bool:
        """Whether as many requests are open as it may have."""
        live, key = self.channel.live, self.key
        return (key.concurrency is not None and key.open >= key.concurrency) or (
            live.concurrency is not None and live.open >= live.concurrency
        )

    def send(self, call: Call, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """Send ``body`` to ``path`` (after the upstream's base); ``call`` hears the response, or that none came.

        ``headers`` are the client's, names in lower case; ``query`` goes along as it is.
        """
        channel = self.channel
        parts = [channel.path, path, b"?" + query if query else b"", self.fixed, b"content-length: %d" % len(body)]
        # A form keeps the boundary that the client gave it; all else is JSON.
        is_form = body.startswith(b"--")
        parts.append(b"\r\ncontent-type: " + headers.get(_CONTENT_TYPE, b"") if is_form else _JSON)
        for name, written in channel.passed:
            value = headers.get(name)
            if value is not None:
                parts.append(written)
                parts.append(value)
        if channel.dialect == "anthropic_messages" and _ANTHROPIC_VERSION not in headers:
            parts.append(b"\r\nanthropic-version: 2023-06-01")
        parts.append(b"\r\n\r\n")
        call.head = b"".join(parts)
        call.body = body
        call.limits = channel.limits
        channel.submit(call)


def _own_headers(live: LiveUpstream) -> list[Header]:
    upstream = live.settings
    return [
        (b"host", upstream.origin.authority.encode()),
        (b"accept-encoding", b"identity"),
        *upstream.headers,
    ]

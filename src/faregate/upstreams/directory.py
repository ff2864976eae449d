"""The directory: which upstreams serve a model.

Owns the matching of what clients ask for, the list of models, and the exchange of all upstreams for others while
requests are in flight. Does not choose among the channels of a model: a route does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from faregate.core.wildcard import matches
from faregate.dialects.dialect import Model
from faregate.upstreams.channel import Channel
from faregate.upstreams.cost import CardOf
from faregate.upstreams.live_upstream import LiveUpstream
from faregate.upstreams.route import Route
from faregate.upstreams.settings import SAME_NAME, ModelRoute, Upstream
from faregate.wire.client import Client

_REMEMBERED = 4096

Convertible = Callable[[str, str], bool]
"""Whether a request in the first dialect can be sent in the second."""
_Rank = tuple[int, bool, bool]
_Found = tuple[_Rank, int, LiveUpstream, ModelRoute]


def _same(dialect: str, spoken: str) -> bool:
    return dialect == spoken


def _unpriced(model: str) -> None:
    return None


class Directory:
    """Upstreams in the operator's order.

    ``created_at`` is what the models list gives as the age of every model, microseconds UTC; ``canonical`` knows the
    aliases of models: it gives what plans and rate cards call one; ``card`` gives its list prices; ``convertible``
    says between which dialects requests can be carried over.
    """

    def __init__(
        self,
        upstreams: Iterable[Upstream],
        client: Client,
        created_at: int = 0,
        canonical: Callable[[str], str] = str,
        card: CardOf = _unpriced,
        convertible: Convertible = _same,
    ) -> None:
        self._upstreams = tuple(LiveUpstream(upstream) for upstream in upstreams)
        self._canonical = canonical
        self._card = card
        self._convertible = convertible
        self._client = client
        self._created_at = created_at
        self._routes: dict[tuple[str, str], Route | None] = {}

    @property
    def upstreams(self) -> tuple[LiveUpstream, ...]:
        """All of them, in the operator's order."""
        return self._upstreams

    def route(self, model: str, dialect: str) -> Route | None:
        """The channels for ``model`` as a client of ``dialect`` asks for it; None when nobody serves it."""
        key = (model, dialect)
        if key not in self._routes:
            if len(self._routes) >= _REMEMBERED:  # clients may ask for any name
                self._routes.clear()
            self._routes[key] = self._find(model, dialect)
        return self._routes[key]

    def replace(self, upstreams: Iterable[Upstream]) -> None:
        """From now on these serve. One that was there before and is the same keeps its health and its counts.

        Requests in flight go on where they are; pools of addresses that nobody has any more close behind them.
        """
        before = {live.settings.name: live for live in self._upstreams}
        gone = {live.settings.origin for live in self._upstreams}
        kept = []
        for upstream in upstreams:
            live = before.get(upstream.name)
            kept.append(live if live is not None and live.settings == upstream else LiveUpstream(upstream))
            gone.discard(upstream.origin)
        self._upstreams = tuple(kept)
        self._routes.clear()
        for origin in gone:
            self._client.retire(origin)

    @property
    def remembered(self) -> int:
        """How many answers of ``route`` are kept for the next time."""
        return len(self._routes)

    def models(self) -> list[Model]:
        """What clients may ask for by name, sorted; patterns are not listed."""
        names = {
            route.pattern: live.name
            for live in reversed(self._upstreams)
            for route in live.settings.models
            if "*" not in route.pattern
        }
        return [Model(name, name, self._created_at, names[name]) for name in sorted(names)]

    def _find(self, model: str, dialect: str) -> Route | None:
        found = sorted(self._matching(model, dialect), key=lambda each: each[:2])
        if not found:
            return None
        channels: list[tuple[_Rank, Channel]] = []
        for rank, _, live, route in found:
            channel = self._channel(live, route, model, dialect)
            first = channels[0][1] if channels else channel
            # A customer is charged the same wherever the request goes; and what cannot be carried over is no way out.
            fits = channel.canonical == first.canonical and self._carries(channel, dialect) == self._carries(
                first, dialect
            )
            if fits and all(channel.live is not each.live for _, each in channels):
                channels.append((rank, channel))
        return Route([[each for _, each in group] for _, group in groupby(channels, key=lambda pair: pair[0])])

    def _matching(self, model: str, dialect: str) -> Iterable[_Found]:
        """Those that serve it. Before others go higher priorities, the client's own dialect, and names in full."""
        for position, live in enumerate(self._upstreams):
            for route in live.settings.models:
                if matches(route.pattern, model):
                    foreign = not self._convertible_in(live, dialect)
                    rank = (-live.settings.priority, dialect not in live.settings.dialects, "*" in route.pattern)
                    yield (rank if not foreign else (1 << 30, True, rank[2])), position, live, route

    def _convertible_in(self, live: LiveUpstream, dialect: str) -> bool:
        return any(self._convertible(dialect, spoken) for spoken in live.settings.dialects)

    def _carries(self, channel: Channel, dialect: str) -> bool:
        return self._convertible(dialect, channel.dialect)

    def _channel(self, live: LiveUpstream, route: ModelRoute, model: str, dialect: str) -> Channel:
        name = model if route.upstream == SAME_NAME else route.upstream
        canonical = self._canonical(model if route.canonical == SAME_NAME else route.canonical)
        spoken = live.settings.dialects
        if dialect in spoken:
            chosen = dialect
        else:
            chosen = next((each for each in spoken if self._convertible(dialect, each)), spoken[0])
        terms = live.settings.cost
        return Channel(
            live,
            self._client.sender(live.settings.origin),
            chosen,
            name,
            canonical,
            named="*" not in route.pattern,
            card=None if terms is None else terms.card(canonical, self._card),
        )

"""The directory: which upstream serves a model.

Owns the matching of what clients ask for, and the list of models. One channel a model for now: choosing among several
by health and price has its place here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from faregate.core.wildcard import matches
from faregate.dialects.dialect import Model
from faregate.upstreams.channel import Channel
from faregate.upstreams.settings import SAME_NAME, ModelRoute, Upstream
from faregate.wire.client import Client

_REMEMBERED = 4096


class Directory:
    """Upstreams in the operator's order. The client's dialect beats another, then an exact name beats a pattern.

    ``created_at`` is what the models list gives as the age of every model, microseconds UTC; ``canonical`` knows the
    aliases of models: it gives what plans and rate cards call one.
    """

    def __init__(
        self,
        upstreams: Iterable[Upstream],
        client: Client,
        created_at: int = 0,
        canonical: Callable[[str], str] = str,
    ) -> None:
        self._upstreams = tuple(upstreams)
        self._canonical = canonical
        self._client = client
        self._created_at = created_at
        self._channels: dict[tuple[str, str], Channel | None] = {}

    def channel(self, model: str, dialect: str) -> Channel | None:
        """The channel for ``model`` as a client of ``dialect`` asks for it; None when nobody serves it."""
        key = (model, dialect)
        if key not in self._channels:
            if len(self._channels) >= _REMEMBERED:  # clients may ask for any name
                self._channels.clear()
            self._channels[key] = self._find(model, dialect)
        return self._channels[key]

    @property
    def remembered(self) -> int:
        """How many answers of ``channel`` are kept for the next time."""
        return len(self._channels)

    def models(self) -> list[Model]:
        """What clients may ask for by name, sorted; patterns are not listed."""
        names = {
            route.pattern: upstream.name
            for upstream in reversed(self._upstreams)
            for route in upstream.models
            if "*" not in route.pattern
        }
        return [Model(name, name, self._created_at, names[name]) for name in sorted(names)]

    def _find(self, model: str, dialect: str) -> Channel | None:
        found = [
            (dialect not in upstream.dialects, "*" in route.pattern, position, upstream, route)
            for position, upstream in enumerate(self._upstreams)
            for route in upstream.models
            if matches(route.pattern, model)
        ]
        if not found:
            return None
        _, _, _, upstream, route = min(found, key=lambda each: each[:3])
        return self._channel(upstream, route, model, dialect)

    def _channel(self, upstream: Upstream, route: ModelRoute, model: str, dialect: str) -> Channel:
        name = model if route.upstream == SAME_NAME else route.upstream
        canonical = model if route.canonical == SAME_NAME else route.canonical
        spoken = dialect if dialect in upstream.dialects else upstream.dialects[0]
        return Channel(upstream, self._client, spoken, name, self._canonical(canonical))

"""An upstream at work: its keys, how it and they are, how many requests are open, and what came of them.

Owns what changes while the service runs, for all models and dialects of the upstream. Does not choose or send.
"""

from __future__ import annotations

from zlib import crc32

from faregate.upstreams.health import CIRCUIT, KEY, RATE, Health
from faregate.upstreams.key_settings import UpstreamKey
from faregate.upstreams.settings import Upstream

_REMEMBERED_MODELS = 1024


class LiveKey:
    """A key at work. ``seed`` is its place among others, the same in every process and after every start."""

    __slots__ = ("asked", "concurrency", "credentials", "health", "name", "open", "seed", "weight")

    def __init__(self, key: UpstreamKey, upstream: str) -> None:
        self.name = key.name
        self.credentials = key.credentials
        self.concurrency = key.concurrency
        self.health = Health(KEY)
        self.open = 0
        self.asked = 0
        self.weight = 1
        self.seed = crc32(f"{upstream}\n{key.name}".encode())


class LiveModel:
    """A model at an upstream: its circuit, and the limits on its rate for each of the upstream's keys."""

    __slots__ = ("circuit", "rates")

    def __init__(self, keys: int) -> None:
        self.circuit = Health(CIRCUIT)
        self.rates = tuple(Health(RATE) for _ in range(keys))

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to remember of it."""
        return not self.circuit.rests_until and not any(rate.rests_until for rate in self.rates)


class LiveUpstream:
    """``health`` is that of reaching it at all. ``faults`` counts failed requests by their code."""

    __slots__ = (
        "answered",
        "concurrency",
        "faults",
        "health",
        "keys",
        "last_fault",
        "models",
        "name",
        "open",
        "settings",
    )

    def __init__(self, settings: Upstream) -> None:
        self.settings = settings
        self.name = settings.name
        self.concurrency = settings.concurrency
        self.health = Health(CIRCUIT)
        self.keys = tuple(LiveKey(key, settings.name) for key in settings.keys)
        self.models: dict[str, LiveModel] = {}
        self.open = 0
        self.answered = 0
        self.faults: dict[str, int] = {}
        self.last_fault: tuple[int, str, str] | None = None

    def model(self, name: str) -> LiveModel:
        """The state of the model that the upstream calls ``name``."""
        model = self.models.get(name)
        if model is None:
            if len(self.models) >= _REMEMBERED_MODELS:  # patterns take any name
                self.models = {each: kept for each, kept in self.models.items() if not kept.is_plain}
            model = self.models[name] = LiveModel(len(self.keys))
        return model

    def note(self, code: str, model: str, now: int) -> None:
        """A request for ``model`` failed."""
        self.faults[code] = self.faults.get(code, 0) + 1
        self.last_fault = (now, code, model)

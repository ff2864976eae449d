"""Upstreams as operators see them: how they are configured, how they are, and what came of their requests.

Owns the plain data, without a secret. Instants are RFC 3339.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from faregate.core.instants import render_instant
from faregate.upstreams.health import Health
from faregate.upstreams.live_upstream import LiveKey, LiveModel, LiveUpstream
from faregate.upstreams.settings import Upstream


def settings_view(upstream: Upstream) -> dict[str, Any]:
    """What the configuration says of one."""
    cost, limits = upstream.cost, upstream.limits
    return {
        "name": upstream.name,
        "dialects": list(upstream.dialects),
        "base_url": f"{upstream.origin.scheme}://{upstream.origin.authority}{upstream.path}",
        "models": [
            {"model": route.pattern, "upstream": route.upstream, "canonical": route.canonical}
            for route in upstream.models
        ],
        "priority": upstream.priority,
        "weight": upstream.weight,
        "concurrency": upstream.concurrency,
        "keys": [{"name": key.name, "concurrency": key.concurrency} for key in upstream.keys],
        "cost": None if cost is None else {"share": str(cost.share), "own_prices": sorted(cost.own)},
        "connect_seconds": limits.connect_seconds,
        "first_byte_seconds": limits.first_byte_seconds,
        "idle_seconds": limits.idle_seconds,
    }


def live_view(upstreams: Iterable[LiveUpstream], now: int) -> list[dict[str, Any]]:
    """What they are configured as, and how they are at ``now``."""
    return [_live(live, now) for live in upstreams]


def _live(live: LiveUpstream, now: int) -> dict[str, Any]:
    last = live.last_fault
    return {
        **settings_view(live.settings),
        **_health(live.health, now),
        "open": live.open,
        "keys": [_key(key, now) for key in live.keys],
        "resting_models": [
            _model(name, model, live, now) for name, model in sorted(live.models.items()) if _rests(model, now)
        ],
        "answered": live.answered,
        "faults": dict(sorted(live.faults.items())),
        "last_fault": None if last is None else {"at": render_instant(last[0]), "code": last[1], "model": last[2]},
    }


def _key(key: LiveKey, now: int) -> dict[str, Any]:
    counts = {"open": key.open, "concurrency": key.concurrency, "asked": key.asked}
    return {"name": key.name, **_health(key.health, now), **counts}


def _model(name: str, model: LiveModel, live: LiveUpstream, now: int) -> dict[str, Any]:
    keys = zip(live.keys, model.rates, strict=True)
    return {
        "model": name,
        **_health(model.circuit, now),
        "keys": [{"name": key.name, **_health(rate, now)} for key, rate in keys if rate.state(now) != "well"],
    }


def _rests(model: LiveModel, now: int) -> bool:
    return any(health.state(now) != "well" for health in (model.circuit, *model.rates))


def _health(health: Health, now: int) -> dict[str, Any]:
    state = health.state(now)
    return {
        "state": state,
        "why": None if state == "well" else health.why,
        "rests_until": render_instant(health.rests_until) if state == "resting" else None,
        "rests": health.rests,
    }

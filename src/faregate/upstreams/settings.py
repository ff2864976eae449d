"""What an operator says about an upstream.

Owns the shape of the ``upstreams`` section of the configuration and its checks. Keys and costs are read by modules of
their own. Does not connect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from faregate.upstreams.cost import CostTerms, read_cost
from faregate.upstreams.key_settings import KeySetting, UpstreamKey, check_concurrency, checked_headers, read_keys
from faregate.upstreams.settings_error import UpstreamSettingsError
from faregate.wire.call import CallLimits
from faregate.wire.headers import Header
from faregate.wire.origin import InvalidOriginError, Origin, split_url

DIALECTS = {
    "openai": ("openai_chat", "openai_embeddings", "openai_images"),
    "responses": ("openai_responses",),
    "anthropic": ("anthropic_messages",),
    "google": ("google_generate",),
}
"""What the configuration calls an API -> the dialects that an upstream of it is sent requests in."""

SAME_NAME = "*"
_BEARER = "authorization"
_KEY_HEADERS = {"anthropic": "x-api-key", "google": "x-goog-api-key"}
"""Where an upstream that speaks this alone takes its key."""
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class ModelRoute:
    """One line of an upstream's models.

    ``pattern`` is what clients ask for (``*`` wildcards); ``upstream`` is what the upstream calls it (``*``: the
    same); ``canonical`` is what plans and rate cards call it (``*``: as the client does).
    """

    pattern: str
    upstream: str = SAME_NAME
    canonical: str = SAME_NAME


@dataclass(frozen=True, slots=True)
class Upstream:
    """A checked upstream. ``dialects``: all that it speaks, the operator's first choice first.

    Of those that serve a model the highest ``priority`` is asked first, and among equals each as often as its
    ``weight`` says. ``concurrency`` bounds its open requests; ``cost`` is what it is paid, None where nobody says.
    """

    name: str
    dialects: tuple[str, ...]
    origin: Origin
    path: str
    models: tuple[ModelRoute, ...]
    limits: CallLimits
    headers: tuple[Header, ...] = ()
    keys: tuple[UpstreamKey, ...] = (UpstreamKey(),)
    priority: int = 0
    weight: int = 1
    concurrency: int | None = None
    cost: CostTerms | None = None


class _Model(msgspec.Struct, forbid_unknown_fields=True):
    upstream: str = SAME_NAME
    canonical: str = SAME_NAME


class _Settings(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    dialect: str | list[str]
    base_url: str
    models: list[str] | dict[str, str | _Model]
    key_env: str | None = None
    key_file: str | None = None
    keys: list[str | KeySetting] = []
    key_header: str | None = None
    headers: dict[str, str] = {}
    priority: int = 0
    weight: int = 1
    concurrency: int | None = None
    key_concurrency: int | None = None
    cost: float | str | None = None
    cost_prices: str | None = None
    connect_seconds: float = 10.0
    first_byte_seconds: float = 300.0
    idle_seconds: float = 300.0


def read_upstreams(section: object, environ: Mapping[str, str], folder: Path = Path()) -> tuple[Upstream, ...]:
    """The upstreams of a configuration's ``upstreams`` list, in its order; price files stand in ``folder``.

    Raises UpstreamSettingsError.
    """
    if not isinstance(section, list):
        raise UpstreamSettingsError("list", "", "`upstreams` must be a list")
    found = tuple(_read(item, index, environ, folder) for index, item in enumerate(section, 1))
    names = [upstream.name for upstream in found]
    for name in names:
        if names.count(name) > 1:
            raise UpstreamSettingsError(name, "name", "is taken by another upstream")
    return found


def _read(item: object, index: int, environ: Mapping[str, str], folder: Path) -> Upstream:
    where = str(item.get("name", index)) if isinstance(item, dict) else str(index)
    try:
        settings = msgspec.convert(item, _Settings)
    except msgspec.ValidationError as error:
        raise UpstreamSettingsError(where, "", str(error)) from None
    if not settings.name.strip():
        raise UpstreamSettingsError(where, "name", "must not be empty")
    try:
        origin, path = split_url(settings.base_url)
    except InvalidOriginError as error:
        raise UpstreamSettingsError(where, "base_url", str(error)) from None
    if "?" in path:
        raise UpstreamSettingsError(where, "base_url", "must have no query")
    return Upstream(
        name=settings.name,
        dialects=_dialects(settings, where),
        origin=origin,
        path=path.rstrip("/"),
        models=_models(settings, where),
        limits=_limits(settings, where),
        headers=_headers(settings.headers, where),
        keys=_keys(settings, where, environ),
        priority=_whole(settings.priority, -1000, 1000, where, "priority"),
        weight=_whole(settings.weight, 1, 1000, where, "weight"),
        concurrency=check_concurrency(settings.concurrency, where, "concurrency"),
        cost=read_cost(settings.cost, settings.cost_prices, folder, where),
    )


def _spoken(settings: _Settings) -> list[str]:
    return [settings.dialect] if isinstance(settings.dialect, str) else settings.dialect


def _dialects(settings: _Settings, where: str) -> tuple[str, ...]:
    spoken = _spoken(settings)
    if not spoken:
        raise UpstreamSettingsError(where, "dialect", "names no dialect")
    for name in spoken:
        if name not in DIALECTS:
            raise UpstreamSettingsError(where, "dialect", f"{name!r} is none of {', '.join(DIALECTS)}")
    return tuple(dialect for name in spoken for dialect in DIALECTS[name])


def _models(settings: _Settings, where: str) -> tuple[ModelRoute, ...]:
    listed = settings.models
    given: dict[str, str | _Model] = dict.fromkeys(listed, SAME_NAME) if isinstance(listed, list) else listed
    if not given:
        raise UpstreamSettingsError(where, "models", "names no model; `['*']` sends every name as it is")
    routes = []
    for pattern, target in given.items():
        model = _Model(upstream=target) if isinstance(target, str) else target
        for name in (model.upstream, model.canonical):
            if not name or (SAME_NAME in name and name != SAME_NAME):
                problem = f"{pattern}: {name!r} must be a name, or `*` for the same name"
                raise UpstreamSettingsError(where, "models", problem)
        routes.append(ModelRoute(pattern, model.upstream, model.canonical))
    return tuple(routes)


def _limits(settings: _Settings, where: str) -> CallLimits:
    for name in ("connect_seconds", "first_byte_seconds", "idle_seconds"):
        if not 0 < getattr(settings, name) <= 86_400:
            raise UpstreamSettingsError(where, name, "must be more than 0 and at most 86400")
    return CallLimits(settings.connect_seconds, settings.first_byte_seconds, settings.idle_seconds)


def _headers(given: Mapping[str, str], where: str) -> tuple[Header, ...]:
    for name in given:
        if name.lower() in _OURS or not name.isascii() or not name or " " in name or ":" in name:
            raise UpstreamSettingsError(where, "headers", f"{name!r} cannot be set")
    headers = tuple((name.lower().encode(), value.encode()) for name, value in given.items())
    return checked_headers(headers, where, "headers")


def _keys(settings: _Settings, where: str, environ: Mapping[str, str]) -> tuple[UpstreamKey, ...]:
    spoken = _spoken(settings)
    header = settings.key_header or (_KEY_HEADERS.get(spoken[0], _BEARER) if len(spoken) == 1 else _BEARER)
    if settings.key_env and settings.key_file:
        raise UpstreamSettingsError(where, "key_env", "and key_file are both given; keep one")
    given = [KeySetting(env=each) if isinstance(each, str) else each for each in settings.keys]
    if settings.key_env or settings.key_file:
        if given:
            raise UpstreamSettingsError(where, "keys", "stands beside key_env or key_file; put all keys into it")
        given = [KeySetting(settings.key_env, settings.key_file)]
    return read_keys(given, header, settings.key_concurrency, where, environ)


def _whole(given: int, least: int, most: int, where: str, field: str) -> int:
    if not least <= given <= most:
        raise UpstreamSettingsError(where, field, f"must be from {least} to {most}")
    return given


def settings_schema() -> dict[str, Any]:
    """JSON Schema of one item of the ``upstreams`` list."""
    return msgspec.json.schema(_Settings)

"""What an operator says about tools over MCP: the ``mcp`` section of the configuration, checked.

Owns the section's shape and its defaults. Connects to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from faregate.mcp.search_forms import FIELDS, FORMS, SearchForm
from faregate.mcp.secrets import NO_SECRET, Secret, read_secret
from faregate.mcp.settings_error import McpSettingsError
from faregate.wire.egress import DEFAULT_PORTS, EgressPolicy, read_network
from faregate.wire.fetching import FetchLimits
from faregate.wire.origin import InvalidOriginError, split_url

_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept", "mcp-session-id"})
_SERVER_NAME = re.compile(r"[a-z0-9](-?[a-z0-9]){0,31}")
_RESERVED = frozenset({"web-search", "web-read", "web-reader", "vision"})

Seconds = Annotated[float, Meta(gt=0, le=600)]


class _Part(msgspec.Struct, forbid_unknown_fields=True):
    """A part of the section: nothing in it may be misspelt."""


class _Search(_Part):
    form: Literal["brave", "tavily", "json"]
    url: str | None = None
    key_env: str | None = None
    key_file: str | None = None
    key_header: str | None = None
    method: Literal["GET", "POST"] | None = None
    query: str | None = None
    count: str | None = None
    parameters: dict[str, str | int | bool] = {}
    results: str | None = None
    fields: dict[str, str] = {}
    most_results: Annotated[int, Meta(ge=1, le=50)] = 10
    seconds: Seconds = 15.0


class _Read(_Part):
    seconds: Seconds = 20.0
    largest_megabytes: Annotated[int, Meta(ge=1, le=64)] = 5
    most_characters: Annotated[int, Meta(ge=1000, le=1_000_000)] = 50_000
    redirects: Annotated[int, Meta(ge=0, le=20)] = 5
    user_agent: str = "Faregate"
    robots: bool = False


class _Vision(_Part):
    model: str
    most_tokens: Annotated[int, Meta(ge=1, le=100_000)] = 2_000
    seconds: Seconds = 120.0
    largest_megabytes: Annotated[int, Meta(ge=1, le=64)] = 10


class _Egress(_Part):
    networks: list[str] = []
    ports: list[Annotated[int, Meta(ge=1, le=65535)]] = msgspec.field(default_factory=lambda: list(DEFAULT_PORTS))


class _Server(_Part):
    name: str
    url: str
    key_env: str | None = None
    key_file: str | None = None
    key_header: str = "authorization"
    headers: dict[str, str] = {}
    tools: list[str] = msgspec.field(default_factory=lambda: ["*"])
    seconds: Seconds = 60.0


class _Section(_Part):
    web_search: _Search | None = None
    web_read: _Read | None = None
    vision: _Vision | None = None
    servers: list[_Server] = []
    egress: _Egress = msgspec.field(default_factory=_Egress)
    origins: list[str] = []


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Whom to ask. ``name`` stands in usage rows; ``parameters`` go along with every question."""

    name: str
    form: SearchForm
    secret: Secret = NO_SECRET
    parameters: tuple[tuple[str, str | int | bool], ...] = ()
    most_results: int = 10
    seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Bounds of reading pages. ``robots``: whether what sites ask of robots is followed."""

    limits: FetchLimits = FetchLimits()  # noqa: RUF009 - it is frozen
    most_characters: int = 50_000
    user_agent: str = "Faregate"
    robots: bool = False


@dataclass(frozen=True, slots=True)
class VisionSettings:
    """``model`` is asked for as a client would."""

    model: str
    most_tokens: int = 2_000
    seconds: float = 120.0
    largest_bytes: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A server of somebody else's. ``tools`` are patterns over its own names."""

    name: str
    url: str
    secret: Secret = NO_SECRET
    headers: tuple[tuple[str, str], ...] = ()
    key_header: str = "authorization"
    tools: tuple[str, ...] = ("*",)
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class McpSettings:
    """The checked section. A tool is served where its part is there; ``origins`` are those of web pages let in."""

    web_search: SearchSettings | None = None
    web_read: ReadSettings | None = None
    vision: VisionSettings | None = None
    servers: tuple[ServerSettings, ...] = ()
    egress: EgressPolicy = EgressPolicy()  # noqa: RUF009 - it is frozen
    origins: tuple[str, ...] = ()


def read_mcp(section: object, environ: Mapping[str, str]) -> McpSettings:
    """The ``mcp`` section of a configuration. Raises McpSettingsError."""
    try:
        given = msgspec.convert(section, _Section)
    except msgspec.ValidationError as error:
        raise McpSettingsError("", str(error)) from None
    names = [server.name for server in given.servers]
    for name in names:
        if names.count(name) > 1:
            raise McpSettingsError(f"servers.{name}", "two servers have this name")
    return McpSettings(
        _search(given.web_search, environ) if given.web_search is not None else None,
        _read(given.web_read) if given.web_read is not None else None,
        _vision(given.vision) if given.vision is not None else None,
        tuple(_server(each, environ) for each in given.servers),
        _egress(given.egress),
        tuple(_origin(each) for each in given.origins),
    )


def _search(given: _Search, environ: Mapping[str, str]) -> SearchSettings:
    where = "web_search"
    preset = FORMS[given.form]
    for name in given.fields:
        if name not in FIELDS:
            raise McpSettingsError(f"{where}.fields", f"{name!r} is none of {', '.join(FIELDS)}")
    form = SearchForm(
        given.url or preset.url,
        given.method or preset.method,
        given.query or preset.query,
        preset.number if given.count is None else given.count,
        (given.key_header or preset.key_header).lower(),
        preset.results if given.results is None else given.results,
        {**preset.fields, **given.fields},
    )
    if not form.url:
        raise McpSettingsError(f"{where}.url", "the form `json` needs the address of a search service")
    _checked_url(form.url, f"{where}.url")
    secret = read_secret(given.key_env, given.key_file, f"{where}.key_env", environ)
    if given.form != "json" and not secret.value:
        raise McpSettingsError(f"{where}.key_env", "this service needs a key; name the variable that holds it")
    host = urlsplit(form.url).hostname or ""
    name = given.form if given.form != "json" else host
    return SearchSettings(
        name, form, secret, tuple(given.parameters.items()), given.most_results, float(given.seconds)
    )


def _read(given: _Read) -> ReadSettings:
    if not given.user_agent.isprintable() or not given.user_agent.isascii() or not given.user_agent:
        raise McpSettingsError("web_read.user_agent", "must be one line of ASCII")
    limits = FetchLimits(float(given.seconds), given.largest_megabytes * 1024 * 1024, given.redirects)
    return ReadSettings(limits, given.most_characters, given.user_agent, given.robots)


def _vision(given: _Vision) -> VisionSettings:
    if not given.model:
        raise McpSettingsError("vision.model", "names no model")
    return VisionSettings(given.model, given.most_tokens, float(given.seconds), given.largest_megabytes * 1024 * 1024)


def _server(given: _Server, environ: Mapping[str, str]) -> ServerSettings:
    where = f"servers.{given.name}"
    if _SERVER_NAME.fullmatch(given.name) is None or given.name in _RESERVED:
        problem = (
            "a name has at most 32 small letters, digits and single hyphens, and is not that of a tool of the gate"
        )
        raise McpSettingsError(f"{where}.name", problem)
    _checked_url(given.url, f"{where}.url")
    for header, value in given.headers.items():
        writable = header.isascii() and header.isprintable() and value.isascii() and value.isprintable()
        if header.lower() in _OURS or not header or not writable or " " in header or ":" in header:
            raise McpSettingsError(f"{where}.headers", f"{header!r} cannot be set")
    secret = read_secret(given.key_env, given.key_file, f"{where}.key_env", environ)
    headers = tuple((header.lower(), value) for header, value in given.headers.items())
    return ServerSettings(
        given.name,
        given.url,
        secret,
        headers,
        given.key_header.lower(),
        tuple(given.tools),
        float(given.seconds),
    )


def _egress(given: _Egress) -> EgressPolicy:
    networks = []
    for text in given.networks:
        try:
            networks.append(read_network(text))
        except ValueError as error:
            raise McpSettingsError("egress.networks", str(error)) from None
    return EgressPolicy(tuple(given.ports), tuple(networks))


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if not parts.scheme or not parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise McpSettingsError("origins", f"{text!r} is no origin; write it as https://app.example")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _checked_url(url: str, where: str) -> None:
    try:
        split_url(url)
    except InvalidOriginError as error:
        raise McpSettingsError(where, str(error)) from None


def settings_schema() -> dict[str, Any]:
    """JSON Schema of the section."""
    return msgspec.json.schema(_Section)

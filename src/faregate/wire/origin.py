"""Where a request goes: scheme, host and port, and the proxy the environment asks for.

Owns the reading of base URLs and of HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY. Does not connect.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


class InvalidOriginError(ValueError):
    """Not an http or https URL with a host."""


@dataclass(frozen=True, slots=True)
class Origin:
    """``scheme`` is http or https; ``host`` has no brackets around an IPv6 address."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """``host`` or ``host:port`` for the Host header: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def host_and_port(self) -> str:
        """``host:port``, always with the port, as CONNECT wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def split_url(url: str) -> tuple[Origin, str]:
    """Origin and path (with the query, if any; ``""`` for none). Raises InvalidOriginError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidOriginError(f"{url!r}: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidOriginError(f"{url!r} is no http:// or https:// URL with a host")
    origin = Origin(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
    return origin, parts.path + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy reached by plain HTTP; ``authorization`` is the value of Proxy-Authorization or empty."""

    host: str
    port: int
    authorization: bytes = b""


def proxy_for(origin: Origin, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy ``environ`` asks for, or None. Lower-case names win. Raises InvalidOriginError."""
    url = _setting(environ, f"{origin.scheme}_proxy") or _setting(environ, "all_proxy")
    if not url or _excluded(origin, _setting(environ, "no_proxy")):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise InvalidOriginError(f"proxy {parts.hostname or '?'}: only http:// proxies are known")
    authorization = b""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = b"Basic " + base64.b64encode(pair.encode())
    return Proxy(parts.hostname, parts.port or 80, authorization)


def _setting(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _excluded(origin: Origin, no_proxy: str) -> bool:
    return any(_matches(origin, entry.strip().lower()) for entry in no_proxy.split(",") if entry.strip())


def _matches(origin: Origin, entry: str) -> bool:
    if entry == "*":
        return True
    if entry.startswith("[") or entry.count(":") == 1:
        name, _, port = entry.rpartition(":")
        if port.isdigit():
            if int(port) != origin.port:
                return False
            entry = name.strip("[]")
    try:
        return ip_address(origin.host) in ip_network(entry, strict=False)
    except ValueError:
        domain = entry.lstrip("*").lstrip(".")
        return origin.host == domain or origin.host.endswith(f".{domain}")

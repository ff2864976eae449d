"""The egress guard: which addresses a URL that somebody else wrote may lead to.

Owns the one rule for every outbound URL that an account can influence: http or https, known ports, no credentials in
it, a plain host, and only addresses of the public internet. A name is resolved once for each connection, every
address it has is judged, and the connection goes to one that was judged, so that a name cannot mean another machine a
moment later. Does not follow redirects (``fetching`` does, asking again for each), and does not judge the URLs of the
operator.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

from faregate.wire.failures import ConnectError
from faregate.wire.origin import Origin

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host, as text. Raises OSError."""

DEFAULT_PORTS = (80, 443)
LONGEST_URL = 4_096

_PORT_OF = {"http": 80, "https": 443}
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_SAFE = "%/?:@!$&'()*+,;=~[]|"
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f\\]")

_CLOSED_V4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers; clouds keep services in it
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own service on an address that looks public
        "169.254.0.0/16",  # link-local, with the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # Teredo among them: it carries an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4: it carries an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


class EgressRefusedError(ConnectError):
    """A URL leads where this service does not go. ``reason`` is one of REASONS; nothing was sent."""

    code = "egress_refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, sent=False)
        self.reason = reason


REASONS = ("bad_url", "scheme", "credentials", "port", "host", "unresolved", "address")


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """``ports`` may be connected to; ``networks`` reached besides the public internet: the operator says so."""

    ports: tuple[int, ...] = DEFAULT_PORTS
    networks: tuple[Network, ...] = ()


def is_public(address: Address) -> bool:
    """Whether ``address`` is one of the public internet, by itself and by the IPv4 address it may carry."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        carries = int(address) >> 32 & 0xFFFF_FFFF in _ISATAP
        closed = carries or any(address in network for network in _CLOSED_V6)
        return address in _OPEN_V6 and not closed and address.is_global
    return not any(address in network for network in _CLOSED_V4) and address.is_global


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The system's own resolution."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class EgressGuard:
    """The rule as one operator set it."""

    def __init__(self, policy: EgressPolicy | None = None, resolver: Resolver = system_resolver) -> None:
        self._policy = policy or EgressPolicy()
        self._resolver = resolver

    def checked(self, url: str) -> tuple[Origin, str]:
        """Origin and path with the query of ``url``, both in ASCII, as far as the text tells.

        Raises EgressRefusedError.
        """
        if len(url) > LONGEST_URL or _UNWRITABLE.search(url) is not None:
            raise EgressRefusedError("bad_url", f"this is no URL of at most {LONGEST_URL} characters without spaces")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise EgressRefusedError("bad_url", "this is no URL") from None
        if parts.scheme not in _PORT_OF:
            raise EgressRefusedError("scheme", "only http:// and https:// URLs are fetched")
        if not host:
            raise EgressRefusedError("bad_url", "this URL names no host")
        if "@" in parts.netloc:
            raise EgressRefusedError("credentials", "URLs with a user name or password are not fetched")
        port = port if port is not None else _PORT_OF[parts.scheme]
        if port not in self._policy.ports:
            raise EgressRefusedError("port", f"port {port} is not connected to")
        origin = Origin(parts.scheme, plain_host(host), port)
        return origin, quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Addresses of ``host`` that may be connected to, at least one. Raises EgressRefusedError.

        A name with one address that may not be connected to is refused whole: no honest site has such.
        """
        given = _as_address(host)
        found = [host] if given is not None else await self._resolved(host, port)
        vetted: list[str] = []
        for text in found:
            address = _as_address(text)
            if address is None or not self._may_reach(address):
                raise EgressRefusedError("address", f"{host} is not on the public internet")
            mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
            vetted.append(str(mapped or address))
        if not vetted:
            raise EgressRefusedError("unresolved", f"{host} has no address")
        return tuple(vetted)

    async def _resolved(self, host: str, port: int) -> Sequence[str]:
        try:
            return await self._resolver(host, port)
        except (OSError, UnicodeError):
            raise EgressRefusedError("unresolved", f"the name {host} was not found") from None

    def _may_reach(self, address: Address) -> bool:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        judged = mapped or address
        return is_public(judged) or any(judged in network for network in self._policy.networks)


def plain_host(host: str) -> str:
    """``host`` as it is asked for: ASCII in lower case, an IP address without brackets. Raises EgressRefusedError.

    Numbers that systems take for an address (``2130706433``, ``0177.0.0.1``, ``127.1``) are refused: what they mean
    depends on who reads them.
    """
    if ":" in host:
        address = _as_address(host)
        if not isinstance(address, IPv6Address) or address.scope_id is not None:
            raise EgressRefusedError("host", "this is no host")
        return str(address)
    try:
        plain = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise EgressRefusedError("host", "this is no host") from None
    if _HOST.fullmatch(plain) is None:
        raise EgressRefusedError("host", "this is no host")
    if _NUMBER.fullmatch(plain.rpartition(".")[2]) and _as_address(plain) is None:
        raise EgressRefusedError("host", "this host is a number; write its name, or an address as a.b.c.d")
    return plain


def read_network(text: str) -> Network:
    """A network as an operator writes it, ``10.1.0.0/16``. Raises ValueError."""
    return ip_network(text)


def _as_address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None

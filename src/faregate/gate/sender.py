"""Who sends a request, as far as it shows: its address, device, session, and whom it says it forwards for.

Owns which address is believed: the socket's, or what a configured proxy in front of the gate says of it. What any
other header claims is kept as a claim: it can only speak against who sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

import msgspec

from faregate.app.sharing_signals import Sight
from faregate.callers.caller import Caller

Network = IPv4Network | IPv6Network

_CHAIN = b"x-forwarded-for"
_CLAIMS = (b"x-real-ip", b"cf-connecting-ip", b"true-client-ip", b"x-openwebui-user-id", b"x-openwebui-user-email")
_DEVICE_HEADERS = (b"x-msh-device-id",)
_RELAYS = (b"one-api", b"new-api", b"one-hub", b"done-hub", b"claude-relay", b"sub2api", b"uni-api", b"gpt-load")
_MOST_CLAIMS = 16
_IPV6_SITE = 64
"""One customer's network: its machines change the rest of their addresses every day."""


class _ClaudeUser(msgspec.Struct):
    device_id: str = ""


_CLAUDE_USER: msgspec.json.Decoder[_ClaudeUser] = msgspec.json.Decoder(_ClaudeUser)


class Addresses(NamedTuple):
    """``verified``: where it comes from, '' where that is not known; ``claimed``: what headers say, unverified."""

    verified: str
    claimed: tuple[str, ...]


def networks_of(written: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks as they are configured. Raises ValueError."""
    return tuple(ip_network(each, strict=False) for each in written)


def addresses_of(peer: str, headers: Mapping[bytes, bytes], proxies: tuple[Network, ...]) -> Addresses:
    """The chain is read from its end: a proxy that is trusted vouches for the one before it, and nobody else does."""
    chain = [each.strip() for each in headers.get(_CHAIN, b"").decode("latin-1").split(",")][-_MOST_CLAIMS:]
    claimed = [each for each in chain if each]
    verified = _address(peer)
    while claimed and verified is not None and _is_trusted(verified, proxies):
        before = _address(claimed[-1])
        if before is None:
            break
        verified = before
        claimed.pop()
    return Addresses("" if verified is None else _site(verified), tuple(claimed))


def sight_of(
    peer: str, headers: Mapping[bytes, bytes], caller: Caller, user_id: str, proxies: tuple[Network, ...]
) -> Sight:
    """What the watch is told of a request."""
    address, claimed = addresses_of(peer, headers, proxies)
    device = _device_id(headers, user_id)
    users = [*claimed, *(headers[name].decode("latin-1") for name in _CLAIMS if name in headers)]
    if user_id and not device:
        users.append(user_id)
    agent = headers.get(b"user-agent", b"").lower()
    return Sight(
        address,
        device or _machine(headers, caller),
        device != "",
        caller.session,
        tuple(users),
        agent.startswith(_RELAYS),
    )


def sight_of_tool_use(peer: str, headers: Mapping[bytes, bytes], proxies: tuple[Network, ...]) -> Sight:
    """The same of a use of a tool over MCP. A session of MCP is no conversation, and the library that speaks it no
    device: both would count one person's client twice.
    """
    seen = sight_of(peer, headers, Caller(), "", proxies)
    return seen if seen.has_device_id else seen._replace(device="")


def _device_id(headers: Mapping[bytes, bytes], user_id: str) -> str:
    for name in _DEVICE_HEADERS:
        if value := headers.get(name):
            return value.decode("latin-1")
    if user_id.startswith("{"):
        try:
            return _CLAUDE_USER.decode(user_id).device_id
        except (msgspec.DecodeError, RecursionError):
            return ""
    # Claude Code until 2.0: user_<its device>_account_..._session_...
    return user_id.partition("_account_")[0] if user_id.startswith("user_") and "_session_" in user_id else ""


def _machine(headers: Mapping[bytes, bytes], caller: Caller) -> str:
    """The client and the kind of machine: its version changes with every update, so it tells nothing."""
    system = b"|".join(headers.get(name, b"") for name in (b"x-stainless-os", b"x-stainless-arch"))
    return f"{caller.client}|{system.decode('latin-1')}"


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_trusted(address: IPv4Address | IPv6Address, proxies: tuple[Network, ...]) -> bool:
    return any(address in network for network in proxies)


def _site(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _IPV6_SITE), strict=False).network_address)

"""Which address is believed, and what of a request is shown to the watch."""

from __future__ import annotations

import json

import pytest

from faregate.callers.caller import Caller
from faregate.gate.sender import addresses_of, networks_of, sight_of

PROXIES = networks_of(["10.0.0.0/8", "fd00::1"])


@pytest.mark.parametrize(
    ("peer", "chain", "verified", "claimed"),
    [
        ("203.0.113.7", "", "203.0.113.7", ()),
        ("203.0.113.7", "1.2.3.4", "203.0.113.7", ("1.2.3.4",)),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7", ()),
        ("10.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7", ("1.2.3.4",)),
        ("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7", ()),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7", ()),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", ()),
        ("10.0.0.1", "unknown", "10.0.0.1", ("unknown",)),
        ("", "203.0.113.7", "", ("203.0.113.7",)),
    ],
)
def test_a_header_is_believed_from_a_trusted_proxy_alone(
    peer: str, chain: str, verified: str, claimed: tuple[str, ...]
) -> None:
    assert addresses_of(peer, {b"x-forwarded-for": chain.encode()}, PROXIES) == (verified, claimed)


def test_a_device_is_an_id_of_the_clients_making_or_its_kind_of_machine() -> None:
    claude = json.dumps({"device_id": "d1", "session_id": "s"})
    assert sight_of("1.1.1.1", {}, Caller("claude-code"), claude, ())[1:3] == ("d1", True)
    older = "user_abc_account__session_00000000-0000-0000-0000-000000000000"
    assert sight_of("1.1.1.1", {}, Caller("claude-code"), older, ())[1:3] == ("user_abc", True)
    kimi = sight_of("1.1.1.1", {b"x-msh-device-id": b"k1"}, Caller("kimi-cli"), "", ())
    assert kimi[1:3] == ("k1", True)
    headers = {b"x-stainless-os": b"Linux", b"x-stainless-arch": b"x64"}
    assert sight_of("1.1.1.1", headers, Caller("pi"), "", ())[1:3] == ("pi|Linux|x64", False)


def test_users_named_by_the_body_or_a_header_are_those_of_a_relay() -> None:
    headers = {b"x-real-ip": b"5.6.7.8", b"user-agent": b"one-api/1"}
    sight = sight_of("1.1.1.1", headers, Caller("other"), "somebody", ())
    assert (sight.users, sight.is_relay) == (("5.6.7.8", "somebody"), True)


@pytest.mark.parametrize("written", ["10.0.0.0/33", "proxy.example", ""])
def test_what_is_no_network_is_no_proxy(written: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        networks_of([written])

"""The egress guard: whatever a URL says and whatever a name resolves to, only the public internet is reached."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.wire.egress import (
    REASONS,
    EgressGuard,
    EgressPolicy,
    EgressRefusedError,
    is_public,
    plain_host,
    read_network,
)

CLOSED = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8"),
    *("168.63.129.16", "169.254.0.23", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1"),
    *("192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "2001::1"),
    *("2001:db8::1", "2001:20::1", "3fff::1", "5f00::1"),
    # Each carries an IPv4 address that is none of the public internet.
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:10.0.0.1"),
    # Dead ways to carry one are closed whatever they carry.
    *("2002:808:808::1", "2001:0:808:808::1"),
]
OPEN = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "168.63.129.17"]
OPEN += ["2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


class Names:
    """A resolver: each question for a name takes its next answer, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self._answers.get(host)
        if answers is None:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.mark.parametrize("address", CLOSED)
def test_what_is_not_the_public_internet_is_closed(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OPEN)
def test_the_public_internet_is_open(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_no_address_is_public_that_the_standard_library_does_not_call_global(address: IPv4Address) -> None:
    assert not is_public(address) or (address.is_global and not address.is_multicast)


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_no_ipv6_address_is_public_outside_global_unicast(address: IPv6Address) -> None:
    carried = address.ipv4_mapped or (address if address not in read_network("64:ff9b::/96") else None)
    if is_public(address) and carried is address:
        assert address in read_network("2000::/3")
        assert address.is_global


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_address_inside_another_is_judged_as_itself(inner: IPv4Address) -> None:
    assert is_public(IPv6Address(int(inner) | 0xFFFF << 32)) == is_public(inner)
    assert is_public(IPv6Address(int(inner) | 0x64FF9B << 96)) == is_public(inner)
    assert not is_public(IPv6Address(0x2002 << 112 | int(inner) << 80))


@pytest.mark.parametrize("address", CLOSED)
async def test_an_address_written_into_the_url_is_judged_too(address: str) -> None:
    guard = EgressGuard(EgressPolicy(), Names())
    host = f"[{address}]" if ":" in address else address
    origin, _ = guard.checked(f"http://{host}/")
    with pytest.raises(EgressRefusedError) as refused:
        await guard.addresses(origin.host, 80)
    assert refused.value.reason == "address"
    assert not refused.value.sent


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "scheme"),
        ("example.com/x", "scheme"),
        ("//example.com/x", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.com/_x", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("http://", "bad_url"),
        ("http:///path", "bad_url"),
        ("http://example.com:80:90/", "bad_url"),
        ("http://example.com:99999/", "bad_url"),
        ("http://[::1/", "bad_url"),
        ("http://exa mple.com/", "bad_url"),
        ("http://example.com/\r\nhost: inside", "bad_url"),
        ("http://exam\tple.com/", "bad_url"),
        ("http://example.com\\@inside/", "bad_url"),
        ("http://example.com/" + "a" * 5000, "bad_url"),
        ("http://user@example.com/", "credentials"),
        ("http://user:word@example.com/", "credentials"),
        ("http://example.com@127.0.0.1/", "credentials"),
        ("http://@example.com/", "credentials"),
        ("http://example.com:8080/", "port"),
        ("http://example.com:0/", "port"),
        ("https://example.com:22/", "port"),
        ("http://example.com:6379/", "port"),
        ("http://2130706433/", "host"),
        ("http://0x7f000001/", "host"),
        ("http://0x7f.0.0.1/", "host"),
        ("http://0177.0.0.1/", "host"),
        ("http://127.1/", "host"),
        ("http://0/", "host"),
        ("http://127.0.0.1.0x1/", "host"),
        ("http://127.0.0%2e1/", "host"),
        ("http://%31%32%37.0.0.1/", "host"),
        ("http://[fe80::1%25eth0]/", "host"),
        ("http://[::1%eth0]/", "host"),
        ("http://a..b/", "host"),
        ("http://-a.example/", "host"),
        ("http://" + "a" * 64 + ".example/", "host"),
        ("http://" + ".".join(["a" * 60] * 5) + "/", "host"),
    ],
)
def test_urls_that_are_refused_by_their_text(url: str, reason: str) -> None:
    with pytest.raises(EgressRefusedError) as refused:
        EgressGuard().checked(url)
    assert refused.value.reason == reason
    assert refused.value.reason in REASONS


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://①②⑦.⓪.⓪.①/", "127.0.0.1"),
        ("http://127。0。0。1/", "127.0.0.1"),
        ("http://１２７.0.0.1/", "127.0.0.1"),
        ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "localhost"),
        ("http://LOCALHOST./", "localhost"),
        ("http://[::FFFF:127.0.0.1]/", "::ffff:7f00:1"),
        ("http://BÜCHER.example/", "xn--bcher-kva.example"),
        ("http://例え.テスト/", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_hosts_in_other_scripts_are_judged_by_what_they_mean(url: str, host: str) -> None:
    origin, _ = EgressGuard().checked(url)
    assert origin.host == host or ip_address(origin.host) == ip_address(host)


def test_a_path_in_any_script_is_asked_for_in_ascii() -> None:
    origin, target = EgressGuard().checked("https://zh.example/wiki/中文?q=a b".replace(" ", "%20"))
    assert (origin.port, target) == (443, "/wiki/%E4%B8%AD%E6%96%87?q=a%20b")
    assert EgressGuard().checked("http://example.com")[1] == "/"
    assert EgressGuard().checked("http://example.com?q=1#part")[1] == "/?q=1"


@given(st.text(max_size=40))
def test_a_host_is_plain_ascii_or_refused(text: str) -> None:
    try:
        plain = plain_host(text)
    except EgressRefusedError:
        return
    assert plain.isascii()
    assert plain == plain.lower()
    assert not set(plain) & set("/\\@?#% \t\r\n")


async def test_a_name_is_vetted_by_all_it_resolves_to() -> None:
    names = Names(
        good_example=[["8.8.8.8", "2606:4700::1"]],
        mixed_example=[["8.8.8.8", "10.0.0.1"]],
        metadata_example=[["169.254.169.254"]],
        mapped_example=[["::ffff:8.8.4.4"]],
        empty_example=[[]],
        odd_example=[["not-an-address"]],
    )
    guard = EgressGuard(EgressPolicy(), names)
    assert await guard.addresses("good.example", 443) == ("8.8.8.8", "2606:4700::1")
    assert await guard.addresses("mapped.example", 443) == ("8.8.4.4",)
    for host, reason in [
        *(("mixed.example", "address"), ("metadata.example", "address"), ("odd.example", "address")),
        *(("empty.example", "unresolved"), ("unknown.example", "unresolved")),
    ]:
        with pytest.raises(EgressRefusedError) as refused:
            await guard.addresses(host, 443)
        assert refused.value.reason == reason, host
        assert "10.0.0.1" not in str(refused.value), "what a name means inside is nobody's business"


async def test_networks_and_ports_that_the_operator_allows_are_reached() -> None:
    guard = EgressGuard(
        EgressPolicy((80, 443, 8080), (read_network("10.1.0.0/16"), read_network("::1/128"))), Names()
    )
    assert guard.checked("http://example.com:8080/")[0].port == 8080
    assert await guard.addresses("10.1.2.3", 80) == ("10.1.2.3",)
    assert await guard.addresses("::ffff:10.1.2.3", 80) == ("10.1.2.3",)
    assert await guard.addresses("::1", 80) == ("::1",)
    with pytest.raises(EgressRefusedError):
        await guard.addresses("10.2.0.1", 80)

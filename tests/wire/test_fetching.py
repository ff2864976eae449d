"""Fetching by strangers' URLs: pinned addresses, redirects judged again, and bounds on all that comes."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
import trustme

from faregate.wire.egress import EgressGuard, EgressPolicy, read_network
from faregate.wire.exchange import Exchange
from faregate.wire.fetching import CODES, Fetcher, FetchError, FetchLimits
from faregate.wire.server import Server

LOOPBACK = read_network("127.0.0.1/32")
Answer = Callable[[Exchange], None]


class Site:
    """Pages over loopback by path; ``fetcher`` may reach it, and resolves every name to it unless told otherwise."""

    def __init__(self) -> None:
        self.pages: dict[bytes, Answer] = {}
        self.asked: list[tuple[bytes, dict[bytes, bytes]]] = []
        self.port = 0
        self.answers: list[Sequence[str]] = []

    def __call__(self, exchange: Exchange) -> None:
        self.asked.append((exchange.path, exchange.headers))
        page = self.pages.get(exchange.path)
        if page is None:
            exchange.send(404, [(b"content-type", b"text/plain")], b"nothing here")
        else:
            page(exchange)

    def fetcher(self, *, tls: ssl.SSLContext | None = None, **limits: Any) -> Fetcher:
        async def resolve(host: str, port: int) -> Sequence[str]:
            if len(self.answers) > 1:
                return self.answers.pop(0)
            return self.answers[0] if self.answers else ["127.0.0.1"]

        policy = EgressPolicy((80, 443, self.port), (LOOPBACK,))
        return Fetcher(EgressGuard(policy, resolve), "test/1", FetchLimits(**limits), tls)

    def url(self, path: str = "/", host: str = "site.example") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    server = Server(site)
    site.port = await server.listen("127.0.0.1", 0)
    yield site
    await server.close(0)


def page(
    body: bytes, kind: bytes = b"text/html; charset=UTF-8", *more: tuple[bytes, bytes], status: int = 200
) -> Answer:
    return lambda exchange: exchange.send(status, [(b"content-type", kind), *more], body)


def redirect(location: str, status: int = 302) -> Answer:
    return page(b"", b"text/plain", (b"location", location.encode()), status=status)


async def refused(site: Site, url: str, *kinds: str, **limits: Any) -> FetchError:
    with pytest.raises(FetchError) as problem:
        await site.fetcher(**limits).fetch(url, kinds)
    assert problem.value.code in CODES
    return problem.value


async def test_a_page_comes_with_its_kind_and_the_host_is_told_its_own_name(site: Site) -> None:
    site.pages[b"/page"] = page(b"<p>hello</p>")
    found = await site.fetcher().fetch(site.url("/page"), ("text/",))
    assert (found.status, found.kind, found.charset, found.body) == (200, "text/html", "UTF-8", b"<p>hello</p>")
    headers = site.asked[0][1]
    assert headers[b"host"] == f"site.example:{site.port}".encode()
    assert (headers[b"user-agent"], headers[b"accept"]) == (b"test/1", b"text/*")
    assert b"cookie" not in headers
    assert b"authorization" not in headers


async def test_redirects_are_followed_and_the_last_url_is_told(site: Site) -> None:
    site.pages[b"/a"] = redirect("/b", 301)
    site.pages[b"/b"] = redirect(site.url("/c?x=1", "other.example"), 308)
    site.pages[b"/c"] = page(b"there")
    found = await site.fetcher().fetch(site.url("/a"), ())
    assert (found.url, found.body) == (site.url("/c?x=1", "other.example"), b"there")


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://user:word@site.example/",
        "http://2130706433/",
        "http://site.example:25/",
    ],
)
async def test_a_redirect_leads_nowhere_that_the_first_url_could_not(site: Site, to: str) -> None:
    site.pages[b"/"] = redirect(to)
    problem = await refused(site, site.url())
    assert problem.code == "egress_refused"
    assert len(site.asked) == 1


async def test_a_name_that_means_another_machine_the_second_time_is_judged_the_second_time(site: Site) -> None:
    site.pages[b"/"] = redirect("/again")
    site.pages[b"/again"] = page(b"secret")
    site.answers = [["127.0.0.1"], ["10.0.0.7"]]
    problem = await refused(site, site.url())
    assert problem.code == "egress_refused"
    assert [path for path, _ in site.asked] == [b"/"]


async def test_the_connection_goes_to_the_address_that_was_judged_and_nothing_resolves_again(site: Site) -> None:
    site.pages[b"/"] = page(b"pinned")
    site.answers = [["127.0.0.1"], ["10.0.0.7"]]
    found = await site.fetcher().fetch(site.url(host="rebinding.example"), ())
    assert found.body == b"pinned"
    assert site.answers == [["10.0.0.7"]], "asked once"


async def test_too_many_redirects_end(site: Site) -> None:
    site.pages[b"/"] = redirect("/")
    assert (await refused(site, site.url(), redirects=3)).code == "fetch_redirects"
    assert len(site.asked) == 4


@pytest.mark.parametrize("declared", [True, False])
async def test_a_page_larger_than_the_bound_is_given_up(site: Site, declared: bool) -> None:
    def large(exchange: Exchange) -> None:
        if declared:
            exchange.send(200, [(b"content-type", b"text/html")], b"x" * 2000)
            return
        exchange.start(200, [(b"content-type", b"text/html")])
        exchange.write(b"x" * 900)
        exchange.finish(b"x" * 900)

    site.pages[b"/"] = large
    assert (await refused(site, site.url(), body_bytes=1000)).code == "fetch_large"


async def test_what_is_small_on_the_wire_is_bounded_by_what_it_unpacks_to(site: Site) -> None:
    packed = ((b"content-encoding", b"gzip"),)
    site.pages[b"/bomb"] = page(gzip.compress(b"\0" * 50_000_000), b"text/html", *packed)
    assert (await refused(site, site.url("/bomb"), body_bytes=1_000_000)).code == "fetch_large"
    site.pages[b"/fits"] = page(gzip.compress(b"a" * 100_000), b"text/html", *packed)
    assert len((await site.fetcher().fetch(site.url("/fits"), ())).body) == 100_000
    site.pages[b"/broken"] = page(b"not gzip", b"text/html", *packed)
    assert (await refused(site, site.url("/broken"))).code == "fetch_failed"
    site.pages[b"/other"] = page(b"?", b"text/html", (b"content-encoding", b"br"))
    assert (await refused(site, site.url("/other"))).code == "fetch_kind"


@pytest.mark.parametrize("kind", [b"application/zip", b"video/mp4", b"image/png", b""])
async def test_other_kinds_are_not_taken(site: Site, kind: bytes) -> None:
    site.pages[b"/"] = page(b"?", kind)
    assert (await refused(site, site.url(), "text/", "application/json")).code == "fetch_kind"


async def test_a_status_is_for_the_caller_to_judge(site: Site) -> None:
    found = await site.fetcher().fetch(site.url("/missing"), ("image/",))
    assert (found.status, found.body) == (404, b"nothing here")


async def test_a_page_that_does_not_come_is_given_up(site: Site) -> None:
    site.pages[b"/"] = lambda exchange: None
    assert (await refused(site, site.url(), seconds=0.05)).code == "fetch_slow"


async def test_a_page_that_stops_in_the_middle_is_no_page(site: Site) -> None:
    def cut(exchange: Exchange) -> None:
        exchange.start(200, [(b"content-type", b"text/html")])
        exchange.write(b"half")
        exchange.abort()

    site.pages[b"/"] = cut
    problem = await refused(site, site.url())
    assert (problem.code, str(problem)) == ("fetch_failed", "it could not be fetched (peer_closed)")


async def test_nobody_listens(site: Site) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    fetcher = Fetcher(EgressGuard(EgressPolicy((9,), (LOOPBACK,)), resolve), "test/1", FetchLimits())
    with pytest.raises(FetchError, match=r"it could not be fetched \(connect_failed\)"):
        await fetcher.fetch("http://site.example:9/", ())


async def test_the_certificate_is_that_of_the_name_and_not_of_the_address() -> None:
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("site.example").configure_cert(served)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    site = Site()
    site.pages[b"/"] = page(b"secure")
    server = Server(site)
    site.port = await server.listen("127.0.0.1", 0, tls=served)
    try:
        fetcher = site.fetcher(tls=trusting)
        assert (await fetcher.fetch(f"https://site.example:{site.port}/", ())).body == b"secure"
        with pytest.raises(FetchError, match="connect_failed"):
            await fetcher.fetch(f"https://other.example:{site.port}/", ())
    finally:
        await server.close(0)

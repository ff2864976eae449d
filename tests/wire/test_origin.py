"""Origins and proxy settings, one line a case."""

from __future__ import annotations

import pytest

from faregate.wire.origin import InvalidOriginError, Origin, proxy_for, split_url


@pytest.mark.parametrize(
    ("url", "origin", "path", "authority"),
    [
        ("https://api.openai.com/v1", Origin("https", "api.openai.com", 443), "/v1", None),
        ("http://Model:8000", Origin("http", "model", 8000), "", "model:8000"),
        ("http://[::1]:9/a?b=c", Origin("http", "::1", 9), "/a?b=c", "[::1]:9"),
    ],
)
def test_a_url_is_an_origin_and_a_path(url: str, origin: Origin, path: str, authority: str | None) -> None:
    assert split_url(url) == (origin, path)
    assert origin.authority == (authority or origin.host)


@pytest.mark.parametrize("url", ["", "api.openai.com", "ftp://x", "http://", "http://x:99999"])
def test_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidOriginError):
        split_url(url)


@pytest.mark.parametrize(
    ("no_proxy", "host", "proxied"),
    [
        ("", "a.example", True),
        ("*", "a.example", False),
        ("example", "a.example", False),
        (".example", "a.example", False),
        ("*.example", "a.example", False),
        ("ample", "a.example", True),
        ("a.example:443", "a.example", False),
        ("a.example:80", "a.example", True),
        ("10.0.0.0/8, other", "10.1.2.3", False),
        ("10.0.0.0/8", "11.1.2.3", True),
        ("::1", "::1", False),
        ("[::1]:443", "::1", False),
    ],
)
def test_no_proxy_names_hosts_domains_networks_and_ports(no_proxy: str, host: str, proxied: bool) -> None:
    environ = {"HTTPS_PROXY": "proxy:3128", "NO_PROXY": no_proxy}
    assert (proxy_for(Origin("https", host, 443), environ) is not None) == proxied


def test_each_scheme_has_its_proxy_and_lower_case_wins() -> None:
    environ = {"http_proxy": "http://low:1", "HTTP_PROXY": "http://up:1", "ALL_PROXY": "all:2"}
    plain, secure = Origin("http", "x", 80), Origin("https", "x", 443)
    assert (proxy_for(plain, environ) or plain).host == "low"
    assert (proxy_for(secure, environ) or secure).host == "all"
    assert proxy_for(plain, {}) is None

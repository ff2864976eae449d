"""Who comes with a browser: the session in its cookie, and that a write is the console's own.

Owns the cookie's name and flags, and the two checks of a write: the session's own word in a header, and an origin of
ours. Knows no operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from faregate.api.failures import CsrfRefused, NoAccount, Unauthenticated
from faregate.app.control import Control
from faregate.app.front import Front
from faregate.app.people_port import User
from faregate.app.receipts import Write
from faregate.app.sessions import LONGEST, SignedIn

CSRF_HEADER = "x-faregate-csrf"
_READS = ("GET", "HEAD")


class Visit(NamedTuple):
    """One call of a browser. ``signed`` is None where nobody is signed in, ``address`` '' where it is not known.

    ``origin`` of a write is that of the page, one of ours; ``host`` what the browser asked.
    """

    control: Control
    signed: SignedIn | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    write: Write
    address: str = ""
    agent: str = ""
    origin: str = ""
    host: str = ""
    errand: str = ""

    @property
    def user(self) -> User:
        """Who is signed in. Raises Unauthenticated."""
        if self.signed is None:
            raise Unauthenticated("sign in first")
        return self.signed.user

    @property
    def account(self) -> str:
        """The account of who is signed in. Raises Unauthenticated, NoAccount."""
        if not self.user.account:
            raise NoAccount
        return self.user.account


def signed_in(control: Control, request: Request) -> SignedIn | None:
    """The live session that the request's cookie names, if any."""
    token = request.cookies.get(_cookie(control), "")
    return control.users.sessions.find(token, control.now()) if 0 < len(token) <= 100 else None


def check_write(control: Control, request: Request, signed: SignedIn | None) -> None:
    """Raise CsrfRefused unless a write comes from a page of ours, and shows the session's own word."""
    if request.method in _READS:
        return
    origin = request.headers.get("origin", "")
    if not is_own(control, request, origin):
        raise CsrfRefused("this call does not come from a page of this server")
    if signed is not None and not compare_digest(request.headers.get(CSRF_HEADER, "").encode(), signed.csrf.encode()):
        raise CsrfRefused(f"{CSRF_HEADER} is not this session's: read it again from /api/v1/session")


def is_own(control: Control, request: Request, url: str) -> bool:
    """Whether ``url`` leads to this server: to its public address, or to the host that the browser asked."""
    try:
        there, public = urlsplit(url), urlsplit(control.front.public_url)
    except ValueError:
        return False
    if there.scheme not in ("http", "https") or not there.netloc:
        return False
    if public.netloc and (there.scheme, there.netloc.lower()) == (public.scheme, public.netloc.lower()):
        return True
    if control.front.is_secure and there.scheme != "https":
        return False
    return there.netloc.lower() == request.headers.get("host", "").lower()


def can_have_passkeys(host: str, front: Front) -> bool:
    """Whether browsers have passkeys for pages of this server: over TLS, or on this machine."""
    return front.is_secure or host.rpartition(":")[0] == "localhost" or host == "localhost"


def address_of(control: Control, request: Request) -> str:
    """The address that calls; '' where it is not known."""
    peer = request.client.host if request.client is not None else ""
    return control.front.address_of(peer, {name.lower(): value for name, value in request.headers.raw})


def give_cookie(control: Control, response: Response, token: str) -> None:
    """Put the session's token into the browser; '' takes it away."""
    response.set_cookie(
        _cookie(control),
        token,
        max_age=LONGEST // 1_000_000 if token else 0,
        path="/",
        secure=control.front.is_secure,
        httponly=True,
        samesite="lax",
    )


ERRAND = "faregate-errand"
ERRAND_SECONDS = 600
ERRAND_PATH = "/api/v1/session/oidc"


def errand_of(request: Request) -> str:
    """What the browser keeps while it is away at an issuer of identities; '' for nothing."""
    return request.cookies.get(ERRAND, "")[:1000]


def give_errand(control: Control, response: Response, errand: str) -> None:
    """Have the browser keep ``errand`` until it comes back; '' takes it away."""
    response.set_cookie(
        ERRAND,
        errand,
        max_age=ERRAND_SECONDS if errand else 0,
        path=ERRAND_PATH,
        secure=control.front.is_secure,
        httponly=True,
        samesite="lax",
    )


def _cookie(control: Control) -> str:
    return "__Host-faregate" if control.front.is_secure else "faregate"

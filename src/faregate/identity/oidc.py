"""OpenID Connect: the authorization code flow with PKCE, and what an ID token proves.

Owns the three questions to an issuer (its configuration, its keys, the token) and every check of the token: signature
by a key of the issuer, issuer, audience, times, nonce. Keeps nothing of people.
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from faregate.app.identities import Errand, Proof
from faregate.app.people_errors import IdentityRefused
from faregate.identity.settings import IssuerSettings
from faregate.wire.call import CallLimits
from faregate.wire.client import Client
from faregate.wire.failures import WireError
from faregate.wire.origin import InvalidOriginError

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_SECONDS = 60
KEPT_SECONDS = 3600
_LIMITS = CallLimits(10.0, 10.0, 10.0, 512 * 1024)
_FORM = (b"content-type", b"application/x-www-form-urlencoded")


class OpenIdIssuer:
    """See ``app.identities.Issuer``. ``client`` asks the issuer, whom the operator chose."""

    def __init__(self, settings: IssuerSettings, client: Client) -> None:
        self._settings = settings
        self._client = client
        self._configuration: dict[str, Any] = {}
        self._keys: list[dict[str, Any]] = []
        self._read_at = 0

    @property
    def label(self) -> str:
        """What people read on the button."""
        return self._settings.label

    @property
    def issuer(self) -> str:
        """Its URL, as its tokens name it."""
        return self._settings.issuer

    async def way(self, errand: Errand) -> str:
        """Where the browser is to go. Raises IdentityRefused."""
        configuration = await self._configured()
        digest = sha256(errand.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": errand.redirect,
            "scope": "openid email profile",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        there = str(configuration["authorization_endpoint"])
        return f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}"

    async def proof(self, errand: Errand, code: str, now: int) -> Proof:
        """Who came back with ``code``. Raises IdentityRefused."""
        configuration = await self._configured()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": errand.redirect,
            "code_verifier": errand.verifier,
        }
        secret = f"{quote(self._settings.client_id, safe='')}:{quote(self._settings.client_secret, safe='')}"
        basic = (b"authorization", b"Basic " + b64encode(secret.encode()))
        told = await self._asked(
            "POST", str(configuration["token_endpoint"]), urlencode(asked).encode(), basic, _FORM
        )
        claims = await self._claims(str(told.get("id_token", "")), now // 1_000_000)
        if not compare_digest(str(claims.get("nonce", "")).encode(), errand.nonce.encode()):
            raise IdentityRefused("the token is not of this errand")
        verified = claims.get("email_verified") in (True, "true")
        return Proof(
            self._settings.issuer,
            str(claims["sub"]),
            str(claims.get("email", "")),
            verified,
            str(claims.get("name", "")),
        )

    async def _claims(self, token: str, now: int) -> dict[str, Any]:
        try:
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in ALGORITHMS:
                raise IdentityRefused("the token is signed in a way that is not taken")
            key = jwt.PyJWK(await self._key(head.get("kid"), now), algorithm=head["alg"])
            claims = dict(
                jwt.decode(
                    token,
                    key=key,
                    algorithms=[head["alg"]],
                    audience=self._settings.client_id,
                    issuer=self._settings.issuer,
                    # Times are judged below, by the service's own clock.
                    options={
                        "require": ["exp", "iat", "sub", "aud", "iss"],
                        "verify_exp": False,
                        "verify_iat": False,
                        "verify_nbf": False,
                    },
                )
            )
        except jwt.PyJWTError as problem:
            raise IdentityRefused(f"the token proves nothing ({type(problem).__name__})") from None
        over, begun = claims["exp"], claims["iat"]
        if not isinstance(over, int) or not isinstance(begun, int):
            raise IdentityRefused("the token's times are no numbers")
        if not begun - LEEWAY_SECONDS <= now < over + LEEWAY_SECONDS:
            raise IdentityRefused("the token is too old, or not of this time")
        if claims.get("azp", self._settings.client_id) != self._settings.client_id:
            raise IdentityRefused("the token is for another")
        return claims

    async def _key(self, kid: Any, now: int) -> dict[str, Any]:
        """The issuer's key of that id; its keys are read again where it is not among those known."""
        for is_new in (False, True):
            if is_new or not self._keys or now - self._read_at >= KEPT_SECONDS:
                told = await self._asked("GET", str((await self._configured())["jwks_uri"]))
                self._keys, self._read_at = [each for each in told.get("keys", ()) if isinstance(each, dict)], now
            fitting = [each for each in self._keys if each.get("use", "sig") == "sig" and each.get("kid") == kid]
            if len(fitting) == 1:
                return fitting[0]
        raise IdentityRefused("the token is signed by a key that is not the issuer's")

    async def _configured(self) -> dict[str, Any]:
        if not self._configuration:
            url = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            told = await self._asked("GET", url)
            if told.get("issuer") != self._settings.issuer:
                raise IdentityRefused("the issuer's configuration is another's")
            if any(not isinstance(told.get(name), str) for name in _ENDPOINTS):
                raise IdentityRefused("the issuer's configuration lacks something")
            self._configuration = told
        return self._configuration

    async def _asked(self, method: str, url: str, body: bytes = b"", *headers: tuple[bytes, bytes]) -> dict[str, Any]:
        try:
            response = await self._client.request(
                method, url, headers=[(b"accept", b"application/json"), *headers], body=body, limits=_LIMITS
            )
            content = await response.read()
            told = json.loads(content) if response.status == 200 else None
        except (WireError, InvalidOriginError, ValueError):
            told = None
        if not isinstance(told, dict):
            raise IdentityRefused("the issuer did not answer as it should")
        return told


_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

"""An issuer of identities for tests: OpenID Connect over a real socket, as strict as the real ones.

It knows one client. ``claims`` go into the next token over what is right; ``forged`` signs it with a key of nobody's.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, SECRET, REDIRECT = "faregate-test", "the secret: of it", "http://fare.test/api/v1/session/oidc/test/callback"


class Issuer:
    def __init__(self) -> None:
        self.url = ""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.forged = False
        self.claims: dict[str, Any] = {}
        self.now = 0
        self.redirect = REDIRECT
        self._codes: dict[str, dict[str, str]] = {}

    def consent(self, way: str) -> dict[str, str]:
        """What a person's browser brings back, once they said yes."""
        there = urlsplit(way)
        asked = {name: values[0] for name, values in parse_qs(there.query, strict_parsing=True).items()}
        assert f"{there.scheme}://{there.netloc}{there.path}" == f"{self.url}/authorize"
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, self.redirect)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def _token(self, asked: dict[str, list[str]], authorization: str) -> dict[str, Any] | None:
        given = self._codes.pop(asked["code"][0], None)
        if (
            given is None
            or b64decode(authorization.removeprefix("Basic ")) != b"faregate-test:the%20secret%3A%20of%20it"
        ):
            return None
        challenge = urlsafe_b64encode(sha256(asked["code_verifier"][0].encode()).digest()).decode().rstrip("=")
        if challenge != given["code_challenge"] or asked["redirect_uri"][0] != given["redirect_uri"]:
            return None
        seconds = self.now // 1_000_000
        claims = {"iss": self.url, "aud": CLIENT, "sub": "user-1", "iat": seconds, "exp": seconds + 300}
        claims |= {"nonce": given["nonce"], "email": "ada@example.com", "email_verified": True, "name": "Ada"}
        key = ec.generate_private_key(ec.SECP256R1()) if self.forged else self.key
        token = jwt.encode(claims | self.claims, key, "ES256", {"kid": "one"})
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def answer(self, method: str, path: str, authorization: str, body: str) -> Any:
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.url, **{name: f"{self.url}/{end}" for name, end in ends.items()}}
        if path == "/keys":
            shown = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [{**shown, "kid": "one", "use": "sig", "alg": "ES256"}]}
        return self._token(parse_qs(body), authorization) if (method, path) == ("POST", "/token") else None

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        method, path, _ = head[0].split()
        if path.startswith("/authorize?"):
            back = f"{self.redirect}?{urlencode(self.consent(self.url + path))}"
            writer.write(f"HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: {back}\r\n\r\n".encode())
            await writer.drain()
            writer.close()
            return
        told = self.answer(method, path, headers.get("authorization", ""), body)
        raw = json.dumps(told or {"error": "invalid_grant"}).encode()
        status = "200 OK" if told is not None else "400 Bad Request"
        writer.write(f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {len(raw)}\r\n\r\n".encode() + raw)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    server = await asyncio.start_server(issuer.take, "127.0.0.1", 0)
    issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield issuer
    finally:
        server.close()
        await server.wait_closed()

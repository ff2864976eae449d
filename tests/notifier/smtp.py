"""A mail server for tests: enough of SMTP for letters, with TLS and a sign-in where it is told to."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
import threading
from contextlib import suppress
from email.message import EmailMessage
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """``letters`` came in. ``refusals`` are said, one each, in place of taking a recipient: a code and words."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None, user: str = "", password: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.tls, self.user, self.password = tls, user, password
        self.letters: list[EmailMessage] = []
        self.signed_in: list[bool] = []
        self.refusals: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.005})

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> MailServer:
        self._thread.start()
        return self

    def __exit__(self, *words: Any) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self) -> None:
        with suppress(ssl.SSLError):  # whoever does not trust this server leaves
            self._answer()
        if isinstance(self.connection, ssl.SSLSocket):
            for each in (self.rfile, self.wfile, self.connection):
                each.close()

    def finish(self) -> None:
        if not isinstance(self.connection, ssl.SSLSocket):
            super().finish()

    def _answer(self) -> None:
        signed_in = False
        self.say("220 mail.test")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb in ("EHLO", "HELO"):
                secure = isinstance(self.connection, ssl.SSLSocket)
                if self.server.tls is not None and not secure:
                    self.say("250-mail.test\r\n250 STARTTLS")
                else:
                    self.say("250-mail.test\r\n250 AUTH PLAIN" if self.server.user else "250 mail.test")
            elif verb == "STARTTLS" and self.server.tls is not None:
                self.say("220 go on")
                secured = self.server.tls.wrap_socket(
                    self.connection, server_side=True, do_handshake_on_connect=False
                )
                self.rfile.close()
                self.connection, self.rfile, self.wfile = secured, secured.makefile("rb"), secured.makefile("wb")
                secured.do_handshake()
            elif verb == "AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                signed_in = (user, password) == (self.server.user, self.server.password)
                self.say("235 welcome" if signed_in else "535 no")
            elif verb == "RCPT" and self.server.refusals:
                self.say(self.server.refusals.pop(0))
            elif verb == "DATA":
                self.say("354 go on")
                self._take(signed_in)
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def _take(self, signed_in: bool) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.server.letters.append(message)
        self.server.signed_in.append(signed_in)
        self.say("250 taken")

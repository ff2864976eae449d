"""A port for a server that has to be told one. Owns the choice; everything else binds 0."""

from __future__ import annotations

import random
import socket

_BELOW_WHAT_SYSTEMS_GIVE = range(20_000, 32_000)
"""Systems give ports from 32,768 on: nobody who binds 0 or connects takes one of these before the server does."""


def free_port() -> int:
    """One of this machine's ports on which nobody listens."""
    while True:
        port = random.choice(_BELOW_WHAT_SYSTEMS_GIVE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

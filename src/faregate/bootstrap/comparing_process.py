"""The process that compares dropped logs for the API: a line with the job and the logs on its input, the outcome in
JSON on its output.

Owns the way in and out, and how much of the machine it may take.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress

import msgspec

from faregate.bootstrap.comparing import Job, Refused, TooLarge, work

PATIENCE = 10
"""Whoever serves goes first."""
MOST_MEMORY = 3 * 1024**3
MOST_SECONDS = 60


def main() -> None:
    os.nice(PATIENCE)
    _bound()
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    try:
        answer = work(job, sys.stdin.buffer.read())
    except Refused as problem:
        answer = {"refused": str(problem)}
    except TooLarge as problem:
        answer = {"too_large": str(problem)}
    json.dump(answer, sys.stdout)


def _bound() -> None:
    try:
        import resource
    except ImportError:  # no such thing on this system
        return
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


if __name__ == "__main__":
    main()

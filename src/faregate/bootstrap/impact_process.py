"""The process that replays a journal for the API: a job in JSON on its input, the outcome in JSON on its output.

Owns nothing but the way in and out. What the job holds (the database's address among it) is in no argument, where
others could read it.
"""

from __future__ import annotations

import json
import os
import sys

from faregate.bootstrap.impact import work

PATIENCE = 10
"""Whoever serves goes first."""


def main() -> None:
    os.nice(PATIENCE)
    json.dump(work(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()

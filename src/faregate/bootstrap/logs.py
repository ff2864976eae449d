"""Logging of the service: warnings and errors on stderr, a line each.

Owns the format. What is logged is the modules' own; no secret and no body ever is.
"""

from __future__ import annotations

import logging
import sys


def log_to_stderr() -> None:
    """Send the log of Faregate and what it stands on to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)

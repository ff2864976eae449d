"""Where installed clients are kept, and the word for one that cannot be had."""

from __future__ import annotations

import os
from pathlib import Path


class CannotInstall(Exception):
    """A client cannot be had here; the message says why."""


def cache_folder() -> Path:
    """In the user's cache: installed clients are shared by every checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "faregate" / "clients"

"""Hatchling's hook: no wheel and no source archive without the web console.

Builds it (`make console`) where it is not built; fails where that fails. FAREGATE_WITHOUT_CONSOLE=1 leaves it out:
the server then shows a small page in its place. An editable install needs none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MISSING = (
    "the web console is not built, and could not be built now: run `make console` and see what it says, or set "
    "FAREGATE_WITHOUT_CONSOLE=1 to build without it"
)


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before files are gathered. Raises RuntimeError."""
        if version == "editable" or os.environ.get("FAREGATE_WITHOUT_CONSOLE") == "1":
            return
        root = Path(self.root)
        page = root / "src" / "faregate" / "console" / "static" / "index.html"
        if page.is_file():
            return
        make = shutil.which("make")
        if make is None or subprocess.run([make, "--silent", "console"], cwd=root, check=False).returncode != 0:
            raise RuntimeError(MISSING)
        if not page.is_file():
            raise RuntimeError(MISSING)

"""Facts of the machine and of the run that figures depend on."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path


def facts() -> dict[str, str]:
    """Name to value, as they stand in the results."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo") or platform.processor(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "distribution": _first(r'PRETTY_NAME="(.+)"', "/etc/os-release") or "unknown",
        "python": platform.python_version(),
        "load before the run": f"{os.getloadavg()[0]:.2f} (1 min), {os.getloadavg()[1]:.2f} (5 min)",
    }


def is_busy() -> bool:
    """Whether other work loads this machine now."""
    return os.getloadavg()[0] > 0.5


def _first(pattern: str, path: str) -> str | None:
    try:
        found = re.search(pattern, Path(path).read_text())
    except OSError:
        return None
    return found.group(1).strip() if found else None


def _memory() -> str:
    kilobytes = _first(r"MemTotal:\s*(\d+)", "/proc/meminfo")
    return f"{int(kilobytes) / 1024**2:.1f} GiB" if kilobytes else "unknown"

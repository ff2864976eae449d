"""Facts of the machine and of the run that figures depend on."""

from __future__ import annotations

import os
import platform
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter


def facts(disk: Path) -> dict[str, str]:
    """Name to value, as they stand in the results. ``disk`` is a directory where journals will be kept."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo") or platform.processor(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "distribution": _first(r'PRETTY_NAME="(.+)"', "/etc/os-release") or "unknown",
        "disk": f"fdatasync of 4 KB takes {_sync_us(disk):.0f} µs",
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


def _sync_us(directory: Path) -> float:
    """Median time to make a page durable."""
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        waits = []
        for _ in range(50):
            file.write(bytes(4096))
            file.flush()
            began = perf_counter()
            os.fdatasync(file.fileno())
            waits.append(perf_counter() - began)
    return median(waits) * 1e6

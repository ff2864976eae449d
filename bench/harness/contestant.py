"""What a contestant is: how it is found, started and addressed.

Owns the seam between the measures and whoever is measured. Knows no contestant.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.harness.processes import Process

ROOT = Path(__file__).resolve().parent.parent.parent


class UnavailableError(Exception):
    """A contestant that cannot take part; the message says why and what would help."""


@dataclass(frozen=True)
class Subject:
    """A contestant that is up: its process, its port, and the headers a request to it needs."""

    process: Process
    port: int
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """Where a contestant starts: the core it may use, the upstream, a directory of its own."""

    core: int
    upstream_port: int
    directory: Path

    @property
    def upstream(self) -> str:
        return f"http://127.0.0.1:{self.upstream_port}"


@dataclass(frozen=True)
class Contestant:
    """``find`` installs where needed and returns the version; ``start`` serves. ``slow`` contestants
    are spared the measures that they cannot carry (fixed rates, 500 streams)."""

    name: str
    title: str
    find: Callable[[], str]
    start: Callable[[Site], Subject]
    slow: bool = False


def output(command: list[str], seconds: float = 900) -> str:
    """What ``command`` printed, on either stream. Raises UnavailableError when it fails."""
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL
    )
    if result.returncode != 0:
        complaint = (result.stderr or result.stdout).strip()[-400:]
        raise UnavailableError(f"`{' '.join(command)}` failed: {complaint}")
    return result.stdout + result.stderr


def listening(
    site: Site,
    name: str,
    command: list[str],
    port: int,
    *,
    headers: tuple[str, ...] = (),
    environ: dict[str, str] | None = None,
    seconds: float = 20,
) -> Subject:
    """Start ``command`` and wait until it listens on ``port``. Raises NotReadyError."""
    process = Process(
        command,
        core=site.core,
        log=site.directory / f"{name}.log",
        environ=environ,
        directory=site.directory,
    )
    try:
        process.wait_for_port(port, seconds)
    except BaseException:
        process.stop()
        raise
    return Subject(process, port, headers)

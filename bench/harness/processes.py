"""Processes of a run: started on a core, measured through /proc, ended by pid.

Owns every process the harness starts. Knows nothing of what they are.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class NotReadyError(Exception):
    """A process ended or stayed silent instead of listening; carries the end of its log."""


@dataclass(frozen=True)
class Cores:
    """The core of the system under test, and the core of upstream and load generator."""

    subject: int
    instruments: int


def two_cores() -> Cores:
    """The first two cores this process may use. Raises NotReadyError where there is one."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise NotReadyError("two cores are needed: one for the contestant, one for the instruments")
    return Cores(allowed[0], allowed[1])


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """Children started inside inherit ``core``."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Process:
    """A started program with its children; ended by ``stop``."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        core: int,
        log: Path,
        environ: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with pinned(core), log.open("wb") as sink:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environ or {})},
                cwd=directory,
                start_new_session=True,  # Ctrl-C is the harness's to hear
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for_port(self, port: int, seconds: float) -> None:
        """Return once ``port`` accepts. Raises NotReadyError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise NotReadyError(f"ended with code {self._process.returncode}: {self.log_end()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                return
            time.sleep(0.05)
        raise NotReadyError(f"not listening after {seconds:.0f} s: {self.log_end()}")

    def wait(self, seconds: float) -> int | None:
        """The exit code, None when it runs on after ``seconds``."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def log_end(self, characters: int = 600) -> str:
        """The last words of the log."""
        return self.log.read_text(errors="replace")[-characters:].strip()

    def cpu_seconds(self) -> float:
        """User and system time of the program and its children, reaped ones too."""
        fields = (_stat(pid) for pid in self._tree())
        return sum(sum(map(int, each[11:15])) for each in fields if each) / TICKS_PER_SECOND

    def resident_bytes(self) -> int:
        """Resident memory of the program and its children."""
        return sum(int(each[21]) * PAGE_BYTES for each in map(_stat, self._tree()) if each)

    def stop(self, seconds: float = 5.0) -> None:
        """End the program and its children: asked first, then killed, each by its pid."""
        tree = self._tree()
        for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
            for pid in tree:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                self._process.poll()
                if not any(_alive(pid) for pid in tree):
                    return
                time.sleep(0.02)

    def _tree(self) -> list[int]:
        """The program's pid and those of its descendants that live."""
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (fields := _stat(int(entry.name))):
                parents[int(entry.name)] = int(fields[1])
        found = [self.pid]
        for pid in found:
            found.extend(child for child, parent in parents.items() if parent == pid)
        return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name (state first), empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _alive(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[0] != "Z"

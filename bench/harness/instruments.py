"""The instruments: the upstream and the load generator, built from bench/instruments.

Owns their building, the request bodies and the reading of what the load generator prints.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness.processes import Cores, NotReadyError, Process, pinned

HERE = Path(__file__).resolve().parent.parent / "instruments"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faregate-bench"
EVENTS = 50
DRAIN_SECONDS = 10.0
LARGE_BYTES = 200_000


@dataclass(frozen=True)
class Load:
    """What the load generator does. ``rate`` is requests a second, 0 for the closed loop;
    ``events`` is how many a stream must have; ``ramp_ms`` spreads the first requests."""

    body: Path
    seconds: float
    path: str = "/v1/chat/completions"
    connections: int = 64
    warm_seconds: float = 1.0
    rate: float = 0.0
    events: int = 0
    ramp_ms: float = 0.0

    def arguments(self) -> list[str]:
        return [
            *("-b", str(self.body), "-P", self.path, "-c", str(self.connections)),
            *("-d", f"{self.seconds:g}", "-w", f"{self.warm_seconds:g}", "-r", f"{self.rate:g}"),
            *("-e", str(self.events), "-s", f"{self.ramp_ms:g}"),
        ]


class LoadError(Exception):
    """The load generator could not do its work, or a contestant answered wrongly."""


@dataclass(frozen=True)
class Instruments:
    """Paths of the two programs and of the bodies."""

    mock: Path
    generator: Path
    bodies: Path
    cores: Cores

    def start_upstream(self, scratch: Path) -> tuple[Process, int]:
        """The upstream and its port."""
        upstream = Process([str(self.mock)], core=self.cores.instruments, log=scratch / "upstream.log")
        for _ in range(100):
            if (line := upstream.log_end()).isdigit():
                return upstream, int(line)
            time.sleep(0.02)
        upstream.stop()
        raise NotReadyError(f"the upstream did not start: {upstream.log_end()}")

    def begin(self, port: int, headers: tuple[str, ...], load: Load) -> subprocess.Popen[str]:
        """Start a load and return at once; ``finish`` waits for its result."""
        command = [str(self.generator), "-p", str(port), *load.arguments()]
        for header in headers:
            command += ["-H", header]
        with pinned(self.cores.instruments):
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, running: subprocess.Popen[str], load: Load) -> dict[str, Any]:
        """The load generator's figures. Raises LoadError on wrong answers."""
        limit = load.warm_seconds + load.seconds + DRAIN_SECONDS + 20
        try:
            output, complaint = running.communicate(timeout=limit)
        except BaseException:
            running.kill()
            running.wait()
            raise
        if running.returncode != 0:
            raise LoadError(f"load generator: {complaint.strip()[-300:]}")
        figures: dict[str, Any] = json.loads(output)
        wrong = figures["errs"] + figures["non200"] + figures["short"]
        if wrong > figures["total"] * 0.001:
            raise LoadError(
                f"{wrong} of {figures['total']} answers wrong ({figures['non200']} not 200, "
                f"{figures['short']} short, {figures['errs']} broken): {figures['err']}"
            )
        return figures

    def run(self, port: int, headers: tuple[str, ...], load: Load) -> dict[str, Any]:
        """Do ``load`` and return the figures. Raises LoadError."""
        return self.finish(self.begin(port, headers, load), load)


def prepare(cores: Cores) -> Instruments:
    """Build what is not yet built and write the bodies. Raises NotReadyError without a compiler."""
    bodies = CACHE / "bodies"
    bodies.mkdir(parents=True, exist_ok=True)
    for name, content in _bodies().items():
        (bodies / f"{name}.json").write_bytes(content)
    return Instruments(_built("mock"), _built("lg"), bodies, cores)


def _built(name: str) -> Path:
    source = HERE / f"{name}.c"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    program = CACHE / "instruments" / f"{name}-{digest}"
    if program.exists():
        return program
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        raise NotReadyError(
            "no C compiler (cc, gcc or clang): the load generator and the upstream are small C "
            "programs. On Debian or Ubuntu: apt-get install gcc libc6-dev"
        )
    program.parent.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-O2", "-o", str(program), str(source)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise NotReadyError(f"{' '.join(command)} failed:\n{result.stderr[-2000:]}")
    return program


def _bodies() -> dict[str, bytes]:
    small = json.loads((HERE / "body_json.json").read_bytes())
    stream = json.loads((HERE / "body_sse.json").read_bytes())
    messages = {**stream, "messages": stream["messages"][1:], "system": "Answer briefly."}
    del messages["stream_options"]
    bodies = {
        "small": small,
        "large": {**small, "messages": _long_conversation()},
        "stream": {**stream, "model": "mock-paced20"},
        "slow_stream": {**stream, "model": "mock-paced100"},
        "messages_stream": {**messages, "model": "mock-paced20"},
    }
    return {name: json.dumps(body, separators=(",", ":")).encode() for name, body in bodies.items()}


def _long_conversation() -> list[dict[str, str]]:
    """Turns as a coding tool resends them: code, with the line breaks and quotes JSON escapes."""
    turns = [{"role": "system", "content": "You edit code. Answer with a patch."}]
    size = len(json.dumps(turns))
    while size < LARGE_BYTES - 300:
        number = len(turns)
        lines = [
            f'    if gate_{number}.admits("rider {line}", fare=line * {line}):  # open\n'
            for line in range(min(60, (LARGE_BYTES - size) // 75))
        ]
        turns.append({"role": ("assistant", "user")[number % 2], "content": "".join(lines)})
        size += len(json.dumps(turns[-1])) + 2
    return turns

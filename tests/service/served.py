"""`faregate serve` as a process of its own, before the demo upstream in this one, and the command line beside it.

Owns starting, stopping and killing it, and what it told while it did.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import yaml

from tests.clients.books import Books

FAREGATE = str(Path(sys.executable).with_name("faregate"))
PLANS = Path(__file__).with_name("plans.yaml")
START_SECONDS = 60
_RECOVERED = re.compile(r"A crash left request (\S+) open: (its hold was given back|it was charged as estimated)")
_KEPT = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C", "UPSTREAM_KEY": "upstream-key", **_KEPT}


class Place:
    """A folder with a database, a configuration and the log of whoever serves there."""

    def __init__(self, folder: Path, upstream: str, *, plans: tuple[Path, ...] = (PLANS,), **settings: Any) -> None:
        self.folder = folder
        self.file = folder / "books.db"
        self.database = f"sqlite:///{self.file}"
        self.log = folder / "serve.log"
        self.config = folder / "faregate.yaml"
        self.admin_token = ""
        self.words: list[str] = []
        self.environment = dict(_ENVIRONMENT)
        base = {"base_url": f"{upstream}/v1", "models": ["*"], "key_env": "UPSTREAM_KEY"}
        upstreams = [{"name": name, "dialect": name, **base} for name in ("openai", "anthropic")]
        told = {"database": self.database, "port": 0, "plans": [str(path) for path in plans], "upstreams": upstreams}
        self.config.write_text(yaml.safe_dump(told | settings))

    def spawn(self) -> subprocess.Popen[str]:
        """Begin to serve; does not wait until it does."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [FAREGATE, "serve", "--config", str(self.config), *self.words],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def start(self) -> Served:
        """Serve, from the moment that it listens."""
        told = self.log.stat().st_size if self.log.exists() else 0
        process = self.spawn()
        assert process.stdout is not None
        try:
            url = _url_told(process, process.stdout, self)
        except BaseException:
            process.kill()
            process.wait(60)
            process.stdout.close()
            raise
        return Served(self, process, url, told)

    @contextmanager
    def serving(self) -> Iterator[Served]:
        """Serve for the length of the block; a process still there at its end is stopped."""
        served = self.start()
        try:
            yield served
        finally:
            served.end()

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """A command on this database, beside whoever serves it. Fails unless it exits with ``code``."""
        command = [FAREGATE, *words, "--db", self.database]
        ended = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == code, f"{words}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended

    def run_json(self, *words: str) -> Any:
        """What a command prints with ``--json``."""
        return json.loads(self.run(*words, "--json").stdout)

    def verify(self) -> dict[str, Any]:
        """The report of a verification that found nothing wrong."""
        report: dict[str, Any] = self.run_json("verify")
        assert report["clean"], report
        return report


def _url_told(process: subprocess.Popen[str], stdout: IO[str], place: Place) -> str:
    """Read what the server says until it has said all of its start."""
    line = stdout.readline()
    found = re.search(r"listens on (http://\S+),", line)
    assert found is not None, f"{line!r}\n{place.log.read_text()}"
    if not place.admin_token:
        token = re.search(r"(fga-\S+)", stdout.readline())
        assert token is not None, "a new database is told its first admin token"
        place.admin_token = token[1]
    return found[1]


class Served:
    """A serving process. ``books`` asks its API."""

    def __init__(self, place: Place, process: subprocess.Popen[str], url: str, log_from: int) -> None:
        self.place = place
        self.process = process
        self.url = url
        self.port = int(urlsplit(url).port or 0)
        self.books = Books(url, place.admin_token)
        self._log_from = log_from

    @property
    def said(self) -> str:
        """What this process wrote to stderr."""
        with self.place.log.open("rb") as log:
            log.seek(self._log_from)
            return log.read().decode()

    @property
    def recovered(self) -> dict[str, str]:
        """The requests that it said a crash left open: release or settle."""
        told = _RECOVERED.findall(self.said)
        assert len(told) == len({request for request, _ in told}), "told twice"
        return {request: "settle" if "charged" in how else "release" for request, how in told}

    def kill(self) -> None:
        """As a loss of power to the process: no warning."""
        self.process.kill()
        self.end()

    def terminate(self) -> None:
        """Ask it to stop; does not wait."""
        self.process.send_signal(signal.SIGTERM)

    def end(self) -> int:
        """Stop it if it runs, and give its exit code."""
        if self.process.poll() is None:
            self.terminate()
        code = self.process.wait(60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

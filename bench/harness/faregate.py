"""Faregate itself: the gate with everything on, and as a bare pass-through.

Owns how both are started. The full gate is driven by its own commands, as an operator would.
"""

from __future__ import annotations

import sys

from bench.harness.contestant import ROOT, Contestant, Site, Subject, UnavailableError, listening, output
from bench.harness.processes import free_port


def project_python() -> str:
    """The interpreter that has Faregate and what it needs."""
    own = ROOT / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def _our_version() -> str:
    described = output(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]).strip()
    return f"commit {described}"


def find_bare_gate() -> str:
    output([project_python(), "-c", "import faregate.wire.server, faregate.wire.client"])
    return _our_version()


def start_bare_gate(site: Site) -> Subject:
    port = free_port()
    script = str(ROOT / "bench" / "bare_gate.py")
    environ = {"PYTHONPATH": str(ROOT / "src")}
    command = [project_python(), script, str(port), site.upstream]
    return listening(site, "bare", command, port, environ=environ)


BARE = Contestant("bare", "Faregate's wire alone, no metering", find_bare_gate, start_bare_gate)


def find_faregate() -> str:
    output([project_python(), "-m", "faregate.cli.main", "serve", "--help"])
    return _our_version()


def start_faregate(site: Site) -> Subject:
    raise UnavailableError("the gate's command line is not there yet")


FAREGATE = Contestant("faregate", "Faregate, everything on", find_faregate, start_faregate)

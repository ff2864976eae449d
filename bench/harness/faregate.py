"""Faregate itself: the gate with everything on, and as a bare pass-through.

Owns how both are started. The full gate is driven by its own commands, as an operator would.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench.harness.contestant import ROOT, Contestant, Site, Subject, listening, output
from bench.harness.processes import free_port

PLAN = ROOT / "bench" / "plans" / "bench.yaml"


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
    output(_command("serve", "--help"))
    return _our_version()


def _command(*words: str) -> list[str]:
    """The command line, run by the project's interpreter whether it is installed or not."""
    return [project_python(), "-c", "from faregate.cli.main import main; main()", *words]


def start_faregate(site: Site) -> Subject:
    """The whole product as an operator starts it: key, plan of four sources and three windows, journal on disk."""
    port = free_port()
    configuration = site.directory / "faregate.yaml"
    configuration.write_text(json.dumps(_configuration(site)))  # JSON is YAML
    books = f"sqlite:///{site.directory}/books.db"
    where = ("--db", books)
    _made("plan", "publish", str(PLAN), *where)
    account = _made("account", "create", "bench", *where)["id"]
    _made("subscribe", account, "bench/all", *where)
    secret = _made("key", "create", account, *where)["secret"]
    return listening(
        site,
        "faregate",
        _command("serve", "--config", str(configuration), *where, "--host", "127.0.0.1", "--port", str(port)),
        port,
        headers=(f"Authorization: Bearer {secret}",),
        environ={"BENCH_UPSTREAM_KEY": "upstream-key"},
        seconds=30,
    )


def _configuration(site: Site) -> dict[str, Any]:
    """One upstream that answers in both dialects."""
    return {
        "plans": [str(PLAN)],
        "upstreams": [
            {
                "name": f"mock-{dialect}",
                "dialect": dialect,
                "base_url": f"{site.upstream}/v1",
                "key_env": "BENCH_UPSTREAM_KEY",
                "models": ["mock-*"],
            }
            for dialect in ("openai", "anthropic")
        ],
    }


def _made(*words: str) -> dict[str, Any]:
    """What a command of ours answers with ``--json``. Raises UnavailableError."""
    answer: dict[str, Any] = json.loads(output(_command(*words, "--json")))
    return answer


FAREGATE = Contestant("faregate", "Faregate, everything on", find_faregate, start_faregate)

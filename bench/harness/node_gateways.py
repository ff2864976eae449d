"""Gateways on Node, measured only when asked for (`--with-node`).

Owns their installation from npm into the cache and their configuration by headers.
"""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

from bench.harness.contestant import Contestant, Site, Subject, UnavailableError, listening, output
from bench.harness.instruments import CACHE
from bench.harness.processes import NotReadyError, free_port

PACKAGES = {"portkey": ("@portkey-ai/gateway", "1.15.2")}


def _node_home(name: str) -> Path:
    package, version = PACKAGES[name]
    return CACHE / f"node-{package.replace('/', '-').lstrip('@')}-{version}"


def find_node_gateway(name: str) -> str:
    package, version = PACKAGES[name]
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise UnavailableError("Node and npm are not installed")
    home = _node_home(name)
    if not (home / "node_modules" / package).exists():
        home.mkdir(parents=True, exist_ok=True)
        output([npm, "install", "--silent", "--no-audit", "--prefix", str(home), f"{package}@{version}"])
    return f"{package} {version}, node {output(['node', '--version']).strip()}"


def start_node_gateway(name: str, site: Site) -> Subject:
    package, _ = PACKAGES[name]
    directory = _node_home(name) / "node_modules" / package
    manifest = json.loads((directory / "package.json").read_text())
    programs = manifest.get("bin") or {}
    program = programs if isinstance(programs, str) else next(iter(programs.values()), "")
    if not program:
        raise NotReadyError(f"{package} has no command")
    port = free_port()
    command = ["node", str(directory / program), f"--port={port}", "--headless"]
    headers = (
        "Authorization: Bearer sk-1234",
        "x-portkey-provider: openai",
        f"x-portkey-custom-host: {site.upstream}/v1",
    )
    environ = {"PORT": str(port), "NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1"}
    return listening(site, name, command, port, headers=headers, environ=environ, seconds=60)


NODE_GATEWAYS = tuple(
    Contestant(name, package, partial(find_node_gateway, name), partial(start_node_gateway, name), slow=True)
    for name, (package, _) in PACKAGES.items()
)

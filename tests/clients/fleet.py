"""Puts every real client through every trial and prints what came of it: `python -m tests.clients.fleet --help`.

Owns the order, the table and the file of what was seen. One client at a time: they are large. A client that cannot be
had is told as such, and counts as a failure.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.clients import trials
from tests.clients.background import in_background
from tests.clients.cache import CannotInstall
from tests.clients.client import Client, Installed
from tests.clients.roster import CLIENTS
from tests.clients.set_up import SET_UP
from tests.clients.targets import Gate, gate

UPSTREAM_OF = {"chat": "openai", "responses": "responses", "messages": "anthropic", "google": "google"}
"""The dialect of an upstream that speaks a client's own."""
ACROSS = {
    "chat": ("anthropic",),
    "responses": ("openai", "anthropic"),
    "messages": ("openai",),
    "google": ("openai",),
}
"""The dialects of upstreams that do not."""
FAULTS = ("cut:4", "error-event:3")
"""What ends too early without a word is told to the client as what is cut is."""
FAREGATE = Path(sys.executable).with_name("faregate")
NAMES = frozenset(client.name.lower() for client in CLIENTS)
COLUMNS = (
    "trial",
    "client",
    "version",
    "dialect",
    "upstream",
    "requests",
    "refused",
    "prompts",
    "tokens",
    "exit",
    "s",
)


class Row(NamedTuple):
    """One trial of one client; ``wrong`` is '' where all is as it should be."""

    trial: str
    client: Client
    dialect: str
    upstream: str
    came: trials.Came | None
    wrong: str

    def cells(self) -> tuple[str, ...]:
        """As text, by COLUMNS."""
        name = (self.trial, self.client.name, self.client.version, self.dialect, self.upstream)
        if self.came is None:
            return (*name, *("–",) * 6)
        came = self.came
        counts = (came.requests, came.refused, came.prompts, came.tokens)
        end = "killed" if came.ended.status is None else str(came.ended.status)
        return (*name, *map(str, counts), end, f"{came.ended.seconds:.0f}")

    def seen(self) -> dict[str, Any]:
        """All of it, for the file."""
        told: dict[str, Any] = dict(zip(COLUMNS, self.cells(), strict=True)) | {"wrong": self.wrong}
        if self.came is not None:
            told |= {"outcomes": self.came.outcomes, "known as": self.came.callers, "screen": self.came.ended.said}
        return told


def rows(clients: Iterable[Client], wanted: frozenset[str]) -> Iterator[Row]:
    """Every trial of ``clients`` that is wanted, as each ends; after each gate its books are rebuilt and compared."""
    ready: dict[Client, Installed] = {}
    for client in clients:
        try:
            ready[client] = client.install()
        except CannotInstall as reason:
            yield Row("install", client, "–", "–", None, f"NOT RUN: {reason}")
    for upstream in ("openai", "responses", "anthropic", "google"):
        with in_background(partial(gate, {"demo": upstream})) as started:
            for client, installed in ready.items():
                for dialect in client.dialects:
                    yield from _of_one(client, installed, started, dialect, upstream, wanted)
            said = subprocess.run(
                [str(FAREGATE), "verify", "--db", started.database], capture_output=True, text=True, check=False
            )
        if said.returncode != 0:
            raise SystemExit(f"the books before the {upstream} upstream do not verify:\n{said.stdout}{said.stderr}")
        sys.stderr.write(f"upstream {upstream}: {said.stdout.strip().splitlines()[-1]}\n")


def _of_one(
    client: Client, installed: Installed, started: Gate, dialect: str, upstream: str, wanted: frozenset[str]
) -> Iterator[Row]:
    is_own = UPSTREAM_OF[dialect] == upstream
    if not is_own and upstream not in ACROSS[dialect]:
        return
    for name, trial in _trials(client, is_own, dialect == client.dialects[0]):
        if name.partition(" ")[0] in wanted:
            came = trial(client, installed, started, dialect)
            yield Row(name, client, dialect, upstream, came, came.wrong)


def _trials(
    client: Client, is_own: bool, is_first: bool
) -> Iterator[tuple[str, Callable[[Client, Installed, Gate, str], trials.Came]]]:
    """How long it waits and what it does with half a stream is the client's, whatever dialect it speaks."""
    yield "tools", trials.tool_round
    if is_own:
        yield "used-up", trials.used_up
    if is_own and is_first:
        if client.name in SET_UP:
            yield "set-up", trials.set_up
        yield "too-fast", trials.too_fast
        for fault in FAULTS:
            yield f"broken {fault}", partial(trials.broken, fault=fault)


def _line(screen: str) -> str:
    """What is on a screen of our own words, in one line."""
    text = " ".join(screen.split())
    found = re.search(r"(The limit `|Too many requests).{0,160}", text)
    return found[0] if found else text[-120:]


def _is_meant(name: str, parts: list[str]) -> bool:
    """A whole name means that client alone."""
    return not parts or name in parts or any(part in name for part in parts if part not in NAMES)


def main() -> int:
    parser = argparse.ArgumentParser(description="Put every real client through every trial.")
    parser.add_argument("clients", nargs="*", help="parts of names; all where left out")
    parser.add_argument("--trials", default="tools,set-up,used-up,too-fast,broken")
    parser.add_argument("--seen", type=Path, help="a file to write what was seen to, a line of JSON each")
    options = parser.parse_args()
    chosen = [each for each in CLIENTS if _is_meant(each.name.lower(), options.clients)]
    began, wrong, count = time.monotonic(), 0, 0
    sys.stdout.write(" | ".join((*COLUMNS, "outcome")) + "\n")
    for row in rows(chosen, frozenset(options.trials.split(","))):
        count += 1
        wrong += bool(row.wrong)
        outcome = f"WRONG: {row.wrong}" if row.wrong else "good"
        if row.came is not None and (row.wrong or row.trial not in ("tools", "set-up")):
            outcome += f" · {_line(row.came.ended.said)}"
        sys.stdout.write(" | ".join((*row.cells(), outcome)) + "\n")
        sys.stdout.flush()
        if options.seen is not None:
            with options.seen.open("a") as file:
                file.write(json.dumps(row.seen(), ensure_ascii=False) + "\n")
    sys.stdout.write(f"{count} trials of {len(chosen)} clients in {time.monotonic() - began:.0f} s, {wrong} wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

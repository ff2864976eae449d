"""What every real client is put through at the gate, and what came of it.

Owns the trials: a round of tools, a used-up window, a rate limit, a stream that breaks. Judges what the gate promises
(prompts, tokens, explanations, no storm); what a client does with it is told as it is.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.clients.books import Account
from tests.clients.client import Client, Installed, Task
from tests.clients.headless import Ended, Place, carry_out
from tests.clients.set_up import command_of
from tests.clients.targets import Gate

PATIENCE_SECONDS = 150.0
"""How long a client is watched that does not end by itself."""
STORM_REQUESTS_A_MINUTE = 60
OUR_WORDS = re.compile(r"Thelimit`trial/one:prompt`ofyourplanisusedup.{0,80}Itreopensat20\d\d-")
"""Without blanks: screens break lines, inside words too."""
CLASSES = ("input", "cached", "cache_write_5m", "cache_write_1h", "output")


class Came(NamedTuple):
    """What came of a trial. ``refused`` counts requests that the gate refused; ``tokens`` are those of the books;
    ``wrong`` says what is not as the gate promises, '' where all is."""

    ended: Ended
    requests: int
    prompts: int
    refused: int
    tokens: int
    outcomes: dict[str, int]
    callers: tuple[str, ...]
    wrong: str


def run(client: Client, installed: Installed, task: Task, seconds: float) -> Ended:
    """One run of the client in an empty home."""
    with tempfile.TemporaryDirectory(prefix="faregate-client-") as folder:
        place = Place(Path(folder, "home"), Path(folder, "work"))
        place.home.mkdir()
        place.work.mkdir()
        folders = (*installed.folders, Path(installed.program[0]).parent)
        return carry_out(client.command(installed, task, place), place, folders, seconds)


def tool_round(client: Client, installed: Installed, gate: Gate, dialect: str) -> Came:
    """A prompt that calls a tool: done to its end, one prompt, tokens as the upstream told them, each explained."""
    account = gate.books.new_account(f"{client.name} {dialect}", "trial/all")
    came = _watched(
        client, installed, gate, account, Task(gate.url, account.key, dialect, client.wish), PATIENCE_SECONDS
    )
    wrong = [came.wrong]
    if came.ended.status != 0:
        wrong.append(f"ended with {came.ended.status}")
    if client.shows not in came.ended.said:
        wrong.append(f"{client.shows!r} is not on its screen")
    if came.requests < client.requests:
        wrong.append(f"{came.requests} requests, {client.requests} expected")
    if not set(came.callers) <= set(client.known_as):
        wrong.append(f"known as {', '.join(came.callers)}")
    if came.outcomes.keys() - {"ok", "client_gone"}:
        wrong.append(f"outcomes {came.outcomes}")
    return came._replace(wrong="; ".join(filter(None, wrong)))


def set_up(client: Client, installed: Installed, gate: Gate, dialect: str) -> Came:
    """A round of tools by a client that was pointed at the gate by `faregate setup` alone."""
    return tool_round(client._replace(command=command_of(client)), installed, gate, dialect)


def used_up(client: Client, installed: Installed, gate: Gate, dialect: str) -> Came:
    """A prompt in a five-hour window that another prompt has used up: our words on its screen, and no storm."""
    account = gate.books.new_account(f"{client.name} {dialect} used up", "trial/one")
    _use_up(gate, account)
    task = Task(gate.url, account.key, dialect, "say hello to everybody")
    came = _watched(client, installed, gate, account, task, PATIENCE_SECONDS, already=1)
    wrong = [came.wrong if came.prompts else ""]
    if not OUR_WORDS.search("".join(came.ended.said.split())):
        wrong.append("our words are not on its screen")
    if came.ended.status is None:
        wrong.append("it did not end")
    if came.refused > STORM_REQUESTS_A_MINUTE * max(came.ended.seconds, 10) / 60:
        wrong.append(f"a storm of {came.refused} requests")
    return came._replace(wrong="; ".join(filter(None, wrong)))


def too_fast(client: Client, installed: Installed, gate: Gate, dialect: str) -> Came:
    """A round of tools where one request is let in every ten seconds: the client waits, or says why it does not."""
    account = gate.books.new_account(f"{client.name} {dialect} too fast", "trial/slow")
    task = Task(gate.url, account.key, dialect, client.wish)
    return _watched(client, installed, gate, account, task, PATIENCE_SECONDS)


def broken(client: Client, installed: Installed, gate: Gate, dialect: str, fault: str) -> Came:
    """A prompt whose first stream breaks as ``fault`` says: whatever the client does, it stays one prompt."""
    account = gate.books.new_account(f"{client.name} {dialect} {fault}", "trial/all")
    once = f"slow:{len(gate.served)}"  # the demo upstream counts by words: these were not said before
    task = Task(gate.url, account.key, dialect, f"say hello to everybody [[demo {fault} {once} first:1]]")
    return _watched(client, installed, gate, account, task, PATIENCE_SECONDS)


def _watched(
    client: Client, installed: Installed, gate: Gate, account: Account, task: Task, seconds: float, already: int = 0
) -> Came:
    """``already``: how many requests the account had settled before."""
    refused, told = _refused(gate), len(gate.served)
    ended = run(client, installed, task, seconds)
    rows = gate.books.settled_by_now(account.id)[already:]
    refused = _refused(gate) - refused
    prompts = sum(row["usage"]["prompts"] for row in rows)
    wrong = [
        f"{prompts} prompts counted" if prompts != 1 else "",
        _tokens_wrong(rows, [call.reported for call in gate.served[told:] if call.status == 200]),
        _explanations_wrong(gate, rows),
    ]
    return Came(
        ended,
        len(rows),
        prompts,
        refused,
        sum(row["usage"][name] for row in rows for name in CLASSES),
        dict(Counter(row["outcome"] for row in rows)),
        tuple(dict.fromkeys(row["client"] for row in rows)),
        "; ".join(filter(None, wrong)),
    )


def _tokens_wrong(rows: Sequence[dict[str, Any]], reported: Sequence[Any]) -> str:
    """Whole answers are in the books as the upstream told them; of those that broke off, what came can be."""
    if any(row["estimated"] or row["outcome"] != "ok" for row in rows):
        return ""
    booked = {name: sum(row["usage"][name] for row in rows) for name in CLASSES}
    told = {name: sum(each.get(name, 0) for each in reported) for name in CLASSES}
    return "" if booked == told else f"booked {booked}, the upstream told {told}"


def _explanations_wrong(gate: Gate, rows: Sequence[dict[str, Any]]) -> str:
    for row in rows:
        told = gate.books.explain(row["request"])
        if told["state"] != "settled" or told["settlement"]["usage"] != row["usage"]:
            return f"{row['request']} is not explained"
        if not told["settlement"]["slices"]:
            return f"{row['request']} is explained without what paid"
    return ""


def _refused(gate: Gate) -> int:
    refused: int = gate.books.call("GET", "/upstreams")["counters"]["refused"]
    return refused


def _use_up(gate: Gate, account: Account) -> None:
    body = {"model": "gpt-5", "messages": [{"role": "user", "content": "the first and last"}]}
    gate.books.generate(account, body)
    gate.books.settled(account.id, 1)

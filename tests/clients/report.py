"""What was seen of every client as tables for a page: `python -m tests.clients.report build/clients.jsonl`.

Owns their layout. Reads what the fleet wrote; the newest word on a trial counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Seen = dict[str, Any]
_OWN = {"chat": "openai", "responses": "responses", "messages": "anthropic", "google": "google"}
_OURS = "The limit `trial/one:prompt` of your plan is used up"
_ANSWER = "This is the demo upstream answering"


def tables(seen: Iterable[Seen]) -> str:
    """The four tables in Markdown."""
    newest = {(row["trial"], row["client"], row["dialect"], row["upstream"]): row for row in seen}
    rows = list(newest.values())
    return "\n\n".join((_rounds(rows), _used_up(rows), _too_fast(rows), _broken(rows)))


def _rounds(rows: list[Seen]) -> str:
    lines = ["| client | version | dialect | its own upstream | other upstreams |", "|---|---|---|---|---|"]
    tools = [row for row in rows if row["trial"] == "tools"]
    for client, dialect in dict.fromkeys((row["client"], row["dialect"]) for row in tools):
        of = [row for row in tools if (row["client"], row["dialect"]) == (client, dialect)]
        own = [_counts(row) for row in of if row["upstream"] == _OWN[dialect]]
        other = [f"{row['upstream']}: {_counts(row)}" for row in of if row["upstream"] != _OWN[dialect]]
        lines.append(f"| {client} | {of[0]['version']} | {dialect} | {'; '.join(own)} | {'; '.join(other)} |")
    return "\n".join(lines)


def _counts(row: Seen) -> str:
    told = f"{row['requests']} / {row['prompts']} / {int(row['tokens']):,}"
    return told if not row["wrong"] else f"{told}, {row['wrong']}"


def _used_up(rows: list[Seen]) -> str:
    lines = ["| client | dialect | refused | ends after | exit | what a person reads |", "|---|---|---|---|---|---|"]
    for row in rows:
        if row["trial"] == "used-up":
            words = _before_our_words(row["screen"])
            lines.append(
                f"| {row['client']} | {row['dialect']} | {row['refused']} | {row['s']} s | {row['exit']} | {words} |"
            )
    return "\n".join(lines)


def _before_our_words(screen: str) -> str:
    """What stands in a line before our message, which follows whole."""
    for line in screen.splitlines():
        before, ours, _ = line.partition(_OURS)
        if ours:
            return f"{_clean(before[-40:])} …"
    return "…, in broken lines" if "".join(_OURS.split()) in "".join(screen.split()) else "not our words"


def _too_fast(rows: list[Seen]) -> str:
    lines = ["| client | dialect | served | refused | ends after | exit |", "|---|---|---|---|---|---|"]
    for row in rows:
        if row["trial"] == "too-fast":
            counts = f"{row['requests']} | {row['refused']} | {row['s']} s | {row['exit']}"
            lines.append(f"| {row['client']} | {row['dialect']} | {counts} |")
    return "\n".join(lines)


def _broken(rows: list[Seen]) -> str:
    faults = list(dict.fromkeys(row["trial"] for row in rows if row["trial"].startswith("broken ")))
    lines = [
        f"| client | dialect | {' | '.join(fault.removeprefix('broken ') for fault in faults)} |",
        "|---|---|" + "---|" * len(faults),
    ]
    broken = {(row["client"], row["dialect"], row["trial"]): row for row in rows if row["trial"] in faults}
    for client, dialect in dict.fromkeys((client, dialect) for client, dialect, _ in broken):
        cells = [_mended(broken[client, dialect, fault]) for fault in faults if (client, dialect, fault) in broken]
        lines.append(f"| {client} | {dialect} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _mended(row: Seen) -> str:
    told = ", ".join(f"{count} {name}" for name, count in row["outcomes"].items())
    if _ANSWER in " ".join(row["screen"].split()):
        end = "whole answer"
    elif row["exit"] == "0":
        end = "half an answer"
    else:
        end = "an error" if row["exit"] != "killed" else "still trying"
    return f"{told}; {row['prompts']} prompt; {end}"


def _clean(text: str) -> str:
    return text.replace("|", "¦").strip()


def main() -> int:
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    sys.stdout.write(tables(json.loads(line) for line in lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writing of results: RESULTS.md for people, JSON for programs.

Owns the words of the report. The notes that say why a target is missed are kept in
bench/profile_notes.toml, by target, so that a new run does not lose them.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.harness.contestant import ROOT
from bench.harness.measures import Pace
from bench.harness.run import Results
from bench.harness.targets import TARGETS, Target, remark

_NOTES = ROOT / "bench" / "profile_notes.toml"
_COLUMNS = ("nginx", "bare", "faregate", "litellm", "portkey")
_ROWS = (
    ("small JSON, requests a second", "small_json", "per_second", 1.0, 0),
    ("small JSON, CPU µs a request", "small_json", "cpu_us", 1.0, 1),
    ("small JSON, share of the core", "small_json", "core_share", 1.0, 2),
    ("200 KB bodies, requests a second", "large_json", "per_second", 1.0, 0),
    ("200 KB bodies, CPU µs a request", "large_json", "cpu_us", 1.0, 1),
    ("200 KB bodies, share of the core", "large_json", "core_share", 1.0, 2),
    ("chat stream of 50 events, CPU µs", "chat_streams", "cpu_us", 1.0, 0),
    ("messages stream of 50 events, CPU µs", "messages_streams", "cpu_us", 1.0, 0),
    ("p50 at 100 rps, ms", "latency", "p50_us", 1e3, 2),
    ("p99 at 100 rps, ms", "latency", "p99_us", 1e3, 2),
    ("the same without a gate, p50, ms", "latency", "direct_p50_us", 1e3, 2),
    ("the same without a gate, p99, ms", "latency", "direct_p99_us", 1e3, 2),
    ("memory at rest, MB", "memory", "at_rest", 1e6, 1),
    ("memory at 500 streams, MB", "memory", "at_500", 1e6, 1),
    ("memory of each further stream, KB", "memory", "per_stream", 1e3, 1),
)
_METHOD = """\
The contestant alone on one core; upstream and load generator on another; loopback, no TLS. Contestants
take turns for {rounds}; figures are medians, ratios are of this run. Absolute figures move from machine to
machine. CPU is user and system time of all processes of a contestant, divided by complete answers.
Small bodies have 340 bytes, large ones 200 KB; 64 connections, closed loop. Streams have 50 events, one
every 20 ms, for memory one every 100 ms. A share of the core well under 1 means that the instruments were
the bound, not the contestant."""


@dataclass(frozen=True)
class Report:
    """What a run leaves behind, and where from."""

    results: Results
    facts: dict[str, str]
    pace: Pace
    command: str

    def write(self, directory: Path) -> Path:
        """Write RESULTS.md and results/*.json under ``directory``; returns the former's path."""
        raw = directory / "results"
        raw.mkdir(parents=True, exist_ok=True)
        _dump(raw / "machine.json", {**self.facts, "command": self.command})
        _dump(raw / "contestants.json", self._contestants())
        _dump(raw / "parts.json", self.results.parts)
        _dump(raw / "targets.json", [_verdict(target, self.results) for target in TARGETS])
        page = directory / "RESULTS.md"
        page.write_text(self.page())
        return page

    def page(self) -> str:
        """RESULTS.md, in Markdown."""
        notes = tomllib.loads(_NOTES.read_text()) if _NOTES.exists() else {}
        rounds = "one round" if self.pace.rounds == 1 else f"{self.pace.rounds} rounds"
        sections = [
            "# Results",
            f"Written by `{self.command}`. How to run it, and what each file does: README.md here.",
            _METHOD.format(rounds=rounds),
            "## Targets",
            _target_table(self.results, notes),
            "## Contestants",
            self._contestant_table(),
            *self._parts(),
            "## This run",
            _table(("fact", "value"), [*self.facts.items(), *self._version_rows()]),
            *self._failures(),
        ]
        return "\n\n".join(sections) + "\n"

    def _present(self) -> list[str]:
        return [name for name in _COLUMNS if name in self.results.rounds]

    def _contestant_table(self) -> str:
        names = self._present()
        rows = []
        for title, measure, figure, scale, digits in _ROWS:
            values = [self.results.figure(name, measure, figure) for name in names]
            rows.append((title, *(_number(value, scale, digits) for value in values)))
        return _table(("", *(self.results.titles[name] for name in names)), rows)

    def _parts(self) -> list[str]:
        rows = [
            (part.replace("_", " "), name.replace("_", " "), _plain(value))
            for part, figures in self.results.parts.items()
            for name, value in figures.items()
        ]
        return ["## Parts alone", _table(("part", "figure", "value"), rows)] if rows else []

    def _version_rows(self) -> list[tuple[str, str]]:
        return [(self.results.titles[name], text) for name, text in self.results.versions.items()]

    def _failures(self) -> list[str]:
        rows = [(name, " ".join(why.split())[:300]) for name, why in self.results.failures.items()]
        return ["## Not measured", _table(("what", "why"), rows)] if rows else []

    def _contestants(self) -> dict[str, object]:
        return {
            "versions": self.results.versions,
            "failures": self.results.failures,
            "rounds": {
                name: {
                    measure: [{key: round(value, 3) for key, value in each.items()} for each in rounds]
                    for measure, rounds in measures.items()
                }
                for name, measures in self.results.rounds.items()
            },
            "medians": {
                name: {
                    measure: {key: round(median(each[key] for each in rounds), 3) for key in rounds[0]}
                    for measure, rounds in measures.items()
                }
                for name, measures in self.results.rounds.items()
            },
        }


def summary(results: Results) -> list[tuple[str, str, str, str]]:
    """Target, figure, bound and outcome of each target, as words."""
    rows = []
    for target in TARGETS:
        figure = target.read(results)
        outcome = "not measured" if figure is None else "met" if target.met(figure) else "MISSED"
        side = "≥" if target.at_least else "≤"
        bound = f"{side} {target.bound:,g} {target.unit}"
        shown = "–" if figure is None else f"{figure:,.{target.digits}f} {target.unit}"
        rows.append((target.what, shown, bound, outcome))
    return rows


def _target_table(results: Results, notes: dict[str, str]) -> str:
    rows = [
        (*row[:3], f"**{row[3]}**" if row[3] == "MISSED" else row[3], _note(target, results, notes))
        for target, row in zip(TARGETS, summary(results), strict=True)
    ]
    return _table(("what", "figure", "target", "outcome", "the profile says"), rows)


def _note(target: Target, results: Results, notes: dict[str, str]) -> str:
    return " ".join([*notes.get(target.key, "").split(), *remark(target, results).split()])


def _verdict(target: Target, results: Results) -> dict[str, object]:
    figure = target.read(results)
    return {
        "target": target.key,
        "figure": None if figure is None else round(figure, 4),
        "bound": target.bound,
        "at_least": target.at_least,
        "met": None if figure is None else target.met(figure),
    }


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    cells = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)


def _number(value: float | None, scale: float, digits: int) -> str:
    return "–" if value is None else f"{value / scale:,.{digits}f}"


def _plain(value: object) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _dump(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")

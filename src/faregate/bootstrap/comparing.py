"""Comparing dropped logs: read as those on a disk are, and tried on every plan as the command does.

Owns the folder that the logs lie in while they are read, and the bounds of one comparison. Nothing of the logs stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from faregate.app.shelf import Shelf, load_shelf
from faregate.comparison.compare import compare
from faregate.comparison.offers import all_offers
from faregate.comparison.page import render
from faregate.comparison.workload import EmptyUsage, Origin, Workload, of_logs
from faregate.ratecards.maker_file import CURRENCIES
from faregate.readers import YEAR, Reading, read, recognise

MOST_FILES = 20_000
MOST_REQUESTS = 150_000
_PARTS = 3
"""Of a name so many parts count: a sub-agent's file lies in its session's folder."""
_UNSAFE = re.compile(r"[^\w.-]")


class Refused(ValueError):
    """There is nothing to compare; says why."""


class TooLarge(ValueError):
    """More than one call may have compared; says what."""


class _File(msgspec.Struct):
    name: str
    text: str


class _Logs(msgspec.Struct):
    files: list[_File]


class Job(msgspec.Struct):
    """All that a comparison needs besides the logs. ``now`` in microseconds UTC."""

    plan_files: list[str]
    price_files: list[str]
    currency: str
    zone: str
    language: str
    now: int


def work(job: Job, logs: bytes) -> dict[str, Any]:
    """The comparison and its page. Raises Refused, TooLarge."""
    if job.currency not in CURRENCIES:
        raise Refused(f"{job.currency} is no currency that is known here")
    shelf = load_shelf(map(Path, job.plan_files), map(Path, job.price_files))
    workload, shelf = _workload(_reading(logs, job.now), shelf, job.zone)
    comparison = compare(shelf, workload, all_offers(shelf, job.now), job.currency, job.now, workers=1)
    return {"comparison": comparison, "page": render(comparison, "zh" if job.language == "zh" else "en")}


def _reading(logs: bytes, now: int) -> Reading:
    try:
        files = msgspec.json.decode(logs, type=_Logs).files
    except msgspec.DecodeError as problem:
        raise Refused(f"the body is not JSON as it should be: {problem}") from None
    if len(files) > MOST_FILES:
        raise TooLarge(f"{len(files):,} files, and a call compares {MOST_FILES:,} at most")
    with TemporaryDirectory(prefix="faregate-compare-") as folder:
        _laid_out(Path(folder), files)
        found = recognise(Path(folder))
        if not found:
            raise Refused("none of these is a log of a tool that is known here")
        return read(found, workers=1, latest=now + YEAR)


def _laid_out(folder: Path, files: Iterable[_File]) -> None:
    """In the order given, which decides between copies; whatever their names, nowhere else than here."""
    for place, file in enumerate(files):
        parts = [_UNSAFE.sub("_", part) for part in re.split(r"[/\\]", file.name) if part.strip(".")][-_PARTS:]
        path = folder.joinpath(f"{place:06}", *(part[:100] for part in parts or ["log.jsonl"]))
        if path.suffix not in (".jsonl", ".json", ".csv"):
            path = path.with_name(path.name[:90] + ".jsonl")
        path.parent.mkdir(parents=True)
        path.write_text(file.text, encoding="utf-8")


def _workload(reading: Reading, shelf: Shelf, zone: str) -> tuple[Workload, Shelf]:
    """The usage, and the shelf with prices for models that only genai-prices knows."""
    if len(reading.requests) > MOST_REQUESTS:
        raise TooLarge(f"{len(reading.requests):,} requests, and a call compares {MOST_REQUESTS:,} at most")
    tools = {tool: count.files for tool, count in reading.tools.items()}
    origin = Origin(", ".join(sorted(tools)), reading.files, tools, reading.broken)
    try:
        workload = of_logs(reading.requests, origin, shelf.prices, zone, None)
        priced = shelf.priced(workload.models)
        if priced is not shelf:
            workload = of_logs(reading.requests, origin, priced.prices, zone, None)
    except EmptyUsage:
        raise Refused("there is not one request in these logs") from None
    except (KeyError, ValueError, OSError) as problem:
        raise Refused(f"{zone!r} is no time zone that is known here: {problem}") from None
    return workload, priced

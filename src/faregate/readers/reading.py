"""Reading logs: all files, in parallel, into one sequence of requests in the order of time.

Owns the workers, the progress, the counts, and leaving out what several files hold alike. How a file is read is known
by its tool's reader.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import compress
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from faregate.readers.broken_line import BrokenLine, BrokenLines
from faregate.readers.copies import without_copies
from faregate.readers.kept import KeptReadings
from faregate.readers.log_file import CSV, USAGE_LINES, LogFile
from faregate.readers.one_file import FileReading, read_file
from faregate.readers.packed import pack, unpack
from faregate.readers.records import Records, Requests

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes of all), a few times a second at most."""

_Tell = Callable[[int], None]
"""Called with bytes read so far."""

_WORTH_WORKERS = 16 << 20
"""Less than this is read by this process alone, each time anew: starting others, or looking for what is kept, is not
worth it."""
_TASK_BYTES = 8 << 20
_POLL_SECONDS = 0.1

YEAR = 366 * 86_400_000_000
"""Microseconds. A clock may be some days ahead; one that is a year ahead was wrong."""


class ToolCount(NamedTuple):
    """What was read of one tool's logs; ``requests`` and ``prompts`` without copies."""

    files: int = 0
    size: int = 0
    requests: int = 0
    prompts: int = 0


class Reading(NamedTuple):
    """What the logs say. ``duplicates``: lines left out because their request was counted already.

    ``broken`` is the number of lines (or whole files) that could not be read, ``first_broken`` the first few of them.
    """

    requests: Requests
    tools: dict[str, ToolCount]
    files: int
    size: int
    duplicates: int
    broken: int
    first_broken: tuple[BrokenLine, ...]


def read(
    logs: Iterable[LogFile],
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    meanwhile: Callable[[], None] | None = None,
    latest: int | None = None,
    kept: KeptReadings | None = None,
) -> Reading:
    """Read all of ``logs``. ``workers``: how many processes, by default one for each core; 1 reads in this one.

    ``latest``: what tools wrote as done later than this, in microseconds UTC, was written by a clock that was wrong,
    and counts as broken. Tables and usage files may tell of any time.
    ``meanwhile`` is called once, while the workers read or before this process does; what it raises ends it all.
    ``kept``: what logs said when they were read last, and where to keep what they say now, if they are large.
    """
    ordered = sorted(logs, key=lambda log: str(log.path))
    size = sum(log.size for log in ordered)
    if size < _WORTH_WORKERS:
        kept = None
    known = {log: reading for log in ordered if kept is not None and (reading := kept.find(log)) is not None}
    unread = [log for log in ordered if log not in known]
    before = sum(log.size for log in known)

    def tell(done: int) -> None:
        if progress is not None:
            progress(min(before + done, size), size)

    tell(0)
    told = _read_all(unread, workers if workers is not None else _cores(), tell, meanwhile or _nothing, kept)
    tell(size)
    if kept is not None:
        kept.save()
    known.update(zip(unread, told, strict=True))
    return _merged(ordered, [known[log] for log in ordered], latest)


def _read_all(
    logs: Sequence[LogFile], workers: int, tell: _Tell, meanwhile: Callable[[], None], kept: KeptReadings | None
) -> list[FileReading]:
    if workers > 1 and sum(log.size for log in logs) >= _WORTH_WORKERS and len(logs) > 1:
        return _read_in_parallel(logs, workers, tell, meanwhile, kept)
    meanwhile()
    readings = list(_read_here(logs, tell))
    if kept is not None:
        for log, reading in zip(logs, readings, strict=True):
            kept.keep(log, reading)
    return readings


def _nothing() -> None:
    pass


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_here(logs: Sequence[LogFile], tell: _Tell) -> Iterator[FileReading]:
    done = 0

    def step(read_bytes: int) -> None:
        nonlocal done
        done += read_bytes
        tell(done)

    for log in logs:
        yield read_file(log, step)


_STEP_BYTES = 4 << 20
"""Workers say how far they are after so much: each time they wait for one another."""

_counter: Any = None
_unsaid = 0


def _begin(counter: Any) -> None:
    global _counter  # noqa: PLW0603 - how a pool hands its workers what they share
    _counter = counter
    # What a reader makes has no circles, and lives only as long as the process.
    gc.disable()


def _read_some(logs: Sequence[LogFile]) -> list[bytes]:
    return [pack(read_file(log, _step)) for log in logs]


def _step(read_bytes: int) -> None:
    global _unsaid  # noqa: PLW0603 - of this worker
    _unsaid += read_bytes
    if _unsaid >= _STEP_BYTES:
        with _counter.get_lock():
            _counter.value += _unsaid
        _unsaid = 0


def _read_in_parallel(
    logs: Sequence[LogFile], workers: int, tell: _Tell, meanwhile: Callable[[], None], kept: KeptReadings | None
) -> list[FileReading]:
    """Largest tasks first, so that no core waits long at the end."""
    tasks = sorted(_tasks(logs), key=lambda task: -sum(logs[index].size for index in task))
    context = multiprocessing.get_context(_start_method())
    counter = context.Value("q", 0)
    found: dict[int, FileReading] = {}
    with ProcessPoolExecutor(min(workers, len(tasks)), context, _begin, (counter,)) as pool:
        waiting: dict[Future[list[bytes]], list[int]] = {}
        ended: SimpleQueue[Future[list[bytes]]] = SimpleQueue()
        for task in tasks:
            future = pool.submit(_read_some, [logs[index] for index in task])
            waiting[future] = task
            future.add_done_callback(ended.put)
        try:
            meanwhile()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        while waiting:
            with suppress(Empty):
                future = ended.get(timeout=_POLL_SECONDS)
                task = waiting.pop(future)
                try:
                    told = future.result()
                except BrokenProcessPool:
                    # A worker was killed: what it had is read here, and slower.
                    told = [pack(read_file(logs[index], lambda _: None)) for index in task]
                for index, packed in zip(task, told, strict=True):
                    found[index] = unpack(packed, logs[index].path)
                    if kept is not None:
                        kept.keep(logs[index], found[index], packed)
            tell(counter.value)
    return [found[index] for index in range(len(logs))]


def _start_method() -> str:
    """A fork starts at once, but only where no other thread could hold a lock."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _tasks(logs: Sequence[LogFile]) -> list[list[int]]:
    """Indexes of logs, small ones together."""
    tasks: list[list[int]] = []
    room = 0
    for index, log in enumerate(logs):
        if room < log.size or not tasks:
            tasks.append([])
            room = _TASK_BYTES
        tasks[-1].append(index)
        room -= log.size
    return tasks


def _late(records: Records, kept: bytearray, latest: int | None) -> list[int]:
    """Indexes of the requests that were made too late to be true."""
    at = records.columns["at"]
    if latest is None or not at or max(at) <= latest:
        return []
    return [index for index, when in enumerate(at) if when > latest and kept[index]]


def _merged(logs: Sequence[LogFile], readings: Sequence[FileReading], latest: int | None) -> Reading:
    records, broken = Records(), BrokenLines()
    begins: list[int] = []
    repeats = 0
    for reading in readings:
        begins.append(len(records))
        records.extend(reading.records)
        broken.take_in(reading.broken)
        repeats += reading.repeats
    begins.append(len(records))
    kept = without_copies(records, [(begin, reading.fork) for begin, reading in zip(begins, readings, strict=False)])
    late = 0
    for index in _late(records, kept, latest):
        log = logs[bisect_right(begins, index) - 1]
        if log.tool not in (CSV, USAGE_LINES):
            kept[index] = 0
            late += 1
            broken.add(log.path, 0, "in_future")
    prompts = records.columns["prompts"]
    tools: dict[str, ToolCount] = {}
    for index, log in enumerate(logs):
        rows = range(begins[index], begins[index + 1])
        was = tools.get(log.tool, ToolCount())
        tools[log.tool] = ToolCount(
            was.files + 1,
            was.size + log.size,
            was.requests + sum(kept[rows.start : rows.stop]),
            was.prompts + sum(compress(prompts[rows.start : rows.stop], kept[rows.start : rows.stop])),
        )
    requests = Requests(records, kept)
    duplicates = repeats + len(records) - len(requests) - late
    size = sum(log.size for log in logs)
    return Reading(requests, tools, len(logs), size, duplicates, broken.count, tuple(broken.first))

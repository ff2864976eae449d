"""What is measured of one contestant that is up.

Owns the loads and the figures taken from them. Does not start contestants, repeat or compare.
Every figure is of one round; times are µs, memory is bytes, CPU is user and system time of the whole
process tree.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.harness.contestant import Contestant, Subject
from bench.harness.instruments import EVENTS, Instruments, Load, LoadError

Figures = dict[str, float]

_SETTLE_SECONDS = 0.3  # work off the client's path (settlements) belongs to the request's CPU
_STREAMS = 500


@dataclass(frozen=True)
class Pace:
    """How long a run takes: rounds, and seconds of each measure."""

    rounds: int
    seconds: float
    stream_seconds: float
    latency_seconds: float

    @classmethod
    def full(cls) -> Pace:
        return cls(rounds=3, seconds=5, stream_seconds=8, latency_seconds=10)

    @classmethod
    def quick(cls) -> Pace:
        return cls(rounds=1, seconds=2, stream_seconds=3, latency_seconds=3)


@dataclass(frozen=True)
class Bench:
    """The instruments, the upstream's port and the pace."""

    instruments: Instruments
    upstream_port: int
    pace: Pace

    def load(self, body: str, seconds: float, **more: float | str) -> Load:
        return Load(self.instruments.bodies / f"{body}.json", seconds, **more)  # type: ignore[arg-type]


def _loaded(bench: Bench, subject: Subject, load: Load) -> Figures:
    """Run ``load``: its figures, and the CPU of the subject per answer and per second."""
    cpu, started = subject.process.cpu_seconds(), time.monotonic()
    figures = bench.instruments.run(subject.port, subject.headers, load)
    elapsed = time.monotonic() - started
    time.sleep(_SETTLE_SECONDS)
    cpu = subject.process.cpu_seconds() - cpu
    answers = figures["total"]
    if not answers:
        raise LoadError("no answer was complete in time")
    return {
        "per_second": figures["rps"],
        "cpu_us": cpu / answers * 1e6,
        "core_share": cpu / elapsed,
        "p50_us": figures["p50_us"],
        "p99_us": figures["p99_us"],
        "answers": answers,
        "wrong": figures["errs"] + figures["non200"] + figures["short"],
    }


def preflight(bench: Bench, subject: Subject) -> str | None:
    """What is wrong with the first answer, None when nothing is; keeps a run from measuring errors."""
    try:
        bench.instruments.run(subject.port, subject.headers, bench.load("small", 0.1, connections=1, warm_seconds=0))
    except LoadError as complaint:
        return str(complaint)
    return None


def _closed_loop(bench: Bench, subject: Subject, contestant: Contestant, body: str) -> Figures:
    """64 connections; a slow contestant has longer, as its first answers may take seconds."""
    longer = {"warm_seconds": 3.0} if contestant.slow else {}
    seconds = bench.pace.seconds * (2 if contestant.slow else 1)
    return _loaded(bench, subject, bench.load(body, seconds, **longer))


def small_json(bench: Bench, subject: Subject, contestant: Contestant) -> Figures:
    """Closed loop, a body of some 340 bytes."""
    return _closed_loop(bench, subject, contestant, "small")


def large_json(bench: Bench, subject: Subject, contestant: Contestant) -> Figures:
    """Closed loop, a body of 200 KB."""
    return _closed_loop(bench, subject, contestant, "large")


def _streams(bench: Bench, subject: Subject, contestant: Contestant, body: str, path: str) -> Figures:
    load = bench.load(
        body,
        bench.pace.stream_seconds,
        path=path,
        connections=8 if contestant.slow else 64,
        events=EVENTS,
        ramp_ms=1000,
    )
    return _loaded(bench, subject, load)


def chat_streams(bench: Bench, subject: Subject, contestant: Contestant) -> Figures:
    """64 streams at a time, 50 events each, one every 20 ms (8 at a time for a slow contestant)."""
    return _streams(bench, subject, contestant, "stream", "/v1/chat/completions")


def messages_streams(bench: Bench, subject: Subject, contestant: Contestant) -> Figures:
    """The same, in Anthropic's dialect on both sides."""
    return _streams(bench, subject, contestant, "messages_stream", "/v1/messages")


def latency(bench: Bench, subject: Subject, _: Contestant) -> Figures:
    """100 requests a second on a schedule, straight to the upstream and then through the subject."""
    load = bench.load("small", bench.pace.latency_seconds, rate=100)
    direct = bench.instruments.run(bench.upstream_port, (), load)
    through = bench.instruments.run(subject.port, subject.headers, load)
    figures: Figures = {}
    for quantile in ("p50", "p99"):
        figures[f"direct_{quantile}_us"] = direct[f"{quantile}_us"]
        figures[f"{quantile}_us"] = through[f"{quantile}_us"]
        figures[f"added_{quantile}_us"] = through[f"{quantile}_us"] - direct[f"{quantile}_us"]
    return figures


def memory(bench: Bench, subject: Subject, _: Contestant) -> Figures:
    """Resident memory at rest, under 500 and under 1,000 streams at once (an event every 100 ms)."""
    figures: Figures = {"at_rest": subject.process.resident_bytes()}
    for streams in (_STREAMS, 2 * _STREAMS):
        figures[f"at_{streams}"] = _resident_under(bench, subject, streams)
    figures["per_stream"] = (figures[f"at_{2 * _STREAMS}"] - figures[f"at_{_STREAMS}"]) / _STREAMS
    return figures


def _resident_under(bench: Bench, subject: Subject, streams: int) -> int:
    """The most seen while ``streams`` streams of five seconds stand (they start within 2 s)."""
    load = bench.load("slow_stream", 1, connections=streams, warm_seconds=2, events=EVENTS, ramp_ms=2000)
    running = bench.instruments.begin(subject.port, subject.headers, load)
    started, most = time.monotonic(), 0
    while running.poll() is None and time.monotonic() - started < 5:
        time.sleep(0.25)
        if time.monotonic() - started > 2.5:
            most = max(most, subject.process.resident_bytes())
    figures = bench.instruments.finish(running, load)
    if figures["total"] < streams:
        raise LoadError(f"only {figures['total']} of {streams} streams came to their end")
    return most


Measure = Callable[[Bench, Subject, Contestant], Figures]

# Memory comes first: it is of a process that has done nothing else.
MEASURES: dict[str, Measure] = {
    "memory": memory,
    "small_json": small_json,
    "large_json": large_json,
    "chat_streams": chat_streams,
    "messages_streams": messages_streams,
    "latency": latency,
}
_NOT_FOR_SLOW = frozenset(("memory", "latency", "messages_streams"))


def measures_of(contestant: Contestant) -> Iterator[tuple[str, Measure]]:
    """Those that ``contestant`` can carry."""
    for name, measure in MEASURES.items():
        if not (contestant.slow and name in _NOT_FOR_SLOW):
            yield name, measure

"""The targets, and whether a run met them.

Owns the bounds and the arithmetic of comparison: each target takes its figure from the medians of one
run. Does not measure and does not word the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.harness.run import Results

# The best compiled peer of the reference run served this share of nginx's requests. Compiled peers
# come from no package registry this harness uses, so the bound is carried over as a ratio.
_COMPILED_PEER = 0.098
_PEERS = ("litellm", "portkey")

Reader = Callable[[Results], float | None]
"""Takes a figure from a run; None where something it needs was not measured."""


@dataclass(frozen=True)
class Target:
    """``at_least`` says which side of ``bound`` is met. ``key`` names the target's profile note.

    ``floor`` is (measure, contestant) of a comparison by requests a second: it flatters when the instruments, not
    that contestant, were the bound.
    """

    key: str
    what: str
    bound: float
    unit: str
    read: Reader
    at_least: bool = False
    digits: int = 2
    floor: tuple[str, str] | None = None

    def met(self, figure: float) -> bool:
        return figure >= self.bound if self.at_least else figure <= self.bound


_BUSY = 0.9


def remark(target: Target, results: Results) -> str:
    """What to know of a comparison whose floor did not fill its core: the same by CPU. Empty where all is well."""
    if target.floor is None:
        return ""
    measure, floor = target.floor
    share = results.figure(floor, measure, "core_share")
    by_cpu = _ratio(measure, "cpu_us", floor)(results)
    if share is None or by_cpu is None or share >= _BUSY:
        return ""
    return f"{floor} had its core only {share:.0%} busy; by CPU a request it is {1 / by_cpu:.2f} ×."


def _ratio(measure: str, name: str, other: str) -> Reader:
    def read(results: Results) -> float | None:
        own = results.figure("faregate", measure, name)
        floor = results.figure(other, measure, name)
        return own / floor if own is not None and floor else None

    return read


def _own(measure: str, name: str, scale: float = 1.0) -> Reader:
    def read(results: Results) -> float | None:
        figure = results.figure("faregate", measure, name)
        return None if figure is None else figure / scale

    return read


def _part(part: str, name: str) -> Reader:
    return lambda results: results.part(part, name)


def _metering(results: Results) -> float | None:
    full = results.figure("faregate", "small_json", "cpu_us")
    bare = results.figure("bare", "small_json", "cpu_us")
    return None if full is None or bare is None else full - bare


def _over_cheapest_peer(results: Results) -> float | None:
    own = results.figure("faregate", "chat_streams", "cpu_us")
    peers = [results.figure(peer, "chat_streams", "cpu_us") for peer in _PEERS]
    measured = [peer for peer in peers if peer]
    return own / min(measured) if own is not None and measured else None


TARGETS = (
    Target(
        "small_nginx", "small JSON requests, over nginx", 0.2, "×",
        _ratio("small_json", "per_second", "nginx"), floor=("small_json", "nginx"), at_least=True,
    ),
    Target(
        "small_peer", "small JSON requests, over twice the best compiled peer (0.098 × nginx)",
        2 * _COMPILED_PEER, "× nginx", _ratio("small_json", "per_second", "nginx"), at_least=True, digits=3,
        floor=("small_json", "nginx"),
    ),
    Target(
        "small_litellm", "small JSON requests, over LiteLLM", 80, "×",
        _ratio("small_json", "per_second", "litellm"), floor=("small_json", "litellm"), at_least=True, digits=0,
    ),
    Target(
        "large_nginx", "200 KB request bodies, over nginx", 0.3, "×",
        _ratio("large_json", "per_second", "nginx"), floor=("large_json", "nginx"), at_least=True,
    ),
    Target(
        "metering", "metering: CPU a request, everything on less bare pass-through", 60, "µs",
        _metering, digits=1,
    ),
    Target(
        "stream_nginx", "CPU a stream of 50 events, chat completions, over nginx", 1.8, "×",
        _ratio("chat_streams", "cpu_us", "nginx"),
    ),
    Target(
        "messages_nginx", "CPU a stream of 50 events, messages, over nginx", 1.8, "×",
        _ratio("messages_streams", "cpu_us", "nginx"),
    ),
    Target(
        "stream_peer", "CPU a stream, over the cheapest peer of this run", 1, "×",
        _over_cheapest_peer,
    ),
    Target(
        "latency_p50", "added latency at 100 rps, hold durable, p50", 2, "ms",
        _own("latency", "added_p50_us", 1000),
    ),
    Target(
        "latency_p99", "added latency at 100 rps, hold durable, p99", 5, "ms",
        _own("latency", "added_p99_us", 1000),
    ),
    Target("memory_500", "memory at 500 streams", 100, "MB", _own("memory", "at_500", 1e6), digits=1),
    Target(
        "memory_stream", "memory of each further stream", 60, "KB",
        _own("memory", "per_stream", 1e3), digits=1,
    ),
    Target(
        "core_decide", "decide + settle in core, 4 sources, 3 windows, full receipts", 100_000,
        "a second", _part("core_decide", "pairs_per_second"), at_least=True, digits=0,
    ),
    Target(
        "settlements", "durable settlements on SQLite, over a hand-written insert in batches of 256",
        0.5, "×", _part("settlements", "ratio"), at_least=True,
    ),
    Target(
        "cold_account", "first byte of a cold account, 100,000 entries of history", 10, "ms",
        _part("cold_account", "first_byte_ms"), digits=1,
    ),
    Target("logs", "reading 1 GB of logs, over ccusage", 2, "×", _part("readers", "ratio")),
    Target("compare_logs", "comparing 1 GB of logs, over ccusage", 2, "×", _part("compare", "logs_ratio")),
    Target("compare_month", "a month of 10,000 requests against all plans", 6, "s", _part("compare", "seconds")),
)  # fmt: skip

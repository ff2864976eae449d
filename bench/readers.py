"""`faregate logs` against ccusage (a Rust program, from npm) on the same logs of Claude Code, in turns, in one run.

Owns the making of logs with the mix of real ones (large results of tools, a line for each block of an answer with the
use so far, sub-agents, resumed sessions that copy lines), the turns, and the check that both count the same tokens.

    python -m bench.readers [--megabytes 1000] [--rounds 5] [--ccusage PATH] [--json] [--quick]

Each side is a whole process, from its start to its JSON; the system's file cache is warm for both. A round is:
Faregate on logs that it has never seen, ccusage, and Faregate once more ("again"), which knows the logs that were not
touched since. Ratios are the medians of the rounds' ratios, below 1 where Faregate is quicker. Memory is that of the
largest process of a side. Nobody's words are in the logs, which are removed at the end.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, NamedTuple

from faregate.readers.kept import AT_REST_SECONDS, NAME

VERSION = "20.0.24"
ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faregate-bench" / f"ccusage-{VERSION}"
MEGABYTE = 1_000_000
START = 1_790_000_000_000


class Turn(NamedTuple):
    """One run of one side: wall and CPU seconds, resident MB of its largest process, and the tokens it counted."""

    seconds: float
    cpu: float
    megabytes: int
    tokens: tuple[int, ...]


class Scribe:
    """Writes sessions as Claude Code does. Equal seeds write equal logs."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        words = ["".join(self._chance.choices(letters, k=self._chance.randint(2, 9))) for _ in range(3000)]
        self._text = " ".join(self._chance.choices(words, k=400_000)).replace("e a", 'e\\n\t"a')
        self._now = START

    def session(self, name: str, size: int, *, side: bool) -> Iterator[dict[str, Any]]:
        """Lines of about ``size`` bytes; ``side``: a sub-agent's."""
        context, written = 20_000, 0
        common = {"userType": "external", "cwd": "/srv/project", "sessionId": name, "version": "2.1.197"}
        while written < size:
            for line in self._turn(side, context):
                full = {"parentUuid": self._id(36), "isSidechain": side} | line | {"timestamp": self._time()} | common
                written += len(json.dumps(full))
                yield full
            context = min(190_000, context + 9_000)

    def _turn(self, side: bool, context: int) -> Iterator[dict[str, Any]]:
        yield {"promptId": self._id(36)} | self._user(self._prose(5, 20_000)) | {"uuid": self._id(36)}
        for _ in range(self._chance.randint(1, 25)):
            yield from self._answer(context)
            output = self._prose(7.6, 200_000)
            result = {"tool_use_id": f"toolu_{self._id(22)}", "type": "tool_result", "content": output}
            kept = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False}
            yield {"promptId": self._id(36)} | self._user([result]) | {"uuid": self._id(36), "toolUseResult": kept}

    def _user(self, content: Any) -> dict[str, Any]:
        return {"type": "user", "message": {"role": "user", "content": content}}

    def _answer(self, context: int) -> Iterator[dict[str, Any]]:
        """A line for each block: the last tells all of the output."""
        chance = self._chance
        thinking = {"type": "thinking", "thinking": self._prose(5.5, 8_000), "signature": self._id(400)}
        text = {"type": "text", "text": self._prose(5, 8_000)}
        command = {"command": self._prose(5.5, 30_000), "description": self._prose(3, 60)}
        call = {"type": "tool_use", "id": f"toolu_{self._id(22)}", "name": "Bash", "input": command}
        blocks = chance.sample([thinking, text, call], chance.choice((1, 2, 2, 3)))
        message, request = f"msg_01{self._id(22)}", f"req_01{self._id(22)}"
        model = chance.choice(("claude-opus-4-8", "claude-opus-4-8", "claude-sonnet-4-5-20250929"))
        fresh, new = chance.randint(1, 9), chance.randint(100, 6_000)
        for number, block in enumerate(blocks, 1):
            use = {
                "input_tokens": fresh,
                "cache_creation_input_tokens": new,
                "cache_read_input_tokens": context,
                "output_tokens": chance.randint(20, 3_000) if number == len(blocks) else 5,
                "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
                "service_tier": "standard",
                "cache_creation": {"ephemeral_1h_input_tokens": new, "ephemeral_5m_input_tokens": 0},
                "speed": "standard",
            }
            told = {"id": message, "type": "message", "role": "assistant", "model": model, "content": [block]}
            line = {"message": told | {"stop_reason": "tool_use", "usage": use}, "requestId": request}
            yield line | {"type": "assistant", "uuid": self._id(36)}

    def size_of_session(self) -> int:
        return min(40_000_000, int(self._chance.lognormvariate(14.6, 1.0)))

    def likely(self, share: float) -> bool:
        return self._chance.random() < share

    def name(self) -> str:
        return self._id(36)

    def _prose(self, mean: float, most: int) -> str:
        length = min(most, int(self._chance.lognormvariate(mean, 1.3)))
        begin = self._chance.randrange(len(self._text) - length)
        return self._text[begin : begin + length]

    def _id(self, length: int) -> str:
        return f"{self._chance.getrandbits(4 * length):0{length}x}"

    def _time(self) -> str:
        self._now += self._chance.randint(50, 9_000)
        read = datetime.fromtimestamp(self._now / 1000, UTC)
        return read.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_logs(folder: Path, megabytes: int, seed: int = 7) -> None:
    """Sessions below ``folder/projects``: every fifth file a sub-agent's, some sessions resumed, copied at first."""
    scribe, made, number, name = Scribe(seed), 0, 0, ""
    while made < megabytes * MEGABYTE:
        project = folder / "projects" / f"-home-dev-project-{number % 12}"
        side = number % 5 == 4
        path = project / name / "subagents" / f"agent-{number}.jsonl"
        if not side:
            name = scribe.name()
            path = project / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = min(scribe.size_of_session(), megabytes * MEGABYTE - made + 10_000)
        with path.open("w") as file:
            for line in scribe.session(name, size, side=side):
                made += file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        if not side and scribe.likely(0.15):
            begun = path.read_bytes()[:3_000_000].rpartition(b"\n")[0] + b"\n"
            (project / f"{scribe.name()}.jsonl").write_bytes(begun)
            made += len(begun)
        number += 1


def installed_ccusage() -> Path:
    """The program itself, without its launcher in JavaScript: from the cache, else through npm into the cache."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    package = f"@ccusage/ccusage-{sys.platform}-{machine}"
    program = CACHE / "node_modules" / package / "bin" / "ccusage"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-save", "--no-fund", "--no-audit", "--prefix", str(CACHE)]
        subprocess.run([*command, f"{package}@{VERSION}"], check=True, capture_output=True)
    program.chmod(0o755)
    return program


def timed(command: list[str], environ: dict[str, str]) -> tuple[Turn, Any]:
    """One run, and the JSON that it printed."""
    begun = perf_counter()
    process = subprocess.Popen(command, env=os.environ | environ, stdout=subprocess.PIPE)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    unit = MEGABYTE if sys.platform == "darwin" else 1000
    return Turn(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // unit, ()), json.loads(printed)


def ours(folder: Path) -> Turn:
    script = "from faregate.cli.main import main; main()"
    paths = {"PYTHONPATH": f"{ROOT / 'src'}"}
    turn, data = timed([sys.executable, "-c", script, "logs", "--json", str(folder)], paths)
    tokens = data["tokens"]
    written = tokens["cache_write_5m"] + tokens["cache_write_1h"]
    return turn._replace(tokens=(tokens["input"], tokens["cached"], written, tokens["output"]))


def compared(folder: Path) -> Turn:
    """The same logs against every plan: the tokens are those that were replayed."""
    script = "from faregate.cli.main import main; main()"
    command = [sys.executable, "-c", script, "compare", "--json", "--currency", "USD", "--logs", str(folder)]
    turn, data = timed(command, {"PYTHONPATH": f"{ROOT / 'src'}"})
    tokens = data["usage"]["tokens"]
    written = tokens["cache_write_5m"] + tokens["cache_write_1h"]
    return turn._replace(tokens=(tokens["input"], tokens["cached"], written, tokens["output"]))


def theirs(program: Path, folder: Path) -> Turn:
    turn, data = timed([str(program), "claude", "daily", "--json", "--offline"], {"CLAUDE_CONFIG_DIR": str(folder)})
    names = ("inputTokens", "cacheReadTokens", "cacheCreationTokens", "outputTokens")
    return turn._replace(tokens=tuple(data["totals"][name] for name in names))


def measure(folder: Path, program: Path, rounds: int, mine_is: Callable[[Path], Turn] = ours) -> dict[str, Any]:
    """Figures over ``rounds``, after one of each that is not counted. Ends the run where the tokens differ."""
    size = sum(path.stat().st_size for path in folder.rglob("*.jsonl"))
    rows = [(_forgetting(mine_is, folder), theirs(program, folder), mine_is(folder)) for _ in range(rounds + 1)][1:]
    for mine, other, again in rows:
        if not mine.tokens == other.tokens == again.tokens:
            raise SystemExit(f"tokens differ: {mine.tokens} and {again.tokens} here, {other.tokens} by ccusage")
    sides = dict(zip(("faregate", "ccusage", "faregate_again"), zip(*rows, strict=True), strict=True))
    figures: dict[str, Any] = {"megabytes": round(size / MEGABYTE), "rounds": rounds}
    for side, turns in sides.items():
        figures[f"{side}_seconds"] = round(statistics.median(turn.seconds for turn in turns), 3)
        figures[f"{side}_cpu_seconds"] = round(statistics.median(turn.cpu for turn in turns), 3)
        figures[f"{side}_megabytes"] = max(turn.megabytes for turn in turns)
    for name, place in (("", 0), ("again_", 2)):
        figures[f"{name}ratio"] = round(statistics.median(row[place].seconds / row[1].seconds for row in rows), 3)
        figures[f"{name}cpu_ratio"] = round(statistics.median(row[place].cpu / row[1].cpu for row in rows), 3)
    return figures


def _forgetting(mine_is: Callable[[Path], Turn], folder: Path) -> Turn:
    """One run on logs that were never read."""
    (Path(os.environ["FAREGATE_CACHE"]) / NAME).unlink(missing_ok=True)
    return mine_is(folder)


def as_installed() -> None:
    """Compile the package's modules, as pip does where it installs them: Python may be told not to keep bytecode."""
    compileall.compile_dir(ROOT / "src", quiet=1)


def use_all_cores() -> None:
    """The harness pins what it starts to one core; both sides of this comparison use as many as there are."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def measured(megabytes: int, rounds: int, program: Path, mine_is: Callable[[Path], Turn]) -> dict[str, Any]:
    """Figures on logs made for it and removed at the end."""
    as_installed()
    folder, cache = (Path(tempfile.mkdtemp(prefix=f"faregate-{name}-")) for name in ("logs", "cache"))
    os.environ["FAREGATE_CACHE"] = str(cache)
    try:
        make_logs(folder, megabytes)
        # Sessions that were closed: what is still being written is read each time.
        sleep(AT_REST_SECONDS)
        return measure(folder, program, rounds, mine_is)
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(cache)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ccusage", type=Path, help="the program; installed through npm where left out")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    parser.add_argument("--quick", action="store_true", help="100 MB, 2 rounds")
    options = parser.parse_args()
    if options.quick:
        options.megabytes, options.rounds = 100, 2
    use_all_cores()
    program = options.ccusage or installed_ccusage()
    figures = measured(options.megabytes, options.rounds, program, ours)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):24} {value:>12,}")


if __name__ == "__main__":
    main()

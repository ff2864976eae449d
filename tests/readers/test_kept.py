"""What logs said is kept: a log that was not touched is not read again, and one that was is."""

from __future__ import annotations

import os
import random
import time
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.core.usage import Usage
from faregate.readers import KeptReadings, LogFile, Reading, kept, read, reading, recognise
from faregate.readers.broken_line import BrokenLines
from faregate.readers.copies import Fork
from faregate.readers.kept import NAME
from faregate.readers.one_file import FileReading, read_file
from faregate.readers.packed import pack, unpack
from faregate.readers.records import Records, Row
from tests.readers.logs import answer, prompt, tool_result, write

LATER = time.time_ns() // 1000 + 3_600_000_000
"""What these tests write is at rest by then."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sessions of Claude Code with a broken line each, a copy of one's beginning, and a table."""
    chance = random.Random(7)
    logs = tmp_path / "logs"
    for number in range(3):
        lines = [prompt("do it")]
        lines += [answer(f"{number}-{step // 2}", chance.randrange(1, 90), step) for step in range(8)]
        write(logs / f"s{number}.jsonl", [*lines, tool_result(), '{"torn'])
    (logs / "copy.jsonl").write_bytes((logs / "s0.jsonl").read_bytes()[:2500])
    (logs / "use.csv").write_text("at,model,input,output\n2026-11-02T10:00:00Z,claude-opus-4-8,7,5\n")
    return logs


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the logs that are read, one after the other."""
    names: list[str] = []

    def named(log: LogFile, step: Callable[[int], None]) -> FileReading:
        names.append(log.path.name)
        return read_file(log, step)

    monkeypatch.setattr(reading, "read_file", named)
    monkeypatch.setattr(reading, "_WORTH_WORKERS", 0)
    return names


def told(folder: Path, cache: Path, *, workers: int = 1, now: int = LATER) -> Reading:
    return read(recognise(folder), workers=workers, kept=KeptReadings(cache, now))


def same(one: Reading, other: Reading) -> bool:
    return list(one.requests) == list(other.requests) and one[1:] == other[1:]


def test_what_is_kept_says_the_same_and_no_log_is_opened(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    first = told(folder, tmp_path)
    assert sorted(opened) == ["copy.jsonl", "s0.jsonl", "s1.jsonl", "s2.jsonl", "use.csv"]
    assert first.broken == 4
    assert first.duplicates > 12
    opened.clear()
    assert same(told(folder, tmp_path), first)
    assert opened == []
    assert same(read(recognise(folder), workers=1), first)


def test_several_processes_keep_the_same(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = told(folder, tmp_path / "a")
    monkeypatch.setattr(reading, "_WORTH_WORKERS", 0)
    monkeypatch.setattr(reading, "_TASK_BYTES", 1)
    assert same(told(folder, tmp_path / "b", workers=2), alone)
    assert same(told(folder, tmp_path / "b", workers=2), alone)
    assert (tmp_path / "b" / NAME).exists()


def longer(log: Path) -> None:
    write(log.with_name("more"), [answer("new", 5, 50)])
    with log.open("ab") as file:
        file.write(log.with_name("more").read_bytes())
    log.with_name("more").unlink()


def as_long(log: Path) -> None:
    """Other content, and the old time on it."""
    before = log.stat()
    other = log.read_bytes().replace(b'"output_tokens":', b'"output_tokenz":')
    # Until the clock of files has ticked: what is at rest was written long before.
    while log.stat().st_ctime_ns == before.st_ctime_ns:
        log.write_bytes(other)
        os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))


def another(log: Path) -> None:
    """Another file of the same size and time in its place."""
    before = log.stat()
    other = log.with_suffix(".tmp")
    other.write_bytes(log.read_bytes().replace(b'"output_tokens":', b'"output_tokenz":'))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(log)


@pytest.mark.parametrize("change", [longer, as_long, another])
def test_a_log_that_was_touched_is_read_again_alone(
    folder: Path, tmp_path: Path, opened: list[str], change: Callable[[Path], None]
) -> None:
    before = told(folder, tmp_path)
    change(folder / "s1.jsonl")
    opened.clear()
    after = told(folder, tmp_path)
    assert opened == ["s1.jsonl"]
    assert not same(after, before)
    assert same(after, read(recognise(folder), workers=1))
    opened.clear()
    told(folder, tmp_path)
    assert opened == []


def test_a_log_that_may_still_be_written_is_not_kept(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    changed = (folder / "s1.jsonl").stat().st_ctime_ns // 1000
    told(folder, tmp_path, now=changed + 9_000_000)
    opened.clear()
    told(folder, tmp_path, now=changed + 9_000_000)
    assert "s1.jsonl" in opened


def test_small_logs_leave_nothing_behind(folder: Path, tmp_path: Path) -> None:
    told(folder, tmp_path)
    assert not (tmp_path / NAME).exists()


def test_what_is_kept_of_a_log_goes_with_it(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    told(folder, tmp_path)
    gone = str(folder / "s1.jsonl").encode()
    assert gone in (tmp_path / NAME).read_bytes()
    (folder / "s1.jsonl").unlink()
    told(folder, tmp_path)
    assert gone not in (tmp_path / NAME).read_bytes()


def test_other_logs_stay_known(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    others = tmp_path / "others"
    write(others / "o.jsonl", [prompt("do it"), answer("o", 5)])
    told(folder, tmp_path)
    told(others, tmp_path)
    opened.clear()
    told(folder, tmp_path)
    told(others, tmp_path)
    assert opened == []


def test_a_path_may_lead_elsewhere_the_next_time(
    folder: Path, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is named from where one stands; what is kept is of the file that it led to."""
    cache, elsewhere = tmp_path / "cache", tmp_path / "elsewhere"
    write(elsewhere / "logs" / "s0.jsonl", [prompt("do it"), answer("o", 5)])
    monkeypatch.chdir(tmp_path)
    here = told(Path("logs"), cache)
    monkeypatch.chdir(elsewhere)
    assert same(told(Path("logs"), cache), read(recognise(Path("logs")), workers=1))
    monkeypatch.chdir(tmp_path)
    opened.clear()
    assert same(told(Path("logs"), cache), here)
    assert opened == ["s0.jsonl"]


def test_no_more_is_kept_than_there_is_room_for(
    folder: Path, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_MOST_BYTES", 700)
    first = told(folder, tmp_path)
    assert 0 < (tmp_path / NAME).stat().st_size < 1200
    opened.clear()
    assert same(told(folder, tmp_path), first)
    assert 0 < len(opened) < 5


@pytest.mark.parametrize(
    "damaged",
    [
        lambda whole: b"",
        lambda whole: whole[:64],
        lambda whole: whole[:-1],
        lambda whole: whole[:80] + bytes([whole[80] ^ 1]) + whole[81:],
        lambda whole: bytes([whole[0] ^ 1]) + whole[1:],
    ],
)
def test_a_damaged_file_is_none(
    folder: Path, tmp_path: Path, opened: list[str], damaged: Callable[[bytes], bytes]
) -> None:
    first = told(folder, tmp_path)
    file = tmp_path / NAME
    file.write_bytes(damaged(file.read_bytes()))
    opened.clear()
    assert same(told(folder, tmp_path), first)
    assert len(opened) == 5
    opened.clear()
    told(folder, tmp_path)
    assert opened == [], "it was mended"


def test_a_file_that_others_may_write_or_another_version_wrote_is_none(
    folder: Path, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(folder, tmp_path)
    (tmp_path / NAME).chmod(0o666)
    opened.clear()
    told(folder, tmp_path)
    assert len(opened) == 5
    monkeypatch.setattr(kept, "__version__", "another")
    told(folder, tmp_path)
    assert len(opened) == 10


def test_where_nothing_can_be_kept_all_is_read(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    (tmp_path / "file").write_text("no folder")
    first = told(folder, tmp_path / "file")
    assert same(told(folder, tmp_path / "file"), first)
    assert len(opened) == 10


def test_a_file_that_could_not_be_read_is_tried_again(
    folder: Path, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(log: LogFile, step: Callable[[int], None]) -> FileReading:
        found = FileReading(Records(), BrokenLines())
        found.broken.add(log.path, 0, "cannot_read", "Input/output error")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_file", failing)
        assert told(folder, tmp_path).broken == 5
    assert told(folder, tmp_path).broken == 4
    assert len(opened) == 5


def test_progress_counts_what_is_known_as_read(folder: Path, tmp_path: Path, opened: list[str]) -> None:
    told(folder, tmp_path)
    longer(folder / "s1.jsonl")
    logs = recognise(folder)
    size = sum(log.size for log in logs)
    heard: list[tuple[int, int]] = []
    read(logs, workers=1, kept=KeptReadings(tmp_path, LATER), progress=lambda done, of: heard.append((done, of)))
    assert heard == sorted(heard)
    assert heard[0] == (size - (folder / "s1.jsonl").stat().st_size, size)
    assert heard[-1] == (size, size)


COUNTS = st.integers(0, 2**32 - 1)
NAMES = st.text(st.characters(), max_size=9)
"""Also what is no Unicode: file names need not be."""


@given(
    rows=st.lists(st.tuples(st.integers(0, 2**50), NAMES, NAMES, COUNTS, st.integers(0, 2**64 - 1), st.booleans())),
    repeats=COUNTS,
    broken=st.lists(st.tuples(COUNTS, NAMES, NAMES), max_size=9),
    fork=st.none() | st.builds(Fork, NAMES, NAMES, COUNTS, st.lists(st.integers(0, 2**64 - 1)), COUNTS),
)
def test_a_reading_comes_back_out_of_its_bytes(
    rows: list[tuple[int, str, str, int, int, bool]],
    repeats: int,
    broken: list[tuple[int, str, str]],
    fork: Fork | None,
) -> None:
    path = Path("/logs/s.jsonl")
    made = FileReading(Records(), BrokenLines(), repeats, fork)
    for at, model, session, count, key, side in rows:
        usage = Usage(input=count, cached=1, output=2, prompts=int(side))
        made.records.add(Row(at, model, session, "claude-code", usage, key, key // 2, side))
    for line, reason, detail in broken:
        made.broken.add(path, line, reason, detail)
    found = unpack(pack(made), path)
    for name in ("columns", "models", "sessions", "clients"):
        assert getattr(found.records, name) == getattr(made.records, name)
    assert (found.broken.count, found.broken.first) == (made.broken.count, made.broken.first)
    assert found.repeats == repeats
    assert found.fork == (None if fork is None else fork._replace(uses=array("Q", fork.uses)))


def test_bytes_that_are_no_reading_are_told(folder: Path) -> None:
    packed = pack(read_file(recognise(folder)[0], lambda _: None))
    for wrong in (b"", packed[:-1], packed[:40], b"\xc0"):
        with pytest.raises(ValueError, match=r".+"):
            unpack(wrong, folder)

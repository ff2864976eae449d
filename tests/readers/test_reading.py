"""Reading many files: order, counts, progress, memory, and more than one process."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.readers import BYTES_EACH, LogFile, ToolCount, discover, read, recognise
from faregate.readers.instants import instant
from faregate.readers.lines import blocks_of_lines, windows
from tests.readers.logs import answer, prompt, tool_result, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Some sessions, one a copy of another's beginning, with a broken line in each."""
    chance = random.Random(4)
    for number in range(6):
        lines = []
        for turn in range(8):
            lines.append(prompt(f"turn {turn}"))
            lines += [
                answer(f"{number}-{turn}-{step}", chance.randrange(1, 90), turn * 9 + step) for step in (0, 0, 1)
            ]
            lines.append(tool_result("x" * chance.randrange(3000)))
        write(tmp_path / "p" / f"s{number}.jsonl", [*lines, '{"torn'])
    (tmp_path / "p" / "copy.jsonl").write_bytes((tmp_path / "p" / "s0.jsonl").read_bytes()[:9000])
    return tmp_path


def test_requests_stand_in_the_order_of_time(folder: Path) -> None:
    times = [request.at for request in read(recognise(folder), workers=1).requests]
    assert times == sorted(times)
    assert len(times) == 6 * 8 * 2


def test_several_processes_read_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = recognise(folder)
    alone = read(logs, workers=1)
    monkeypatch.setattr("faregate.readers.reading._WORTH_WORKERS", 0)
    monkeypatch.setattr("faregate.readers.reading._TASK_BYTES", 1)
    together = read(logs, workers=2)
    assert list(together.requests) == list(alone.requests)
    assert together[1:] == alone[1:]


def test_the_order_in_which_files_are_named_does_not_matter(folder: Path) -> None:
    logs = recognise(folder)
    assert list(read(logs, workers=1).requests) == list(read(logs[::-1], workers=1).requests)


def test_counts_by_tool_leave_copies_out(folder: Path) -> None:
    logs = recognise(folder)
    reading = read(logs, workers=1)
    size = sum(log.size for log in logs)
    assert reading.tools == {"claude-code": ToolCount(7, size, 96, 48)}
    assert (reading.files, reading.size, reading.broken) == (7, size, 7)
    assert reading.duplicates > 48


def test_progress_goes_from_nothing_to_all(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    logs = recognise(folder)
    size = sum(log.size for log in logs)
    read(logs, workers=1, progress=lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[0] == (0, size)
    assert told[-1] == (size, size)


def test_requests_can_be_asked_for_one_by_one(folder: Path) -> None:
    requests = read(recognise(folder), workers=1).requests
    listed = list(requests)
    assert (requests[0], requests[-1], requests[2:4]) == (listed[0], listed[-1], listed[2:4])


def test_a_request_costs_a_few_bytes() -> None:
    assert BYTES_EACH == 59


def test_nothing_to_read_is_an_empty_reading() -> None:
    reading = read([])
    assert (len(reading.requests), reading.tools, reading.size) == (0, {}, 0)


LINES = st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"")), max_size=12)


@given(lines=LINES, block=st.integers(1, 30), ended=st.booleans())
def test_windows_show_every_line_once_whatever_the_size_of_a_block(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], block: int, ended: bool
) -> None:
    text = b"\n".join(lines) + (b"\n" if ended else b"")
    path = tmp_path_factory.getbasetemp() / "lines"
    path.write_bytes(text)
    wanted = text.removesuffix(b"\n").split(b"\n") if text else []
    with path.open("rb") as file:
        shown = [bytes(window[0][: window[1]]) for window in windows(file, block) if window is not None]
    assert b"".join(shown).removesuffix(b"\n").split(b"\n") == (wanted or [b""])
    assert all(part.endswith(b"\n") for part in shown)
    with path.open("rb") as file:
        listed = [
            (first + place, line) for first, part in blocks_of_lines(file, block) for place, line in enumerate(part)
        ]
    assert [line for _, line in listed] == wanted
    assert [number for number, _ in listed] == list(range(1, len(wanted) + 1))


@given(sizes=st.lists(st.integers(0, 60), max_size=12), block=st.integers(1, 30), longest=st.integers(20, 40))
def test_lines_beyond_measure_are_left_out_by_number(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], block: int, longest: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "long-lines"
    path.write_bytes(b"".join(b"x" * size + b"\n" for size in sizes))
    with path.open("rb") as file:
        shown = [
            None if window is None else bytes(window[0][: window[1]]) for window in windows(file, block, longest)
        ]
    lengths: list[int | None] = []
    for part in shown:
        lengths += [None] if part is None else [len(line) for line in part[:-1].split(b"\n")]
    assert len(lengths) == len(sizes)
    for size, length in zip(sizes, lengths, strict=True):
        assert length == size or (length is None and size > longest)
        assert length is not None or size >= longest
    with path.open("rb") as file:
        listed = [line for _, part in blocks_of_lines(file, block, longest) for line in part]
    assert [line is None for line in listed] == [size > longest for size in sizes]


def test_default_places_are_found_and_variables_move_them(tmp_path: Path) -> None:
    places = {
        ".claude/projects/p/s.jsonl": "claude-code",
        ".config/claude/projects/p/s.jsonl": "claude-code",
        ".codex/sessions/2026/11/02/rollout-1.jsonl": "codex",
        ".codex/archived_sessions/rollout-2.jsonl": "codex",
        ".local/share/opencode/opencode.db": "opencode",
        ".local/share/opencode/storage/message/ses_1/msg_1.json": "opencode",
        ".gemini/tmp/hash/chats/session-1.json": "gemini-cli",
        ".qwen/projects/p/chats/1.jsonl": "qwen-code",
    }
    for place in [
        *places,
        ".gemini/tmp/hash/logs.json",
        ".local/share/opencode/auth.json",
        "moved/projects/q/s.jsonl",
    ]:
        write(tmp_path / place, [])
    assert Counter(log.tool for log in discover(tmp_path, {})) == Counter(places.values())
    moved = discover(tmp_path, {"CLAUDE_CONFIG_DIR": "~/moved", "CODEX_HOME": str(tmp_path / "none")})
    assert {log.tool for log in moved} == {"claude-code", "opencode", "gemini-cli", "qwen-code"}
    assert LogFile("claude-code", tmp_path / "moved/projects/q/s.jsonl", 0) in moved


def test_what_a_wrong_clock_dated_a_year_ahead_is_told_and_left_out(tmp_path: Path) -> None:
    ahead = answer("b", 7) | {"timestamp": "2039-01-01T00:00:00Z"}
    write(tmp_path / "s1.jsonl", [answer("a", 5), ahead])
    write(tmp_path / "plan.csv", ["at,model,input", "2039-01-01T00:00:00Z,gpt-5.5,1"])
    reading = read(recognise(tmp_path), workers=1, latest=instant("2027-11-02T00:00:00Z"))
    assert [request.model for request in reading.requests] == ["claude-opus-4-8", "gpt-5.5"]
    assert [(broken.path.name, broken.reason) for broken in reading.first_broken] == [("s1.jsonl", "in_future")]
    assert reading.duplicates == 0

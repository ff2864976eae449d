"""Whatever is wrong with a log, it is counted, told and passed by."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faregate.readers import LogFile, discover, read, recognise
from faregate.readers.broken_line import KEPT
from faregate.readers.log_file import CLAUDE_CODE, CODEX, CSV, OPENCODE
from tests.readers.logs import answer, prompt, reading_of, write


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"type":"assistant","message":{"content":[{"type":"text","te', "cut_off"),
        ('{"message":{"usage":{"input_tokens":1}},"timest{"message":{"usage":{}}}', "not_json"),
        (b'{"message":{"model":"\xff\xfe","usage":{"input_tokens":1}}}', "not_json"),
        ('{"message":{"usage":{"input_tokens":"many"}},"timestamp":"2026-11-02T10:00:00.000Z"}', "wrong_shape"),
        ('{"message":{"usage":{"input_tokens":1}},"timestamp":"yesterday"}', "bad_time"),
        ('{"message":{"usage":{"input_tokens":1}},"timestamp":"0001-01-01T10:00:00.000Z"}', "bad_time"),
        ('{"message":{"usage":{"input_tokens":1}}}', "bad_time"),
        ('{"message":{"usage":{"input_tokens":-1}},"timestamp":"2026-11-02T10:00:00.000Z"}', "bad_number"),
        ('{"message":{"usage":{"input_tokens":1e30}},"timestamp":"2026-11-02T10:00:00.000Z"}', "wrong_shape"),
        ("\0" * 100, "cut_off"),
    ],
)
def test_a_broken_line_is_counted_and_the_rest_is_read(tmp_path: Path, line: str | bytes, reason: str) -> None:
    path = write(tmp_path / "s1.jsonl", [prompt("hi"), answer("a", 5), line, answer("b", 6, 1)])
    reading = reading_of(tmp_path)
    assert [request.usage.output for request in reading.requests] == [5, 6]
    (broken,) = reading.first_broken
    assert (reading.broken, broken.path, broken.reason) == (1, path, reason)
    assert broken.line == (0 if reason == "bad_number" else 3)


def test_a_torn_result_of_a_tool_is_counted(tmp_path: Path) -> None:
    torn = '{"parentUuid":null,"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"abc'
    write(tmp_path / "s1.jsonl", [torn, answer("a", 5)])
    assert [(broken.line, broken.reason) for broken in reading_of(tmp_path).first_broken] == [(1, "cut_off")]


def test_blank_lines_and_marks_at_the_beginning_are_nothing(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", [b"\xef\xbb\xbf" + b'{"parentUuid":null}', b"", b"  \r", answer("a", 5)])
    reading = reading_of(tmp_path)
    assert (len(reading.requests), reading.broken) == (1, 0)


def test_the_last_line_needs_no_newline(tmp_path: Path) -> None:
    path = write(tmp_path / "s1.jsonl", [answer("a", 5), answer("b", 6)])
    path.write_bytes(path.read_bytes().rstrip())
    assert len(reading_of(tmp_path).requests) == 2


def test_a_line_too_long_for_any_tool_is_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faregate.readers.lines.windows.__kwdefaults__", None)
    monkeypatch.setattr("faregate.readers.lines.windows.__defaults__", (1024, 8192))
    path = write(tmp_path / "s1.jsonl", [answer("a", 5), prompt("x" * 50_000), answer("b", 6, 1)])
    reading = read([LogFile(CLAUDE_CODE, path, path.stat().st_size)], workers=1)
    assert [request.usage.output for request in reading.requests] == [5, 6]
    assert [(broken.line, broken.reason) for broken in reading.first_broken] == [(2, "too_long")]


def test_of_many_broken_lines_the_first_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [answer("a", 1), *['{"torn'] * 30])
    write(tmp_path / "b.jsonl", [answer("b", 1), '{"torn'])
    reading = reading_of(tmp_path)
    assert reading.broken == 31
    assert [(broken.path, broken.line) for broken in reading.first_broken] == [(path, 2 + n) for n in range(KEPT)]


def test_a_file_that_is_gone_or_no_file_is_counted(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    logs = [LogFile(CLAUDE_CODE, tmp_path / name, 1) for name in ("gone.jsonl", "folder.jsonl")]
    reading = read(logs, workers=1)
    assert [broken.reason for broken in reading.first_broken] == ["cannot_read", "cannot_read"]


def test_a_database_that_is_none_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    path.write_bytes(b"SQLite format 3\0" + b"rubbish" * 1000)
    reading = read([LogFile(OPENCODE, path, 1)], workers=1)
    assert [broken.reason for broken in reading.first_broken] == ["cannot_read"]


@pytest.mark.parametrize("tool", [CLAUDE_CODE, CODEX, CSV])
def test_an_empty_file_holds_nothing(tmp_path: Path, tool: str) -> None:
    path = write(tmp_path / "empty", [])
    reading = read([LogFile(tool, path, 0)], workers=1)
    assert (len(reading.requests), reading.broken) == (0, 0)


def test_links_in_a_circle_are_walked_once(tmp_path: Path) -> None:
    write(tmp_path / "projects" / "p" / "s1.jsonl", [answer("a", 5)])
    (tmp_path / "projects" / "p" / "again").symlink_to(tmp_path / "projects")
    (tmp_path / "projects" / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
    assert len(recognise(tmp_path)) == 1


def test_a_folder_that_may_not_be_opened_is_told_and_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / ".claude" / "projects" / "open" / "s1.jsonl", [answer("a", 5)])
    shut = tmp_path / ".claude" / "projects" / "shut"
    shut.mkdir()
    listed = os.listdir

    def listdir(path: str) -> list[str]:
        if Path(path) == shut:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "listdir", listdir)
    told: list[Path] = []
    assert len(discover(tmp_path, {}, told.append)) == 1
    assert told == [shut]

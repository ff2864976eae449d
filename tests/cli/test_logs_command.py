"""`faregate logs`: sums by tool and model, broken lines with their place, and what to do where there is nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from faregate.cli import logs_messages
from faregate.cli.main import main
from faregate.cli.output import write_json
from faregate.readers import REASONS, kept, reading
from tests.readers.logs import answer, prompt, write


def run(*words: str, home: Path | None = None, language: str = "C") -> Result:
    env = {"LANG": language, "LC_ALL": "", "LC_MESSAGES": "", "FAREGATE_LANG": ""}
    return CliRunner().invoke(main, list(words), env=env | ({"HOME": str(home)} if home else {}))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one session of Claude Code's."""
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    use = {"input_tokens": 1_000_000, "cache_read_input_tokens": 0}
    lines: list[dict[str, Any] | str | bytes] = [prompt("hi"), answer("a", 1), answer("a", 0, use=use)]
    lines += [answer("b", 7, 9, model="house-model"), '{"torn']
    write(tmp_path / ".claude" / "projects" / "p" / "s1.jsonl", lines)
    return tmp_path


def test_what_a_home_holds_is_summed(home: Path) -> None:
    result = run("logs", "--json", home=home)
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    assert (data["requests"], data["prompts"], data["sessions"], data["duplicates"]) == (2, 1, 1, 1)
    assert (data["begins"], data["ends"]) == ("2026-11-02T10:00:00Z", "2026-11-02T10:00:09Z")
    assert data["tokens"] == {
        "input": 1_000_010,
        "cached": 1000,
        "cache_write_5m": 0,
        "cache_write_1h": 0,
        "output": 7,
        "total": 1_001_017,
    }
    assert data["tools"]["claude-code"]["requests"] == 2
    first, second = data["models"]
    assert (first["model"], first["list_value"], first["currency"]) == ("claude-opus-4-8", "5", "USD")
    assert (second["model"], second["list_value"]) == ("house-model", None)
    (broken,) = data["first_broken"]
    assert (data["broken_lines"], broken["line"], broken["reason"]) == (1, 5, "cut_off")


def test_people_get_tables_and_the_place_of_what_is_broken(home: Path) -> None:
    result = run("logs", str(home), home=home)
    assert result.exit_code == 0, result.stderr
    assert "claude-opus-4-8" in result.stdout
    assert "5.00 USD" in result.stdout
    assert "s1.jsonl:5: cut off" in result.stdout
    chinese = run("logs", str(home), home=home, language="zh_CN.UTF-8").stdout
    assert "被截断" in chinese


def test_a_path_named_twice_is_read_once(home: Path) -> None:
    data = json.loads(run("logs", str(home), str(home / ".claude"), "--json", home=home).stdout)
    assert (data["files"], data["requests"]) == (1, 2)


def test_a_name_that_is_no_utf_8_is_told_as_well_as_it_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"files": [{"file": "odd\udcff.jsonl", "line": 1}]})
    assert json.loads(capsys.readouterr().out) == {"files": [{"file": "odd?.jsonl", "line": 1}]}


def test_logs_without_a_request_say_so(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", [prompt("hi")])
    result = run("logs", str(tmp_path))
    assert (result.exit_code, "There is no request in them." in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("logs",), "no_logs", "~/.codex/sessions"),
        (("logs", "{home}"), "no_logs", "docs/logs.md"),
        (("logs", "{home}/nowhere"), "cannot_read", "nowhere is not there"),
    ],
)
def test_where_there_is_nothing_the_message_says_what_to_do(
    tmp_path: Path, words: tuple[str, ...], code: str, said: str
) -> None:
    result = run(*(word.format(home=tmp_path) for word in words), home=tmp_path)
    assert result.exit_code == 2
    assert f"error[{code}]" in result.stderr
    assert said in result.stderr


def test_every_reason_has_its_words() -> None:
    told = {key.removeprefix("logs.reason.") for key in logs_messages.ENGLISH if key.startswith("logs.reason.")}
    assert told == set(REASONS)
    assert logs_messages.CHINESE.keys() == logs_messages.ENGLISH.keys()


def test_large_logs_are_known_the_next_time_to_both_commands(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_WORTH_WORKERS", 0)
    monkeypatch.setattr(kept, "AT_REST_SECONDS", -60)
    cache = tmp_path / "cache"
    monkeypatch.setenv("FAREGATE_CACHE", "off")
    fresh = run("logs", "--json", home=home).stdout
    assert not cache.exists()
    monkeypatch.setenv("FAREGATE_CACHE", str(cache))
    assert run("logs", "--json", home=home).stdout == fresh
    assert (cache / kept.NAME).exists()

    def never(*_: object) -> None:
        raise AssertionError("a log was read")

    monkeypatch.setattr(reading, "read_file", never)
    assert run("logs", "--json", home=home).stdout == fresh
    compared = run("compare", "--plans", "claude/*", "--json", home=home)
    assert compared.exit_code == 0, compared.stderr
    usage = json.loads(compared.stdout)["usage"]
    assert (usage["requests"], usage["broken_lines"]) == (2, 1)
    assert usage["tokens"] == json.loads(fresh)["tokens"]

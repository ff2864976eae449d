"""`faregate compare` at the edges: what is wrong is said with a code, a place and a way to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.comparing import A_MONTH, run_compare

BEGINS = A_MONTH[:4]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--mix", "standard", "--logs", "x"], "bad_usage", "--logs, --journal and --mix"),
        (["--model", "glm-4.7"], "bad_usage", "--model is for --mix"),
        ([*BEGINS, "--plans", "glm/lit"], "unknown_plan", "glm/lite"),
        ([*BEGINS, "--plans", "nobody/*"], "unknown_plan", "nobody"),
        ([*BEGINS, "--plans", "glm/lite,,kimi"], "bad_usage", "a name is empty"),
        ([*BEGINS, "--plans", "88code/plus+pro"], "plans_clash", "one of plus, pro, max"),
        ([*BEGINS, "--plans", "88code/plus+plus"], "plans_clash", "named twice"),
        ([*BEGINS, "--plans", "88code/plus+glm/lite"], "plans_clash", "one family"),
        ([*BEGINS, "--csv", "-", "--html", "-"], "bad_usage", "standard output"),
        ([*BEGINS, "--json", "--html", "-"], "bad_usage", "standard output"),
        ([*BEGINS, "--csv", "one", "--html", "one"], "bad_usage", "place of its own"),
        ([*BEGINS, "--currency", "XYZ"], "unknown_currency", "CNY"),
        ([*BEGINS, "--zone", "Mars/North"], "bad_usage", "Mars/North"),
        ([*BEGINS, "--hours", "18-9"], "bad_usage", "9-18"),
        ([*BEGINS, "--cached", "99.9"], "bad_usage", "92.5"),
        (["--mix", "standard", "--begins", "monday"], "bad_usage", "2026-03-02"),
        ([*BEGINS, "--model", "nobody-knows"], "unknown_model", "nobody-knows"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], code: str, said: str) -> None:
    for language in ("en", "zh"):
        result = run_compare(*words, language=language)
        assert result.exit_code == 2
        assert f"[{code}]" in result.stderr
        assert "Traceback" not in result.stderr
    assert said in run_compare(*words).stderr


def test_where_no_logs_are_found_it_is_said_where_was_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "OPENCODE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    result = run_compare()
    assert result.exit_code == 2
    assert "[no_logs]" in result.stderr
    assert "~/.claude/projects" in result.stderr
    assert "--mix standard" in result.stderr


def test_a_file_that_is_no_log_and_one_that_is_not_there_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing of use", encoding="utf-8")
    assert "[no_logs]" in run_compare("--logs", str(tmp_path / "notes.txt")).stderr
    assert "[cannot_read]" in run_compare("--logs", str(tmp_path / "gone.jsonl")).stderr


def test_the_table_fits_eighty_columns_in_both_languages() -> None:
    for language in ("en", "zh"):
        result = run_compare(
            *A_MONTH,
            "--prompts-a-day",
            "8",
            "--plans",
            "minimax-cn,88code/free+paygo,agipower/pro+payg",
            language=language,
        )
        assert result.exit_code == 0, result.output
        table = [line for line in result.stdout.splitlines() if line.startswith(("minimax-cn/", "agipower/"))]
        assert len(table) == 7
        assert max(map(len, table)) <= 78


def test_the_same_words_say_the_same_twice() -> None:
    words = (*A_MONTH, "--prompts-a-day", "8", "--plans", "glm/lite,kimi/andante", "--csv", "-")
    assert run_compare(*words).stdout == run_compare(*words).stdout


def test_several_paths_may_stand_behind_one_option_or_none(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in "abc"]
    for day, path in enumerate(paths, 1):
        path.write_text(f"at,model,prompt,input\n2026-11-0{day}T10:00:00Z,gpt-5.5,yes,1000\n", encoding="utf-8")
    one, two, three = map(str, paths)
    for words in (["--logs", one, two, three], [one, two, three], ["--logs", one, "--logs", two, three]):
        told = run_compare(*words, "--plans", "cursor/pro")
        assert told.exit_code == 0
        assert told.stdout.startswith("3 requests, 3 prompts")
    assert run_compare("--mix", "standard", one).exit_code == 2

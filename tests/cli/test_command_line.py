"""The command line itself: help in two languages, failures as one line, exit codes, and that it starts at once."""

from __future__ import annotations

import json
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
from click.testing import CliRunner, Result

from faregate import __version__
from faregate.cli import messages_en, messages_zh
from faregate.cli.command import Group, Option
from faregate.cli.failure_messages_zh import COMMANDS
from faregate.cli.main import main
from faregate.core.errors import RULES
from faregate.simulator.result import RefusedRow
from faregate.simulator.shapes import EVENTS, USAGE
from faregate.simulator.subjects import KINDS

GOOD = '{"at": "2026-03-02T10:00:00Z", "model": "claude-opus-4.5", "output": 80000}\n'


def run(*words: str, text: str | None = None, environment: dict[str, str] | None = None) -> Result:
    clean = {"LANG": "C", "LC_ALL": "", "LC_MESSAGES": "", "FAREGATE_LANG": "", "FAREGATE_TRACEBACK": ""}
    return CliRunner().invoke(main, list(words), input=text, env=clean | (environment or {}))


def commands(group: Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, Group):
            yield from commands(command, *path, name)


# ---- words


def test_both_languages_say_the_same_things() -> None:
    assert set(messages_en.MESSAGES) == set(messages_zh.MESSAGES)


def test_both_languages_fill_in_the_same_fields() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, chinese = messages_en.MESSAGES, messages_zh.MESSAGES
    assert {key for key in english if fields(english[key]) != fields(chinese[key])} == set()


def test_every_reason_of_a_refusal_has_words() -> None:
    reasons = {key.removeprefix("reason.") for key in messages_en.MESSAGES if key.startswith("reason.")}
    assert set(KINDS) <= reasons
    assert RefusedRow.__required_keys__ == {"reason", "kind", "window", "retry_at", "blocks"}


def test_every_rule_of_a_command_is_told_in_both_languages_with_the_same_fields() -> None:
    assert set(RULES) == set(COMMANDS)
    for rule, words in RULES.items():
        assert _fields_of(words) == _fields_of(COMMANDS[rule]), rule


def _fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_explains_itself_with_examples(language: str) -> None:
    for path, command in commands(main):
        result = run("--lang", language, *path, "--help")
        assert result.exit_code == 0, result.stderr
        words = messages_zh.MESSAGES if language == "zh" else messages_en.MESSAGES
        assert words["help.examples"] in result.stdout
        assert f"faregate {path[0]}" in result.stdout or "faregate --lang" in result.stdout
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.opts != ["-h", "--help"]:
                assert isinstance(parameter, Option), f"{path}: {parameter.opts} has no message key"


@pytest.mark.parametrize(
    ("environment", "word"),
    [({}, "Options"), ({"LANG": "zh_CN.UTF-8"}, "选项"), ({"LANG": "zh_CN.UTF-8", "FAREGATE_LANG": "en"}, "Options")],
)
def test_the_language_is_that_of_the_environment(environment: dict[str, str], word: str) -> None:
    assert word in run("--help", environment=environment).stdout


def test_the_version() -> None:
    assert run("--version").stdout == f"faregate {__version__}\n"


def test_no_arguments_show_the_help() -> None:
    result = run()
    assert result.exit_code == 0
    assert "simulate" in result.stdout


def test_help_imports_neither_plans_nor_tables() -> None:
    script = (
        "import sys\n"
        "from faregate.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pydantic', 'yaml', 'rich', 'starlette', 'msgspec', 'apsw'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


# ---- failures


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "chek"),
        (["plan", "shw"], "shw"),
        (["plan", "show"], "PLAN is missing"),
        (["plan", "show", "88code/pls"], "Did you mean '88code/plus'?"),
        (["plan", "list", "--jsn"], "did you mean --json?"),
        (["plan", "check", "/no/such.yaml"], "/no/such.yaml"),
        (["simulate", "--usage", "-"], "--plan is missing"),
        (["simulate", "--plan", "88code/free"], "--usage is missing"),
        (["simulate", "--plan", "88code/free", "--usage", "/no/such.jsonl"], "/no/such.jsonl"),
        (["simulate", "--plan", "88code/free,", "--usage", "-"], "a name is empty"),
        (["simulate", "--plan", "88code/free,88code/free", "--usage", "-"], "named twice"),
        (["simulate", "--plan", "88code/plus,88code/pro", "--usage", "-"], "only one of its kind"),
        (["simulate", "--plan", "88code/none", "--usage", "-"], "no plan '88code/none'"),
        (["--lang", "fr", "plan", "list"], "--lang"),
    ],
)
def test_bad_words_are_one_line_and_exit_code_2(words: list[str], said: str) -> None:
    result = run(*words, text=GOOD)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error[")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr


def test_a_bad_usage_file_is_told_in_the_language_and_nothing_is_printed() -> None:
    result = run("--lang", "zh", "simulate", "--plan", "88code/free", "--usage", "-", "--json", text=GOOD + "{\n")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("错误[bad_json]：<stdin>:2: 不是 JSON")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_more_problems_than_are_shown_are_counted(language: str) -> None:
    result = run("--lang", language, "simulate", "--plan", "88code/free", "--usage", "-", text="[]\n" * 30)
    lines = result.stderr.splitlines()
    assert len(lines) == 21
    assert "10" in lines[-1]


def test_a_bad_plan_file_is_told_line_by_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("family: x\nplan: {}\n")
    result = run("plan", "check", str(bad))
    assert result.exit_code == 2
    assert all(line.startswith("error[") for line in result.stderr.splitlines())
    as_data = json.loads(run("plan", "check", "--json", str(bad)).stdout)
    assert as_data["ok"] is False
    assert as_data["problems"][0].keys() == {"file", "line", "column", "code", "what", "mend"}


def test_a_bad_plan_file_is_told_in_chinese_where_that_is_spoken(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("family: x\nplan: {}\n")
    lines = run("--lang", "zh", "plan", "check", str(bad)).stderr.splitlines()
    assert f"错误[missing_key]：{bad}:1:1: 文件 缺少 'version'。请添加 `version:`。" in lines
    assert [line.split("]")[0].removeprefix("错误") for line in lines] == [
        line.split("]")[0].removeprefix("error") for line in run("plan", "check", str(bad)).stderr.splitlines()
    ]


def test_a_bad_price_file_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("maker: x\n")
    result = run("simulate", "--plan", "88code/free", "--usage", "-", "--prices", str(bad), text=GOOD)
    assert result.exit_code == 2
    assert "error[bad_price_file]" in result.stderr


def test_a_fault_of_our_own_is_one_line_and_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("faregate.planfile.json_schema", broken)
    result = run("plan", "schema")
    assert result.exit_code == 1
    assert result.stderr.startswith("error[internal_error]: ")
    assert result.stderr.count("\n") == 1


# ---- plan


def test_plan_check_says_what_is_good() -> None:
    from faregate.planfile import shipped_files

    paths = [str(path) for path in shipped_files()]
    result = run("plan", "check", *paths)
    assert result.exit_code == 0
    assert "88code" in result.stdout
    assert json.loads(run("plan", "check", "--json", *paths).stdout)["ok"] is True


@pytest.mark.parametrize("language", ["en", "zh"])
def test_plan_list_names_every_plan(language: str) -> None:
    result = run("--lang", language, "plan", "list")
    data = json.loads(run("plan", "list", "--json").stdout)
    assert len(data["plans"]) >= 15
    assert all(plan["plan"] in result.stdout for plan in data["plans"])


def test_plan_list_takes_files_of_ones_own(tmp_path: Path) -> None:
    from faregate.planfile import shipped_files

    own = tmp_path / "own.yaml"
    text = next(path for path in shipped_files() if path.name == "88code.yaml").read_text()
    own.write_text(text.replace("family: 88code", "family: own"))
    names = [plan["plan"] for plan in json.loads(run("plan", "list", "--json", "--file", str(own)).stdout)["plans"]]
    assert "own/plus" in names
    result = run("simulate", "--plan", "own/plus", "--usage", "-", "--json", "--file", str(own), text=GOOD)
    assert json.loads(result.stdout)["requests"][0]["drawn"][0]["source"] == "own/plus"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "show", "agipower/pro"], ["2,160 Flow", "54.55 USD", "2.73x", "3.27x", "4.36x", "Pro *"]),
        (["plan", "show", "credits"], ["1,200 credit", "24,000 credit", "1,000 credits (+20%)", "Pay2Go wallet"]),
        (["--lang", "zh", "plan", "show", "88code/plus"], ["PLUS 包月 *", "198 CNY/月", "100 USD"]),
    ],
)
def test_plan_show_has_the_words_and_the_table(words: list[str], said: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 0
    assert [text for text in said if text not in result.stdout] == []


def test_every_plan_can_be_shown_in_both_languages() -> None:
    for plan in json.loads(run("plan", "list", "--json").stdout)["plans"]:
        for language in ("en", "zh"):
            assert run("--lang", language, "plan", "show", plan["plan"]).exit_code == 0
        assert json.loads(run("plan", "show", plan["plan"], "--json").stdout)["plan"] == plan["plan"]


def test_the_schemas_are_json() -> None:
    assert json.loads(run("plan", "schema").stdout)["$schema"]
    assert json.loads(run("simulate", "--schema").stdout)["$defs"]["grant"]


# ---- simulate


def test_simulate_has_exactly_the_promised_keys_and_more_beside_them() -> None:
    result = json.loads(run("simulate", "--plan", "agipower/pro", "--usage", "-", "--json", text=GOOD * 2).stdout)
    assert {"requests", "totals"} <= result.keys()
    first, second = result["requests"]
    assert {"index", "at", "admitted", "drawn", "windows", "refused"} <= first.keys()
    paid = {"source", "pool", "amount", "unit", "multiplier", "list_value", "currency", "debt"}
    assert paid <= first["drawn"][0].keys()
    assert {"id", "meter", "drawn", "used", "limit", "reopens_at"} <= first["windows"][0].keys()
    assert {"reason", "window", "retry_at"} <= second["refused"].keys()
    assert {"requests", "admitted", "refused", "drawn", "list_value"} <= result["totals"].keys()
    assert (first["index"], second["index"]) == (0, 1)


@pytest.mark.parametrize(("language", "said"), [("en", ["Refused", "window full"]), ("zh", ["被拒绝", "窗口已满"])])
def test_simulate_tells_people_what_bound_and_when_it_reopens(language: str, said: list[str]) -> None:
    result = run("--lang", language, "simulate", "--plan", "agipower/pro", "--usage", "-", text=GOOD * 3)
    assert result.exit_code == 0
    for words in (*said, "agipower/pro:5h", "2026-03-02T15:00:00Z", "79.22 flow", "2 USD"):
        assert words in result.stdout


def test_simulate_says_what_an_event_did_not_change() -> None:
    restore = '{"at": "2026-03-02T10:00:00Z", "event": "restore"}\n'
    result = run("simulate", "--plan", "88code/plus", "--usage", "-", text=restore)
    assert "the restore changed nothing" in result.stdout


def test_simulate_reads_a_file_and_shows_the_first_rows_of_a_long_one(tmp_path: Path) -> None:
    usage = tmp_path / "usage.jsonl"
    usage.write_text(GOOD * 100)
    result = run("simulate", "--plan", "agipower/pro", "--usage", str(usage))
    assert "60 more" in result.stdout
    assert result.stdout.count("2026-03-02T10:00:00Z   anthropic") == 40


# ---- the documents


def test_every_code_of_a_bad_line_and_every_reason_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "errors.md").read_text()
    said = {key.removeprefix("line.") for key in messages_en.MESSAGES if key.startswith("line.")}
    words = {"did_you_mean", "there_are", "there_is_none", "it_has", "usage", *EVENTS}
    codes = {code for code in said - words if not code.startswith("wanted_")}
    assert {code for code in codes | set(KINDS) if f"`{code}`" not in text} == set()


def test_every_field_of_every_line_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text()
    rows = [row for row in text.splitlines() if row.startswith("| `")]
    for name, shape in EVENTS.items():
        (row,) = [row for row in rows if row.startswith(f"| `{name}` |")]
        assert {field for field in shape.fields if f"`{field}`" not in row} == set()
    for field in USAGE.fields:
        assert any(f"`{field}`" in row.split("|")[1] for row in rows), field


def test_the_lines_and_the_result_shown_in_the_documents_are_true() -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text()
    usage, _, result = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    first = usage.splitlines()[0] + "\n"
    replayed = run("simulate", "--plan", "88code/free,88code/plus", "--usage", "-", "--json", text=first)
    assert json.loads(replayed.stdout) == json.loads(result)

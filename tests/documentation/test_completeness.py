"""What is written down is all there is: every setting, command, option, code, plan field and operation has its place.

Compares pages with the code they describe, both ways where a page lists things. Does not judge the words.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from faregate.bootstrap import settings as serving
from faregate.dialects import anthropic_errors, openai_errors
from faregate.dialects.problem import Problem
from faregate.gate.outcome import Ending
from faregate.mcp import settings as mcp
from faregate.planfile import load_family, shipped_files
from faregate.planfile.schema import json_schema
from faregate.simulator.phrase import ENGLISH
from faregate.upstreams import settings as upstreams
from faregate.wire.fetching import CODES as FETCH_CODES
from tests.documentation.pages import DOCS, ROOT, codes, first_column, prose, section, table_rows, text_of

PACKAGE = ROOT / "src" / "faregate"
COMMON_OPTIONS = {"--help", "--json", "--db", "--idempotency-key", "--note"}

# ---- settings


@pytest.mark.parametrize(
    ("heading", "schema"),
    [("The server", serving.settings_schema()), ("An upstream", upstreams.settings_schema()["$defs"]["_Settings"])],
)
def test_every_setting_is_described_with_its_default(heading: str, schema: dict[str, Any]) -> None:
    rows = {codes(row[0])[0]: row for row in table_rows(section(DOCS / "configuration.md", heading))}
    properties = schema["properties"]
    assert set(rows) == set(properties)
    for name, setting in properties.items():
        said = rows[name][1]
        default = setting.get("default")
        if name in schema.get("required", ()):
            assert said == "required", name
        elif isinstance(default, int | float | str):
            assert said == f"`{default:g}`" if isinstance(default, float) else f"`{default}`", name
        else:
            assert said.startswith(("none", "`authorization`")), name


def test_every_setting_of_tools_is_described() -> None:
    parts = mcp.settings_schema()["$defs"]
    named = {"web_search": "Search", "web_read": "Read", "vision": "Vision", "egress": "Egress", "servers": "Server"}
    page = DOCS / "mcp.md"
    for heading, name in named.items():
        part = parts[f"_{name}"]
        rows = {codes(row[0])[0]: row for row in table_rows(section(page, heading))}
        assert set(rows) == set(part["properties"]), heading
        for setting, told in part["properties"].items():
            said, default = rows[setting][1], told.get("default")
            if setting in part.get("required", ()):
                assert said == "required", setting
            elif isinstance(default, int | float):
                assert said == (f"`{default:g}`" if isinstance(default, float) else f"`{default}`"), setting
    assert {*named, "origins"} == set(parts["_Section"]["properties"])
    section(page, "origins")


def test_every_reason_why_a_call_of_a_tool_costs_nothing_is_described() -> None:
    told = listed("Calls of tools")
    assert call_codes("mcp", {"BackEndFailure": 0}) | set(FETCH_CODES) == told


def test_every_variable_of_the_environment_is_described() -> None:
    listed = first_column(section(DOCS / "configuration.md", "The environment"))
    read = {name for path in PACKAGE.rglob("*.py") for name in re.findall(r"\bFAREGATE_[A-Z_]+\b", path.read_text())}
    own = {"FAREGATE_DEMO_UPSTREAM_KEY"}  # a name inside the demo, read from no environment
    assert read - own <= listed
    assert {name for name in listed if name.startswith("FAREGATE_")} <= read


# ---- commands


class Shown(NamedTuple):
    """A command: its name in full, and its parameters."""

    name: str
    parameters: list[click.Parameter]


def all_commands(command: click.Command, name: str = "faregate") -> Iterator[Shown]:
    context = click.Context(command)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from all_commands(found, f"{name} {each}")
    else:
        yield Shown(name, command.get_params(context))


def root_command() -> click.Command:
    command = importlib.import_module("faregate.cli.main").main
    assert isinstance(command, click.Command)
    return command


def test_every_command_and_option_has_its_row_and_no_row_is_of_nothing() -> None:
    rows = table_rows(section(DOCS / "cli.md", "Commands"))
    told = {}
    for row in rows:
        if row[0].startswith("`faregate"):
            words = codes(row[0])[0].split()
            name = " ".join(word for word in words if word.islower() and "|" not in word)
            told[name] = (set(words), set(re.findall(r"--[a-z-]+", row[1])))
    shown = {each.name: each.parameters for each in all_commands(root_command())}
    assert set(told) == set(shown)
    for name, parameters in shown.items():
        options = {max(item.opts, key=len) for item in parameters if isinstance(item, click.Option)}
        assert told[name][1] | COMMON_OPTIONS >= options, name
        assert options >= told[name][1], name
        arguments = {item.human_readable_name for item in parameters if isinstance(item, click.Argument)}
        assert arguments <= told[name][0], name


# ---- codes


def class_codes(*packages: str) -> set[str]:
    """``code`` of every failure in packages."""
    found = set()
    for package in packages:
        for path in sorted((PACKAGE / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    found |= {
                        item.value.value
                        for item in node.body
                        if isinstance(item, ast.Assign)
                        and ast.unparse(item.targets[0]) == "code"
                        and isinstance(item.value, ast.Constant)
                        and isinstance(item.value.value, str)
                    }
    return found


def call_codes(package: str, positions: dict[str, int]) -> set[str]:
    """The literal codes that calls pass, by the name of what is called and the place of the code."""
    found = set()
    for path in sorted((PACKAGE / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            position = positions.get(ast.unparse(node.func).rpartition(".")[2])
            if position is not None and len(node.args) > position:
                found |= literals(node.args[position])
    return found


def literals(node: ast.expr) -> set[str]:
    """The texts an argument may be, as far as they are written out."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    return set()


def listed(heading: str) -> set[str]:
    return first_column(section(DOCS / "errors.md", heading))


def is_code(text: str) -> bool:
    return re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", text) is not None


def test_every_reason_of_a_refusal_is_described() -> None:
    given = call_codes("core", {"Block": 1, "Wait": 0, "Refused": 0, "Opening": 1})
    words = importlib.import_module("faregate.cli.messages_en").MESSAGES
    named = {key.removeprefix("reason.") for key in words if key.startswith("reason.")}
    assert listed("Refusals") == named
    assert {reason for reason in given if is_code(reason)} <= named


def test_every_problem_of_the_gate_has_its_row_with_what_each_dialect_says() -> None:
    rows = {codes(row[0])[0]: row for row in table_rows(section(DOCS / "errors.md", "The gate")) if codes(row[0])}
    for problem in Problem:
        status, kind, code = openai_errors.ERRORS[problem]
        there, other_kind = anthropic_errors.ERRORS[problem]
        row = rows[problem.value]
        assert str(status) in row[1], problem
        assert str(there) in row[1], problem
        assert codes(row[2]) == [word for word in (kind, code) if word], problem
        assert codes(row[3]) == [other_kind], problem
    assert call_codes("dialects", {"BadBody": 0}) <= set(rows)


def test_every_failure_of_the_wire_is_named() -> None:
    assert class_codes("wire") <= set(codes(section(DOCS / "errors.md", "The gate")))


def test_every_outcome_is_described() -> None:
    assert {ending.value for ending in Ending} | {"lost"} == listed("How requests end")


def test_every_failure_of_the_operator_api_is_described() -> None:
    api, books = listed("The operator API"), listed("The books")
    assert class_codes("api") <= api
    families = {"office_error", "people_error", "payments_error", "webhook_refused"}
    told_by_the_gate = {"unknown_plan", Problem.CONFLICT.value}
    assert class_codes("app") - families <= api | books | told_by_the_gate
    assert class_codes("core") - {"core_error"} <= api | books
    assert families | {"core_error"} <= set(codes(section(DOCS / "errors.md", "The operator API")))


def test_every_finding_of_verify_is_described() -> None:
    faults = {"journal_" + code for code in call_codes("store", {"JournalFault": 2})}
    found = {code for code in call_codes("app", {"_find": 0}) if is_code(code)}
    assert (found - {"journal_"}) | faults == listed("What `verify` finds")


def test_every_code_of_a_plan_file_is_described() -> None:
    by_kind = {f"unknown_{kind.split()[0]}" for kind in call_codes("planfile", {"unknown": 1})}
    given = call_codes("planfile", {"problem": 1}) | wrong_codes()
    assert {code for code in given | by_kind if is_code(code)} == listed("Plan files")


def wrong_codes() -> set[str]:
    """Codes of failures told by ``wrong`` (a scalar's: first; a report's: second) and by the reader of YAML."""
    found = set()
    for path in sorted((PACKAGE / "planfile").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            position = {"wrong": 0, "report.wrong": 1, "self.wrong": 1}.get(name)
            if position is not None:
                found |= literals(node.args[position])
            elif name in ("self._wrong", "_failed"):
                found |= {code for argument in node.args for code in literals(argument) if is_code(code)}
    return found


def test_every_code_of_a_usage_file_is_described() -> None:
    told = listed("Usage files")
    assert class_codes("simulator") <= told
    raised = call_codes("simulator", {"BadLine": 0})
    assert {code for code in raised if is_code(code)} <= told
    assert told <= set(ENGLISH) | class_codes("simulator")


def test_every_code_of_the_command_line_is_described() -> None:
    told = listed("The command line") | listed("The books")
    raised = call_codes("cli", {"CommandFailure": 0})
    assert raised | class_codes("bootstrap", "upstreams", "planfile") <= told | {"bad_plan_file"}
    assert {"bad_plan_file", "bad_price_file"} <= set(codes(text_of(DOCS / "errors.md")))


def test_no_code_that_a_failure_carries_is_missing_from_the_page() -> None:
    written = set(codes(text_of(DOCS / "errors.md")))
    packages = [path.name for path in sorted(PACKAGE.iterdir()) if (path / "__init__.py").exists()]
    assert class_codes(*packages) <= written


# ---- the plan language


def test_the_readmes_count_and_name_the_shipped_plans() -> None:
    families = [load_family(path) for path in shipped_files()]
    plans = sum(len(family.plans) for family in families)
    for readme in (ROOT / "README.md", ROOT / "README.zh-CN.md"):
        assert re.search(rf"\b{plans} (plans|个套餐)", text_of(readme)), readme.name
        assert {family.id for family in families} <= set(codes(prose(readme)))


def test_the_list_of_fields_is_that_of_the_schema() -> None:
    generated = module_at(DOCS / "plan_fields.py").page()
    assert text_of(DOCS / "plan-fields.md") == generated, "run `make pages`"


def test_every_part_of_a_family_and_of_a_plan_is_told_on_the_page_of_the_language() -> None:
    written = set(re.findall(r"[a-z_]+", text_of(DOCS / "plan-language.md")))
    schema = json_schema()
    parts = set(schema["properties"])
    for name in ("PlanDocument", "WindowDocument", "PoolDocument", "SourceDocument"):
        parts |= set(schema["$defs"][name]["properties"])
    assert parts - written == set()


# ---- pictures and generated pages


def test_pictures_show_what_is_printed_now() -> None:
    module = module_at(DOCS / "pictures" / "render.py")
    for name, (typed, command) in module.PICTURES.items():
        drawn = module.picture(typed, module.output_of(command), name)
        assert drawn == text_of(DOCS / "pictures" / name), "run `make pages`"


def module_at(path: Path) -> Any:
    """A script of the documentation, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

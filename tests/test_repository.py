"""Tidy as a test: what the repository promises of its own source, files and locked dependencies.

Owns the rules that no linter states. Does not test the product, nor the documentation
(tests/test_documentation.py does that).
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "faregate"

LINE_BUDGET = 400
OVER_LINE_BUDGET: frozenset[str] = frozenset()
"""Files allowed to be longer, each with its reason in a comment beside it."""

EXACT_PACKAGES = ("core",)
"""Where amounts are computed: no float literal, and nothing named float."""

READING_PACKAGES = ("planfile", "ratecards")
"""Where amounts are read: nothing named float (a literal may be no amount: how alike words are)."""

TIMELESS_PACKAGES = (
    "core",
    "app",
    "dialects",
    "callers",
    "planfile",
    "ratecards",
    "simulator",
    "readers",
    "comparison",
)
"""Where time is an argument: nothing here asks a clock."""

CLOCKS = frozenset(
    {
        *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter"),
        *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
        *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"),
    }
)

IMPURE_MODULES = frozenset(
    {
        *("asyncio", "contextvars", "http", "io", "logging", "multiprocessing", "os", "pathlib"),
        *("random", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl"),
        *("subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
    }
)
"""Standard library that `core` does without: time, ids, randomness and files are arguments."""

DISTRIBUTION_OF = {
    "argon2": "argon2-cffi",
    "genai_prices": "genai-prices",
    "google": "google-genai",
    "yaml": "pyyaml",
    "jwt": "pyjwt",
    "pydantic_core": "pydantic",
}
"""Import name to distribution name, where they differ."""

NOT_IMPORTED = frozenset({"tzdata"})
"""Runtime dependencies that no module imports: `zoneinfo` reads tzdata by itself."""


def tracked_files() -> list[Path]:
    """Every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def python_files() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".py"]


def modules_of(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((PACKAGE / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, full module name) of every absolute import below a node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def third_party_imports() -> dict[str, str]:
    """Distribution name in lower case to one place that imports it, over the whole package."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, name in imported_names(ast.parse(path.read_text(encoding="utf-8"))):
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and top != "faregate":
                found[DISTRIBUTION_OF.get(top, top).lower()] = place(path, line)
    return found


PROGRAMS_OF_CLIENTS = ROOT / "tests" / "clients" / "programs"
"""They run in environments of their own."""


def imported_by_checks() -> set[str]:
    """Distributions that tests, measurements and scripts of the documentation import."""
    tops = {
        name.partition(".")[0]
        for path in python_files()
        if path.relative_to(ROOT).parts[0] in ("tests", "bench", "docs") and PROGRAMS_OF_CLIENTS not in path.parents
        for _, name in imported_names(ast.parse(path.read_text(encoding="utf-8")))
    }
    own = {"faregate", "tests", "bench"}
    return {DISTRIBUTION_OF.get(top, top).lower() for top in tops - own if top not in sys.stdlib_module_names}


def project() -> dict[str, object]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {**pyproject["project"], "groups": pyproject["dependency-groups"]}


def requirement_names(requirements: object) -> set[str]:
    assert isinstance(requirements, list)
    texts = [text for text in requirements if isinstance(text, str)]
    return {re.split(r"[^A-Za-z0-9._-]", text)[0].lower() for text in texts}


def locked_names(file: str) -> set[str]:
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    return {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def test_core_imports_only_pure_standard_library() -> None:
    outside = [
        f"{place(path, line)} imports {name}"
        for path, tree in modules_of("core")
        for line, name in imported_names(tree)
        if not name.startswith("faregate.core")
        and (name.partition(".")[0] not in sys.stdlib_module_names or name in IMPURE_MODULES)
    ]
    assert outside == []


def test_amounts_are_never_floats() -> None:
    literals = [
        place(path, node.lineno)
        for path, tree in modules_of(*EXACT_PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    names = [
        place(path, node.lineno)
        for path, tree in modules_of(*EXACT_PACKAGES, *READING_PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "float"
    ]
    assert literals + names == []


def test_nothing_inside_asks_a_clock() -> None:
    asked = [
        f"{place(path, node.lineno)} calls {ast.unparse(node.func)}"
        for path, tree in modules_of(*TIMELESS_PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS
    ]
    assert asked == []


def test_every_module_opens_with_what_it_owns() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_python_file_is_over_the_line_budget() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()
    }
    long = {name for name, lines in lengths.items() if lines > LINE_BUDGET}
    assert long - OVER_LINE_BUDGET == set()
    assert set() == OVER_LINE_BUDGET - long, "no longer over budget: take them off the list"


def test_no_file_names_the_machine_it_was_written_on() -> None:
    local_path = re.compile(rb"/(?:work|farm|Users|home/[a-z]+)/|/tmp/bash[_]jobs")
    named = [
        place(path, number)
        for path in tracked_files()
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if local_path.search(line) and path != Path(__file__)
    ]
    assert named == []


def test_text_files_end_with_one_newline_and_use_no_carriage_returns() -> None:
    suffixes = {".py", ".md", ".yaml", ".toml", ".json", ".jsonl", ".txt", ""}
    untidy = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix in suffixes
        and (content := path.read_bytes())
        and (not content.endswith(b"\n") or content.endswith(b"\n\n") or b"\r" in content)
    ]
    assert untidy == []


def test_what_the_package_imports_is_declared_and_nothing_else() -> None:
    declared = requirement_names(project()["dependencies"])
    imported = third_party_imports()
    assert {name: at for name, at in imported.items() if name not in declared} == {}
    assert declared - NOT_IMPORTED - set(imported) == set()


def test_what_the_checks_import_is_declared() -> None:
    groups = project()["groups"]
    assert isinstance(groups, dict)
    declared = requirement_names(project()["dependencies"]) | requirement_names(groups["dev"])
    assert imported_by_checks() - declared == set()


def test_every_declared_dependency_is_locked() -> None:
    groups = project()["groups"]
    assert isinstance(groups, dict)
    run = requirement_names(project()["dependencies"]) | requirement_names(groups["build"])
    assert run - locked_names("run.txt") == set()
    assert run | requirement_names(groups["dev"]) <= locked_names("dev.txt")
    assert requirement_names(groups["clients"]) <= locked_names("clients.txt")
    assert requirement_names(groups["lock"]) <= locked_names("lock.txt")


def test_every_locked_package_carries_hashes_and_no_registry_is_named() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        pinned = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        assert [block.split()[0] for block in pinned if "--hash=sha256:" not in block] == []
        assert "://" not in text, path.name


def test_every_dependency_is_accounted_for_in_the_documentation() -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    groups = project()["groups"]
    assert isinstance(groups, dict)
    declared = requirement_names(project()["dependencies"]).union(
        *(requirement_names(group) for group in groups.values())
    )
    assert {name for name in declared if f"| {name} |" not in explained} == set()


def built(folder: Path, root: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel into ``folder``."""
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_carries_every_plan_and_price_file_and_the_console_where_it_is_built(tmp_path: Path) -> None:
    page = PACKAGE / "console" / "static" / "index.html"
    done = built(tmp_path, ROOT, **({} if page.is_file() else {"FAREGATE_WITHOUT_CONSOLE": "1"}))
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {str(path.relative_to(PACKAGE.parent)) for path in PACKAGE.rglob("*.yaml")}
    assert {name for name in names if name.endswith(".yaml")} == data
    assert ("faregate/console/static/index.html" in names) is page.is_file()


def test_no_wheel_is_built_without_the_console_by_accident(tmp_path: Path) -> None:
    """In a copy whose `make console` cannot: the wheel fails and says what to do."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "tools/build_hook.py", "src/faregate/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "Makefile").write_text("console:\n\t@false\n")
    refused = built(tmp_path / "dist", tmp_path)
    assert refused.returncode != 0
    assert "run `make console`" in refused.stdout + refused.stderr
    assert built(tmp_path / "dist", tmp_path, FAREGATE_WITHOUT_CONSOLE="1").returncode == 0


@pytest.mark.parametrize("path", [".ci/run", "tools/console", "tools/environment", "tools/lock", "tools/programs"])
def test_scripts_can_be_run(path: str) -> None:
    assert (ROOT / path).stat().st_mode & 0o111

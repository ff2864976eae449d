"""What is kept of the shipped plans between commands: used where it stands for them, made anew where it may not."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from faregate.app import kept_shelf
from faregate.app.kept_shelf import NAME, Shipped, kept_shipped
from faregate.app.shelf import load_shelf
from faregate.cli.shelf_options import kept_folder
from faregate.planfile import shipped_families
from faregate.ratecards import load_shipped

_HEAD = 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the shipped plans are kept."""
    kept_shipped(tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every time that plans are compiled."""
    times: list[int] = []

    def counted() -> Shipped:
        times.append(1)
        return Shipped(shipped_families(), load_shipped())

    monkeypatch.setattr(kept_shelf, "compiled_shipped", counted)
    return times


def test_what_is_kept_is_what_would_be_compiled(folder: Path, compiled: list[int]) -> None:
    families, prices = kept_shipped(folder)
    assert not compiled
    assert families == shipped_families()
    assert prices == load_shipped()


def test_documents_are_read_again_when_they_are_asked_for(folder: Path, compiled: list[int]) -> None:
    for kept, made in zip(kept_shipped(folder).families, shipped_families(), strict=True):
        assert kept.document == made.document
        assert [plan.document for plan in kept.plans.values()] == [plan.document for plan in made.plans.values()]


def test_what_is_kept_is_there_without_the_plan_language(folder: Path) -> None:
    """Its documents take most of the time of a short command to import."""
    code = (
        "import sys; from pathlib import Path; from faregate.app.shelf import load_shelf;"
        "load_shelf(kept=Path(sys.argv[1])); print('pydantic' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_a_shelf_out_of_what_is_kept_sells_the_same(folder: Path) -> None:
    assert load_shelf(kept=folder).catalogue.families == load_shelf().catalogue.families


@pytest.mark.parametrize(
    "damaged",
    [
        lambda whole: b"",
        lambda whole: whole[:_HEAD],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: bytes([whole[0] ^ 1]) + whole[1:],
        lambda whole: whole[:_HEAD] + bytes([whole[_HEAD] ^ 1]) + whole[_HEAD + 1 :],
        lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
        lambda whole: whole + b"\0",
    ],
)
def test_a_damaged_file_is_made_anew(folder: Path, compiled: list[int], damaged: Callable[[bytes], bytes]) -> None:
    file = folder / NAME
    whole = file.read_bytes()
    file.write_bytes(damaged(whole))
    assert kept_shipped(folder).families == shipped_families()
    assert len(compiled) == 1
    kept_shipped(folder)
    assert len(compiled) == 1, "it was mended"


def test_a_file_of_another_version_is_made_anew(
    folder: Path, compiled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_shelf, "__version__", "another")
    kept_shipped(folder)
    assert len(compiled) == 1


def test_a_changed_plan_file_or_module_makes_it_anew(
    tmp_path: Path, compiled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "package"
    (home / "plans").mkdir(parents=True)
    (home / "core").mkdir()
    (home / "plans" / "a.yaml").write_text("a: 1")
    (home / "core" / "a.py").write_text("a = 1")
    monkeypatch.setattr(kept_shelf, "HOME", home)
    kept = tmp_path / "kept"
    for times, change in enumerate((None, "plans/a.yaml", "core/a.py", "core/b.py", "prices/a.yaml"), 1):
        if change is not None:
            (home / change).parent.mkdir(exist_ok=True)
            (home / change).write_text(f"change = {times}0")
        kept_shipped(kept)
        kept_shipped(kept)
        assert len(compiled) == times


def test_a_file_that_others_may_write_is_not_read(folder: Path, compiled: list[int]) -> None:
    (folder / NAME).chmod(0o666)
    kept_shipped(folder)
    assert len(compiled) == 1


class _Call:
    """Whoever reads it calls something."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self._told = call, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._told


@pytest.mark.parametrize("call", [os.mkdir, load_shelf, shipped_families])
def test_a_file_makes_values_of_plans_and_nothing_else(
    folder: Path, compiled: list[int], tmp_path: Path, call: Callable[..., object]
) -> None:
    made = tmp_path / "made"
    content = pickle.dumps((_Call(call, str(made)), None))
    file = folder / NAME
    stands_for = file.read_bytes()[:32]
    file.write_bytes(stands_for + hashlib.sha256(content).digest() + content)
    assert kept_shipped(folder).families == shipped_families()
    assert len(compiled) == 1
    assert not made.exists()


def test_where_nothing_can_be_kept_plans_are_compiled(tmp_path: Path, compiled: list[int]) -> None:
    (tmp_path / "file").write_text("no folder")
    assert kept_shipped(tmp_path / "file").families == shipped_families()
    assert len(compiled) == 1


def test_where_plans_are_kept_is_told_by_the_environment(tmp_path: Path) -> None:
    assert kept_folder({"FAREGATE_CACHE": "off"}) is None
    assert kept_folder({"FAREGATE_CACHE": str(tmp_path)}) == tmp_path
    assert kept_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "faregate"
    assert kept_folder({}) == Path.home() / ".cache" / "faregate"

"""tools/programs: what tests need of the system is installed where it may be, and told where it may not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parents[1] / "tools" / "programs"


def command(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def run(folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PATH": f"{folder}:/usr/bin:/bin"}
    return subprocess.run([PROGRAMS, *asked], capture_output=True, text=True, check=True, env=environ)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A system whose user is root and whose packages are programs in this folder."""
    command(tmp_path, "id", "echo 0")
    command(
        tmp_path,
        "apt-get",
        f'echo "$@" >>{tmp_path}/asked\nfor last; do :; done\n'
        f"[ $last = update ] || {{ echo >{tmp_path}/$last; chmod +x {tmp_path}/$last; }}",
    )
    return tmp_path


def test_what_is_missing_is_installed_and_what_is_there_is_left_alone(folder: Path) -> None:
    command(folder, "at-hand", "")
    assert run(folder, "at-hand", "a-proxy").stderr == "Installing a-proxy, which some tests need\n"
    assert (folder / "asked").read_text() == "-qq update\n-qq -y install --no-install-recommends a-proxy\n"
    assert run(folder, "at-hand", "a-proxy").stderr == ""


def test_what_cannot_be_installed_is_told_and_stops_nothing(folder: Path) -> None:
    command(folder, "apt-get", "exit 100")
    said = run(folder, "a-proxy", "another").stderr
    assert "There is no a-proxy" in said
    assert "NOT RUN" in said
    assert "sudo apt-get install another" in said

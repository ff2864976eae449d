"""Every command on every page is carried out, in its order, as a new user would: a page that lies fails here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from faregate.demo_upstream import DemoUpstream, serve_demo_upstream
from tests.documentation.pages import DOCS, ROOT, Fence, commands, fences, markdown_files, name_of
from tests.documentation.walk import NEEDS_CURL, walk, write_files
from tests.free_port import free_port

WITH_COMMANDS = [path for path in markdown_files() if any(fence.language == "console" for fence in fences(path))]


def example_plans() -> Fence:
    """The family that the page of the plan language shows: `my-plans.yaml` of pages that show none."""
    whole = next(fence for fence in fences(DOCS / "plan-language.md") if fence.language == "yaml")
    return whole._replace(file="my-plans.yaml")


def example_configuration() -> Fence:
    """The configuration that the README shows: `faregate.yaml` of pages that show none."""
    return next(fence for fence in fences(ROOT / "README.md") if fence.file == "faregate.yaml")


def example_usage() -> Fence:
    """The lines that the page of the simulator shows: `usage.jsonl` of pages that show none."""
    lines = next(fence for fence in fences(DOCS / "simulate.md") if fence.language == "json")
    return lines._replace(file="usage.jsonl")


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=name_of)
async def test_the_commands_of_a_page_do_what_it_says(path: Path, tmp_path: Path) -> None:
    shown = fences(path)
    written = [line for fence in shown if fence.language == "console" for line in commands(fence)]
    if any(NEEDS_CURL.search(line) for line in written) and shutil.which("curl") is None:
        pytest.skip("this page calls curl, which is not installed here")
    port = free_port()
    language = "zh" if "zh-CN" in path.name else "en"
    upstream = await serve_demo_upstream(DemoUpstream())
    try:
        url = upstream.url + "/v1"
        write_files([example_configuration(), example_plans(), example_usage()], tmp_path, url, port)
        code, printed = await walk(shown, tmp_path, language, url, port)
    finally:
        await upstream.close()
    assert code == 0, printed
    assert "error[" not in printed
    assert not (tmp_path / "serve.log").exists() or "Traceback" not in (tmp_path / "serve.log").read_text()


def test_the_readmes_are_walked_in_both_languages() -> None:
    assert {ROOT / "README.md", ROOT / "README.zh-CN.md"} <= set(WITH_COMMANDS)

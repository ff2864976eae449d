"""How tools are pointed here, over the API: the very words of `faregate setup`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from faregate.app.tool_setup.tools import TOOLS
from faregate.cli.main import main
from tests.api.console import House

BASE = "https://gate.example.com"


async def test_every_tool_is_told_of_as_the_command_shows_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("~"))
    monkeypatch.setenv("LANG", "C")
    page = await house.browser().call("GET", "/setup", None, {"base": BASE + "/v1", "model": "gpt-5"})
    assert page.status == 200
    told = {each["id"]: each for each in page.body["tools"]}
    assert list(told) == list(TOOLS)
    for id, tool in told.items():
        shown = CliRunner().invoke(main, ["setup", id, "--base-url", BASE, "--model", "gpt-5"])
        assert shown.exit_code == 0, shown.output
        if tool["by_hand"]:
            assert tool["files"] == []
            assert tool["base_url"] in shown.stdout
        else:
            expected = "".join(f"# {file['path']}\n{file['text']}\n" for file in tool["files"])
            assert shown.stdout == expected, id


@pytest.mark.parametrize(
    "base", ["javascript:alert(1)", "https://a/?x=1", 'https://a/"', "nothing", "https://[", "https://a b"]
)
async def test_what_is_no_address_is_refused(house: House, base: str) -> None:
    page = await house.browser().call("GET", "/setup", None, {"base": base})
    assert (page.status, page.code) == (400, "bad_request")

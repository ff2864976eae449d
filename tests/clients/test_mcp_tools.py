"""The real Claude Code uses a tool of the gate over MCP, with the one key it has."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from faregate.demo_upstream import DemoUpstream, serve_demo_upstream
from tests.clients import claude_code
from tests.clients.background import in_background
from tests.clients.claude_code import ClaudeCode
from tests.service.served import Place, Served
from tests.service.tooled import tools_before, web_pages

pytestmark = pytest.mark.clients

TOOL = "mcp__faregate__web_search"
OFFERED_AT_ONCE = {"MCP_CONNECTION_NONBLOCKING": "0", "ENABLE_TOOL_SEARCH": "false"}
"""Its first turn waits for the server, and the model need not look for the tool before it may use it."""


@asynccontextmanager
async def _upstream() -> AsyncIterator[str]:
    upstream = await serve_demo_upstream(DemoUpstream())
    try:
        yield upstream.url
    finally:
        await upstream.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with in_background(_upstream) as upstream, in_background(web_pages) as port:
        place = Place(tmp_path, upstream, drain_seconds=2, mcp=tools_before(port))
        with place.serving() as served:
            yield served


def test_s4_4_claude_code_searches_the_web_by_the_gates_tool(
    claude: ClaudeCode, served: Served, tmp_path: Path
) -> None:
    account = served.books.new_account("claude", "glm/lite")
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    server = {"type": "http", "url": f"{served.url}/mcp", "headers": {"Authorization": f"Bearer {account.key}"}}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"faregate": server}}))
    options = ("--mcp-config", str(tmp_path / "mcp.json"), "--strict-mcp-config", "--allowedTools", TOOL)
    ended = subprocess.run(
        [*claude.command, "-p", f'[[tool {TOOL} {{"query":"gates"}}]]', "--output-format", "json", *options],
        env=claude_code.environment(claude, served.url, account.key, home) | OFFERED_AT_ONCE,
        cwd=work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=claude_code.RUN_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended
    answer = json.loads(ended.stdout)["result"]
    assert answer.startswith("The tool returned: ")
    assert "https://metro.example/" in answer
    rows = [row for row in served.books.settled_by_now(account.id) if row["model"].startswith("tool/")]
    assert [(row["model"], row["client"]) for row in rows] == [("tool/web-search", "claude-code")]
    windows = served.books.windows(account.id)
    assert (windows["glm/lite:search"]["used"], windows["glm/lite:5h"]["used"]) == ("1", "1")

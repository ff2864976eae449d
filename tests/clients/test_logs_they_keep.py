"""What the readers make of logs that the real tools have just written: the use that was told them, to the token."""

from __future__ import annotations

from pathlib import Path

import pytest

from faregate.readers import LogFile, Reading, discover, read
from tests.clients import claude_code
from tests.clients.claude_code import ClaudeCode
from tests.clients.codex import run
from tests.clients.responses_upstream import RUN, responses_upstream
from tests.clients.targets import Target

pytestmark = pytest.mark.clients


def reading_of(logs: list[LogFile]) -> Reading:
    reading = read(logs, workers=1)
    assert reading.first_broken == ()
    return reading


def test_claude_code_is_counted_as_it_counts_itself(claude: ClaudeCode, target: Target, tmp_path: Path) -> None:
    settings = {"ANTHROPIC_MODEL": target.messages_model, "CLAUDE_CONFIG_DIR": str(tmp_path)}
    prompt = '[[tool Bash {"command":"echo logged"}]]'
    ended = claude_code.run(claude, target.base_url, target.key, prompt, more=settings)
    assert ended.status == 0, ended
    reading = reading_of(discover(tmp_path, settings))
    told = ended.result["usage"]
    used = [sum(counts) for counts in zip(*(request.usage for request in reading.requests), strict=True)]
    written = told["cache_creation"]
    assert used[:5] == [
        told["input_tokens"],
        told["cache_read_input_tokens"],
        written["ephemeral_5m_input_tokens"],
        written["ephemeral_1h_input_tokens"],
        told["output_tokens"],
    ]
    assert (len(reading.requests), used[8]) == (2, 1)
    assert reading.duplicates > 0


def test_codex_is_told_what_its_upstream_reported(codex: tuple[str, ...], tmp_path: Path) -> None:
    home = tmp_path / "codex"
    with responses_upstream() as upstream:
        run(codex, upstream.url, home, f"{RUN}echo logged")
        run(codex, upstream.url, home, "resume", "--last", "and again")
        reported = upstream.reported
    requests = list(reading_of(discover(tmp_path, {"CODEX_HOME": str(home)})).requests)
    assert [request.usage.prompts for request in requests] == [1, 0, 1]
    cached = [each["input_tokens_details"]["cached_tokens"] for each in reported]
    assert [request.usage.cached for request in requests] == cached
    assert [request.usage.total_input for request in requests] == [each["input_tokens"] for each in reported]
    assert [request.usage.output for request in requests] == [each["output_tokens"] for each in reported]
    assert {(request.model, request.client) for request in requests} == {("gpt-5.5", "codex")}

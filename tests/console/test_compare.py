"""The comparison page: what is dropped there loses its words in the browser, and gives the command's figures."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faregate.callers import side_texts
from faregate.readers import prompts
from tests.console.visitor import Visitor
from tests.readers.logs import answer, at, prompt, tool_result, write
from tests.service.served import FAREGATE

SOURCE = Path(__file__).parents[2] / "console" / "src" / "parts" / "compare" / "prompts.ts"
SECRET = "the words of nobody else"
WRITTEN = (
    SECRET,
    f"<system-reminder>{SECRET}</system-reminder>",
    f"<system-reminder>{SECRET}</system-reminder> and {SECRET}",
    "[Request interrupted by user]",
    f"<command-name>/cost</command-name> {SECRET}",
    f"<local-command-stdout>{SECRET}</local-command-stdout>",
    f"<bash-input>{SECRET}</bash-input>",
    "Warmup",
    f"Caveat {SECRET}",
    f"This session is being continued from a previous conversation {SECRET}",
    f"[read_file for 'a'] Result: {SECRET}",
    f"CRITICAL: Respond with TEXT ONLY {SECRET}",
)


def logs_in(folder: Path) -> Path:
    """Sessions of Claude Code and Codex with everything that a reader has to tell apart."""
    lines: list[Any] = [{"type": "summary", "summary": SECRET, "leafUuid": "x"}]
    for place, text in enumerate(WRITTEN):
        lines += [prompt(text), answer(f"a{place}", 100 + place, place), tool_result(SECRET)]
        lines += [prompt([{"type": "text", "text": text}]), answer(f"b{place}", 9, place, content=[SECRET])]
    image = [{"type": "image", "source": {"data": SECRET}}]
    lines += [prompt(image), answer("i", 5, 30), prompt(SECRET, isMeta=True), answer("m", 5, 31)]
    lines += [prompt(SECRET, isCompactSummary=True), answer("n", 6, 32), "{broken " + SECRET]
    lines += [prompt(SECRET, origin={"kind": "task-notification"}), answer("o", 6, 33), answer("o", 60, 34)]
    more = {"iterations": [{"type": "advisor_message", "model": "claude-opus-4-5", "output_tokens": 7}]}
    deep = {"cache_creation": {"ephemeral_1h_input_tokens": 40}, "server_tool_use": {"web_search_requests": 2}}
    queued = {"type": "queued_command", "prompt": SECRET, "commandMode": "prompt"}
    lines += [answer("p", 8, 40, use=more | deep), {"type": "attachment", "attachment": queued, "timestamp": at(41)}]
    inner = {"timestamp": at(50), "requestId": "req_z", "message": answer("z", 77)["message"], "note": SECRET}
    lines += [answer("q", 8, 42), {"isSidechain": True, "sessionId": "s1", "data": {"message": inner}}]
    write(folder / "-home-ann-project" / "one.jsonl", lines)
    side = [prompt(SECRET, isSidechain=True), answer("s", 900, 60, isSidechain=True, sessionId="")]
    write(folder / "-home-ann-project" / "one" / "subagents" / "agent-1.jsonl", side)
    write(
        folder / "-home-ann-project" / "two.jsonl",
        [*lines[:3], answer("t", 4, 70, sessionId="second-one", request="")],
    )
    write(folder / "codex" / "rollout-1.jsonl", codex("t1", None))
    write(folder / "codex" / "rollout-2.jsonl", codex("t2", "t1"))
    (folder / "notes.jsonl").write_text("{}\n")
    return folder


def codex(thread: str, parent: str | None) -> list[dict[str, Any]]:
    def event(seconds: int, payload: dict[str, Any]) -> dict[str, Any]:
        return {"timestamp": at(seconds), "type": "event_msg", "payload": payload}

    def count(seconds: int, total: int) -> dict[str, Any]:
        use = {"input_tokens": 900, "cached_input_tokens": 600, "output_tokens": 100, "total_tokens": 1000}
        told = {"last_token_usage": use, "total_token_usage": {name: n * total for name, n in use.items()}}
        return event(seconds, {"type": "token_count", "info": told, "rate_limits": {"note": SECRET}})

    meta = {"id": thread, "cwd": SECRET, "instructions": SECRET}
    item = {"type": "UserMessage", "content": [{"type": "text", "text": SECRET}]}
    return [
        {
            "timestamp": at(300),
            "type": "session_meta",
            "payload": meta | ({"forked_from_id": parent} if parent else {}),
        },
        {"timestamp": at(300), "type": "turn_context", "payload": {"model": "gpt-5-codex", "cwd": SECRET}},
        event(301, {"type": "user_message", "message": SECRET, "images": []}),
        count(302, 1),
        event(303, {"type": "item_completed", "item": item}),
        {"timestamp": at(303), "type": "response_item", "payload": {"type": "message", "content": SECRET}},
        count(310, 2),
        count(310, 2),
        event(320, {"type": "agent_message", "message": SECRET}),
        count(330 if parent is None else 340, 3),
    ]


def by_the_command(folder: Path) -> dict[str, Any]:
    """What `faregate compare --json` says of the same files."""
    words = (FAREGATE, "compare", "--json", "--logs", str(folder), "--currency", "USD", "--zone", "UTC")
    told: dict[str, Any] = json.loads(subprocess.run(words, capture_output=True, timeout=120, check=True).stdout)
    return told


def test_dropped_logs_lose_their_words_and_give_the_figures_of_the_command(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    folder = logs_in(tmp_path / "logs")
    visitor = visit(zone="UTC")
    sent: list[str] = []
    visitor.page.on("request", lambda each: sent.append(each.post_data or "") if "comparisons" in each.url else None)
    visitor.go("/compare")
    visitor.page.get_by_label("Choose a folder").set_input_files(folder)
    visitor.page.get_by_text("See what would be sent").click()
    assert "input_tokens" in visitor.page.get_by_test_id("sent").inner_text()
    assert visitor.violations() == []
    with visitor.page.expect_response("**/api/v1/comparisons*", timeout=120_000) as answered:
        visitor.page.get_by_role("button", name="Compare with every plan").click()
    told, expected = answered.value.json()["comparison"], by_the_command(folder)
    for field in ("plans", "requests_by_hour", "currency", "months", "zone", "rates", "verdict"):
        assert told[field] == expected[field], field
    named = {"name": ""}
    assert told["usage"] | named == expected["usage"] | named
    visitor.page.get_by_test_id("report").wait_for()
    assert visitor.page.get_by_test_id("requests").inner_text() == f"{expected['usage']['requests']:,}"
    assert visitor.violations() == []
    with visitor.page.expect_download() as saving:
        visitor.page.get_by_role("button", name="Save the whole report").click()
    assert b"<html" in saving.value.path().read_bytes()[:300]
    (body,) = sent
    for word in ("nobody", "project", "ann", "rollout", "t1", "second-one", "cost"):
        assert word not in body, word
    assert visitor.complaints == []


def test_files_that_are_no_logs_are_told_of_before_anything_is_sent(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    (tmp_path / "notes.jsonl").write_text('{"hello": 1}\n')
    visitor = visit("zh", width=390)
    visitor.go("/compare")
    visitor.page.get_by_label("选择文件", exact=True).set_input_files(tmp_path / "notes.jsonl")
    visitor.page.get_by_role("alert").get_by_text("没有 Claude Code 或 Codex 的日志").wait_for()
    assert visitor.overflow() == 0
    assert visitor.complaints == []


def test_the_browser_knows_every_text_that_the_readers_know() -> None:
    source = SOURCE.read_text(encoding="utf-8")
    known = (*prompts._COMMANDS, *prompts._COMMAND_OUTPUTS, *prompts._MACHINES, *side_texts._COMPACTIONS)
    for text in (*known, *side_texts._SIDES, side_texts._WARMUP, side_texts._INTERRUPTED):
        assert json.dumps(text) in source, text
    wrapped = side_texts._WRAPPED.pattern.replace("?P<tag>", "")
    result = side_texts._TOOL_RESULT_TEXT.pattern
    assert re.search(re.escape(f"/{wrapped}/g"), source), wrapped
    assert re.search(re.escape(f"/^{result}/"), source), result

"""Requests as the recorded clients send them, cut down to what tells them apart."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from faregate.callers.caller import Caller
from faregate.callers.prompts import Verdict, classify
from faregate.callers.recognise import recognise
from faregate.dialects import COUNTING, DIALECTS, google_generate
from faregate.dialects.dialect import Dialect

Headers = dict[bytes, bytes]
Messages = list[dict[str, Any]]

SESSION = "0d3a0c2e-93a4-4f0e-9a3a-0f1c2d3e4f50"
TOOLS = [{"name": "Bash", "input_schema": {"type": "object"}}]
TITLE_SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}}


class Call(NamedTuple):
    """One recorded request. ``path`` decides the dialect; ``kind`` and ``opens`` are what is
    expected of it alone."""

    path: str
    headers: Headers
    body: dict[str, Any]
    kind: str
    opens: bool = False


def judged(call: Call) -> tuple[Caller, Verdict]:
    """What the gate does with a generation request."""
    dialect = _dialect_of(call.path)
    conversation = dialect.conversation(dialect.read(json.dumps(call.body).encode()))
    caller = recognise(call.headers, conversation)
    return caller, classify(call.headers, caller, conversation)


def _dialect_of(path: str) -> Dialect:
    named = google_generate.named_in(path.rpartition("/")[2])
    if named is not None:
        return google_generate.at(*named, ())
    return next(module for module in DIALECTS.values() if path in module.paths)


def prompts_counted(calls: list[Call]) -> int:
    """Distinct prompts among calls; paths that do not generate are not asked."""
    unmetered = {path for module in COUNTING for path in module.count_paths}
    verdicts = [judged(call)[1] for call in calls if call.path not in unmetered]
    return len({verdict.prompt_key for verdict in verdicts if verdict.opens_prompt})


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def user(*parts: str | dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [text(p) if isinstance(p, str) else p for p in parts]}


def answer(words: str = "Done.") -> dict[str, Any]:
    return {"role": "assistant", "content": [text(words)]}


RESULT: dict[str, Any] = {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}
TOOL_CALL: dict[str, Any] = {
    "role": "assistant",
    "content": [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {}}],
}
REMINDER = "<system-reminder>\nThe date is today.\n</system-reminder>\n"
ENVIRONMENT = {"role": "system", "content": [text("Environment: Linux. Agents: Explore.")]}


def claude_21(
    messages: Messages,
    kind: str,
    opens: bool = False,
    *,
    headers: Headers | None = None,
    path: str = "/v1/messages",
    system: str = "You are Claude Code, Anthropic's official CLI for Claude.",
    subagent: bool = False,
    **fields: Any,
) -> Call:
    """Claude Code 2.1 with a session header and its billing line as first system block."""
    base = {
        b"user-agent": b"claude-cli/2.1.330 (external, sdk-cli)",
        b"x-app": b"cli",
        b"x-claude-code-session-id": SESSION.encode(),
    }
    mark = " cc_is_subagent=true;" if subagent else ""
    billing = f"x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=cli;{mark}"
    identity = {"device_id": "d", "account_uuid": "", "session_id": SESSION}
    body = {
        "model": "claude-opus-5-5",
        "messages": messages,
        "system": [text(billing), text(system)],
        "tools": TOOLS,
        "metadata": {"user_id": json.dumps(identity)},
        "max_tokens": 128_000,
        "stream": True,
    }
    return Call(path, base | (headers or {}), body | fields, kind, opens)


def claude_20(
    messages: Messages,
    kind: str,
    opens: bool = False,
    *,
    system: str = "You are Claude Code, Anthropic's official CLI for Claude.",
    **fields: Any,
) -> Call:
    """Claude Code 1.0 and 2.0: the session only in `metadata.user_id`."""
    headers = {b"user-agent": b"claude-cli/2.0.76 (external, cli)", b"x-app": b"cli"}
    body = {
        "model": "claude-sonnet-4-5-20250929",
        "messages": messages,
        "system": [text(system)],
        "tools": TOOLS,
        "metadata": {"user_id": f"user_{'ab' * 32}_account__session_{SESSION}"},
        "max_tokens": 32_000,
    }
    return Call("/v1/messages", headers, body | fields, kind, opens)


def chat(headers: Headers, messages: Messages, kind: str, opens: bool = False, **fields: Any) -> Call:
    """A Chat Completions request."""
    body = {"model": "m", "messages": messages, "tools": TOOLS, "stream": True}
    return Call("/v1/chat/completions", headers, body | fields, kind, opens)


def opencode(
    messages: Messages,
    kind: str,
    opens: bool = False,
    *,
    session: str = "ses_1",
    headers: Headers | None = None,
    **fields: Any,
) -> Call:
    base = {
        b"user-agent": b"opencode/1.18.33 ai-sdk/provider-utils/4 runtime/bun/1.3",
        b"x-session-id": session.encode(),
        b"x-session-affinity": session.encode(),
    }
    system = fields.pop("system", "You are opencode, an interactive CLI tool.")
    return chat(
        base | (headers or {}),
        [{"role": "system", "content": system}, *messages],
        kind,
        opens,
        **fields,
    )


def codex(
    messages: Messages,
    kind: str,
    opens: bool = False,
    *,
    headers: Headers | None = None,
    **turn: str,
) -> Call:
    """Codex: its turn metadata in a header, the conversation as items of OpenAI's Responses."""
    facts = {"turn_id": "t1", "root_turn_id": "t1", "thread_source": "user", "request_kind": "turn"}
    base = {
        b"user-agent": b"codex-tui/0.169.0 (Debian 12.0.0; x86_64)",
        b"originator": b"codex-tui",
        b"session-id": b"s1",
        b"x-codex-turn-metadata": json.dumps(facts | turn).encode(),
    }
    system = {"role": "developer", "content": "You are Codex, a coding agent."}
    items = [item for message in [system, *messages] for item in _items(message)]
    body = {"model": "m", "input": items, "tools": TOOLS, "stream": True, "prompt_cache_key": "s1"}
    return Call("/v1/responses", base | (headers or {}), body, kind, opens)


def _items(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message of Chat Completions as Codex sends it."""
    if message["role"] == "tool":
        return [{"type": "function_call_output", "call_id": "c", "output": "ok"}]
    if message.get("tool_calls"):
        return [{"type": "reasoning", "summary": []}, {"type": "function_call", "call_id": "c", "name": "f"}]
    content = message["content"]
    texts = [content] if isinstance(content, str) else [part["text"] for part in content]
    kind = "output_text" if message["role"] == "assistant" else "input_text"
    parts = [{"type": kind, "text": each} for each in texts]
    return [{"type": "message", "role": message["role"], "content": parts}]


FUNCTIONS = [{"functionDeclarations": [{"name": "read_file", "parametersJsonSchema": {"type": "object"}}]}]


def said(role: str, *parts: str | dict[str, Any]) -> dict[str, Any]:
    """A content of Google's."""
    return {"role": role, "parts": [{"text": part} if isinstance(part, str) else part for part in parts]}


def gemini(
    contents: Messages,
    kind: str,
    opens: bool = False,
    *,
    system: str = "You are Gemini CLI, an interactive CLI agent specializing in software engineering tasks.",
    method: str = "streamGenerateContent",
    tools: object = FUNCTIONS,
    **settings: Any,
) -> Call:
    """Gemini CLI: the model in the path, the router's questions without tools."""
    headers = {
        b"user-agent": b"GeminiCLI-tui/0.61.0/gemini-3.8-flash (linux; x64; terminal)",
        b"x-goog-api-client": b"google-genai-sdk/1.30.0 gl-node/v22",
        b"x-goog-api-key": b"fg-secret",
    }
    body: dict[str, Any] = {
        "contents": contents,
        "systemInstruction": {"role": "user", "parts": [{"text": system}]},
        "tools": tools,
        "generationConfig": {"temperature": 1, "thinkingConfig": {"includeThoughts": True}, **settings},
    }
    return Call(f"/v1beta/models/gemini-3.8-flash:{method}", headers, body, kind, opens)

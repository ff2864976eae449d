"""Who calls: more than one signal, and no trust in a User-Agent alone."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.callers.caller import Caller
from faregate.callers.recognise import known_clients
from tests.callers.calls import (
    SESSION,
    Call,
    Headers,
    chat,
    claude_20,
    claude_21,
    codex,
    judged,
    opencode,
    text,
    user,
)

SAY = [{"role": "user", "content": "hi"}]


def caller_of(call: Call) -> Caller:
    return judged(call)[0]


def spoken(system: str | list[Any], agent: str | None, **headers: str) -> Call:
    """A chat request with this system prompt, User-Agent and further headers (`_` for `-`)."""
    base = {name.replace("_", "-").lower().encode(): value.encode() for name, value in headers.items()}
    if agent is not None:
        base[b"user-agent"] = agent.encode()
    return chat(base, [{"role": "system", "content": system}, *SAY], "prompt", True)


def posing_qwen() -> Call:
    headers = {b"user-agent": b"claude-cli/0.24.4 (external, cli)", b"x-app": b"cli"}
    body = {
        "model": "m",
        "messages": [user("hi")],
        "system": [text("You are Qwen Code, an interactive CLI agent developed by Alibaba.")],
        "tools": [{"name": "shell"}],
        "max_tokens": 8_000,
    }
    return Call("/v1/messages", headers, body, "prompt", True)


def posing_script() -> Call:
    headers = {b"user-agent": b"claude-cli/2.1.330 (external, cli)", b"x-app": b"cli"}
    body = {"model": "m", "messages": [user("hi")], "max_tokens": 8}
    return Call("/v1/messages", headers, body, "prompt", True)


AI_SDK = "ai-sdk/openai-compatible/3.0.37 ai-sdk/provider-utils/4 runtime/node.js/v22"
# name, call -> client, is a coding tool
ROWS: list[tuple[str, Call, str, bool]] = [
    ("Claude Code 2.1", claude_21([user("hi")], "prompt"), "claude-code", True),
    ("Claude Code 2.0", claude_20([user("hi")], "prompt"), "claude-code", True),
    ("Qwen as Claude", posing_qwen(), "qwen-code", True),
    ("a script as Claude", posing_script(), "claude-code", False),
    ("Codex", codex(SAY, "prompt"), "codex", True),
    (
        "Codex 0.63",
        spoken("You are a coding agent", "codex_exec/0.63.0", originator="codex_exec"),
        "codex",
        True,
    ),
    ("opencode", opencode(SAY, "prompt"), "opencode", True),
    ("Kilo", spoken("You are Kilo", "Kilo-Code/7.7.7 x", x_title="Kilo Code"), "kilo", True),
    ("Cline", spoken("You are Cline, a coding agent.", AI_SDK), "cline", True),
    (
        "Cline in blocks",
        spoken([text("You are Cline, a coding agent.")], AI_SDK),
        "cline",
        True,
    ),
    ("Cline's words alone", spoken("You are Cline", "curl/8.0"), "cline", False),
    ("Qwen", spoken("You are Qwen Code", "QwenCode/0.24.4 (linux; x64)"), "qwen-code", True),
    (
        "Copilot",
        spoken("", "OpenAI/JS 5.20.1", x_initiator="user", x_interaction_type="conversation-user"),
        "copilot-cli",
        True,
    ),
    (
        "Continue",
        spoken("You are an agent in the Continue CLI", "ls/JS 5.23.2"),
        "continue",
        True,
    ),
    ("pi", spoken("You help, operating inside pi.", "OpenAI/JS 6.26.0"), "pi", True),
    (
        "aider",
        spoken("Act as an expert software developer.", "litellm/1.81.10"),
        "aider",
        True,
    ),
    ("Vibe", spoken("", "python-httpx/0.28.1", x_affinity="s"), "vibe", True),
    ("Kimi", spoken("", "KimiCLI/1.40.0", x_msh_platform="kimi_cli"), "kimi-cli", True),
    ("goose", spoken("You are a general-purpose AI agent called goose", None), "goose", True),
    (
        "Roo",
        spoken("", "RooCode/3.1.0", http_referer="https://github.com/RooVetGit/Roo-Cline"),
        "roo",
        True,
    ),
    ("Crush", spoken("You are Crush.", "Charm-Crush/0.96 (https://charm.land/crush)"), "crush", True),
    (
        "Cherry Studio",
        spoken("", "Mozilla/5.0 Chrome/1 CherryStudio/1.2 Safari/5", x_title="Cherry Studio"),
        "cherry-studio",
        False,
    ),
    # Its requests to models of one's own: github.com/microsoft/vscode-copilot-chat.
    (
        "VS Code Copilot",
        spoken(
            'You are an expert. When asked for your name, you must respond with "GitHub Copilot".',
            "GitHubCopilotChat/0.36.2",
        ),
        "vscode-copilot",
        True,
    ),
    # github.com/neovateai/neovate-code, src/systemPrompt.ts.
    (
        "Neovate",
        spoken("\nYou are an interactive CLI tool that helps users with software engineering tasks.", AI_SDK),
        "neovate",
        True,
    ),
    # Its own prompt, as those who read it published it; requests come from its servers.
    (
        "Cursor",
        spoken("You are an AI coding assistant. You operate exclusively in Cursor.", "OpenAI/JS 4.83.0"),
        "cursor",
        True,
    ),
    # github.com/logancyang/obsidian-copilot, src/constants.ts.
    (
        "Obsidian",
        spoken("You are Obsidian Copilot, a helpful assistant.", "Mozilla/5.0 obsidian/1.9.1 Chrome/132 Electron/34"),
        "obsidian",
        False,
    ),
    (
        "Sider",
        spoken("", "Mozilla/5.0 Chrome/140", origin="chrome-extension://difoiogjjojoaoomphldepapgpbgkhkb"),
        "sider",
        False,
    ),
    # github.com/open-webui/open-webui, backend/open_webui/routers/openai.py, with user headers forwarded.
    (
        "Open WebUI",
        spoken("", "Python/3.11 aiohttp/3.12.15", X_OpenWebUI_Chat_Id="c", X_OpenWebUI_User_Id="u"),
        "open-webui",
        False,
    ),
    # PyPI's dify_plugin 0.7.4, interfaces/model/openai_compatible/llm.py.
    ("Dify", spoken("", "python-requests/2.32.3", Accept_Charset="utf-8"), "dify", False),
    ("a script with the library of Dify", spoken("", "python-requests/2.32.3"), "other", False),
    ("OpenAI SDK", spoken("You are kind.", "AsyncOpenAI/Python 3.54.0"), "openai-sdk", False),
    ("Anthropic SDK", spoken("You are kind.", "Anthropic/JS 1.12.0"), "anthropic-sdk", False),
    ("ai SDK", spoken("You are kind.", "ai/6.0.326 runtime/node"), "ai-sdk", False),
    (
        "ai SDK 7",
        spoken("You are kind.", "ai-sdk-openai/4.0.118 ai-sdk-provider-utils/5.0.81 node.js/24"),
        "ai-sdk",
        False,
    ),
    ("nobody", spoken("You are kind.", None), "other", False),
    ("nonsense", spoken("", "\u00ff\u00fe"), "other", False),
]


@pytest.mark.parametrize(("call", "client", "coding"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_a_client_is_recognised(call: Call, client: str, coding: bool) -> None:
    caller = caller_of(call)
    assert (caller.client, caller.is_coding_tool) == (client, coding), caller


def test_a_users_words_do_not_make_a_client() -> None:
    call = chat({b"user-agent": b"OpenAI/JS 6"}, [{"role": "user", "content": "You are Cline"}], "")
    assert caller_of(call).client == "openai-sdk"


def test_a_prompt_that_speaks_of_other_tools_later_is_its_own_clients() -> None:
    system = "You are Qwen Code. Unlike others (you are Cline, you are Roo) you are brief."
    assert caller_of(spoken(system, "QwenCode/0.24.4")).client == "qwen-code"


def test_content_before_role_in_the_first_message_is_read_too() -> None:
    messages = [{"content": "You are Cline", "role": "system"}, *SAY]
    assert caller_of(chat({b"user-agent": AI_SDK.encode()}, messages, "")).client == "cline"


@pytest.mark.parametrize(
    ("headers", "session"),
    [
        ({b"x-claude-code-session-id": b"s1"}, "s1"),
        ({b"session-id": b"s2", b"x-session-id": b"other"}, "s2"),
        ({b"conversation_id": b"s3"}, "s3"),
        ({b"x-session-id": b"title-ses_4"}, "ses_4"),
        ({b"x-affinity": b"s5"}, "s5"),
        ({}, "cache"),
    ],
)
def test_the_session_is_the_clients_own(headers: Headers, session: str) -> None:
    assert caller_of(chat(headers, SAY, "", prompt_cache_key="cache")).session == session


@pytest.mark.parametrize(
    "user_id",
    [f"user_{'ab' * 32}_account__session_{SESSION}", f'{{"device_id":"d","session_id":"{SESSION}"}}'],
)
def test_claude_codes_session_is_read_from_its_user_id(user_id: str) -> None:
    call = claude_20([user("hi")], "", metadata={"user_id": user_id})
    assert caller_of(call).session == SESSION
    assert "identity" in caller_of(call).evidence


@pytest.mark.parametrize("user_id", ["", "{", "[]", '{"session_id":7}', "user_1", 7, None])
def test_other_user_ids_hold_no_session(user_id: object) -> None:
    assert caller_of(claude_20([user("hi")], "", metadata={"user_id": user_id})).session == ""


def test_the_version_is_what_the_client_says() -> None:
    assert caller_of(claude_21([user("hi")], "")).version == "2.1.330"
    assert caller_of(spoken("", "OpenAI/JS 5.20.1")).version == "5.20.1"


def test_a_sub_agent_says_so_in_a_header_or_in_its_system_prompt() -> None:
    assert caller_of(claude_21([user("hi")], "", subagent=True)).is_subagent
    assert caller_of(opencode(SAY, "", headers={b"x-parent-session-id": b"s"})).is_subagent
    assert not caller_of(claude_21([user("hi")], "")).is_subagent


def test_plans_can_list_every_coding_tool_of_the_table() -> None:
    named = {
        "claude-code",
        "roo",
        "kilo",
        "cline",
        "opencode",
        "crush",
        "goose",
        "codex",
        "vscode-copilot",
        "neovate",
    }
    named |= {"cherry-studio", "obsidian", "sider", "dify", "open-webui", "cursor", "continue", "pi", "aider", "vibe"}
    named |= {"qwen-code", "gemini-cli", "copilot-cli", "kimi-cli", "neovate"}
    assert named <= set(known_clients())
    assert len(set(known_clients())) == len(known_clients())

"""The known clients and the signals each gives (recorded from real ones; versions move).

Owns the table. Does not weigh the signals.
"""

from __future__ import annotations

from typing import NamedTuple


class Client(NamedTuple):
    """Signals of one client, all in lower case.

    ``agents``: beginnings of its own User-Agent. ``carriers``: beginnings of the User-Agents of
    SDKs it rides on, or of the client it poses as; '' means it sends none. ``headers``: (name,
    beginning of the value) of headers nobody else sends. ``system``: marks in the start of its
    system prompt. ``title``: what people call it, where that is not its name with capitals.
    """

    name: str
    is_coding_tool: bool = True
    agents: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()
    system: tuple[str, ...] = ()
    title: str = ""


CLIENTS: tuple[Client, ...] = (
    Client(
        "claude-code",
        agents=("claude-cli/",),
        headers=((b"x-claude-code-session-id", b""),),
        system=(
            "x-anthropic-billing-header:",
            "you are claude code",
            "you are an agent for claude code",
            "you are a file search specialist for claude code",
        ),
    ),
    Client(
        "codex",
        agents=("codex",),
        headers=((b"originator", b"codex"), (b"x-codex-turn-metadata", b"{")),
        system=("you are codex", "running in the codex cli"),
    ),
    Client(
        "opencode",
        title="OpenCode",
        agents=("opencode/",),
        headers=((b"x-session-affinity", b"ses_"),),
        system=("you are opencode",),
    ),
    Client(
        "kilo",
        title="Kilo Code",
        agents=("kilo-code/",),
        headers=((b"x-title", b"kilo code"), (b"http-referer", b"https://kilocode.ai")),
        system=("you are kilo",),
    ),
    Client("cline", agents=("cline/",), carriers=("ai-sdk", "ai/"), system=("you are cline",)),
    Client(
        "qwen-code",
        agents=("qwencode/",),
        carriers=("claude-cli/",),
        system=("you are qwen code",),
    ),
    Client(
        "gemini-cli",
        title="Gemini CLI",
        agents=("geminicli",),
        headers=((b"x-gemini-api-privileged-user-id", b""),),
        system=(
            "you are gemini cli",
            "you are an interactive cli agent specializing",
            "you are a specialized task routing ai",
        ),
    ),
    Client(
        "copilot-cli",
        title="GitHub Copilot CLI",
        carriers=("openai/js", "anthropic/js"),
        headers=((b"x-initiator", b""), (b"x-interaction-type", b"")),
        system=("github copilot cli",),
    ),
    Client(
        "continue",
        agents=("ls/js", "continue"),
        carriers=("node-fetch",),
        system=("in the continue cli", "<important_rules>"),
    ),
    Client(
        "pi",
        title="pi",
        carriers=("openai/js", "anthropic/js"),
        system=("operating inside pi",),
    ),
    Client(
        "aider",
        title="aider",
        carriers=("openai/python", "litellm/"),
        system=("act as an expert software developer", "search/replace block"),
    ),
    Client(
        "vibe",
        title="Mistral Vibe",
        agents=("mistral-vibe", "vibe/"),
        carriers=("python-httpx",),
        headers=((b"x-affinity", b""),),
        system=("mistral vibe",),
    ),
    Client(
        "kimi-cli",
        title="Kimi CLI",
        agents=("kimicli/",),
        carriers=("asyncopenai/python", "openai/python"),
        headers=((b"x-msh-platform", b""),),
        system=("you are kimi code", "kimi cli"),
    ),
    Client("goose", agents=("goose/",), carriers=("",), system=("called goose", "you are goose")),
    Client(
        "roo",
        title="Roo Code",
        agents=("roocode/",),
        headers=((b"x-title", b"roo code"), (b"http-referer", b"https://github.com/roovetgit")),
        system=("you are roo",),
    ),
    Client("crush", agents=("charm crush/", "charm-crush/"), system=("you are crush",)),
    Client(
        "cherry-studio",
        is_coding_tool=False,
        agents=("cherrystudio/",),
        headers=((b"x-title", b"cherry studio"), (b"http-referer", b"https://cherry-ai.com")),
    ),
    Client(
        "vscode-copilot",
        agents=("githubcopilotchat/",),
        headers=((b"editor-plugin-version", b"copilot-chat/"), (b"copilot-integration-id", b"vscode-chat")),
        system=('respond with \\"github copilot',),
        title="VS Code Copilot",
    ),
    Client(
        "neovate",
        carriers=("ai-sdk/", "ai/"),
        system=("you are an interactive cli tool that helps users", "you are neovate"),
    ),
    Client(
        "cursor",
        agents=("cursor/",),
        carriers=("openai/", "go-http-client/"),
        system=("you operate exclusively in cursor", "you operate in cursor", "designed by cursor"),
    ),
    Client(
        "obsidian",
        is_coding_tool=False,
        agents=("obsidian/",),
        carriers=("openai/js", "anthropic/js", "mozilla/"),
        system=("you are obsidian copilot",),
    ),
    Client(
        "sider",
        is_coding_tool=False,
        carriers=("mozilla/",),
        headers=((b"origin", b"chrome-extension://difoiogjjojoaoomphldepapgpbgkhkb"),),
    ),
    Client(
        "open-webui",
        is_coding_tool=False,
        carriers=("python/",),
        headers=((b"x-openwebui-chat-id", b""), (b"x-openwebui-user-id", b"")),
        title="Open WebUI",
    ),
    # It does not name itself: its SDK for plugins (dify_plugin 0.7.4) sends a header that other scripts leave out.
    Client("dify", is_coding_tool=False, carriers=("python-requests/",), headers=((b"accept-charset", b"utf-8"),)),
)

SDKS: tuple[tuple[str, str], ...] = (
    ("openai/", "openai-sdk"),
    ("asyncopenai/", "openai-sdk"),
    ("agents/", "openai-agents"),
    ("anthropic/", "anthropic-sdk"),
    ("asyncanthropic/", "anthropic-sdk"),
    ("ai-sdk", "ai-sdk"),
    ("ai/", "ai-sdk"),
    ("pydantic-ai/", "pydantic-ai"),
    ("langchain", "langchain"),
    ("litellm/", "litellm"),
    ("google-genai-sdk/", "google-genai"),
    ("curl/", "curl"),
)
"""(beginning of the User-Agent in lower case, name): libraries, named when no client is
recognised."""

SYSTEM_START = 1_200
"""Marks count only in so many first characters: further on, a prompt may speak of other tools."""

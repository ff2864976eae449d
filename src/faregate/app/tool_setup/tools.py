"""The coding tools that can be pointed at a gate, and what each wants to stand where.

Owns the table. What stands here was read from the tools' own documentation or seen on the wire; it changes no file.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faregate.app.tool_setup.changes import (
    Change,
    DotenvChange,
    JsonChange,
    OwnFile,
    TomlChange,
    YamlChange,
    shell_file,
)
from faregate.app.tool_setup.target import CHAT, GOOGLE, MESSAGES, RESPONSES, Target

KEY_VARIABLE = "FAREGATE_API_KEY"
PROVIDER = "faregate"
TITLE = "Faregate"
_CONTEXT_TOKENS = 200_000

Changes = Callable[[Target], list[Change]]


@dataclass(frozen=True)
class Tool:
    """``apis``: those it can speak, the usual one first. ``changes`` None: it is set up by hand, in its own windows.

    ``note`` ends the message that says what is left to do. ``rivals``: variables with another key, which the tool
    would send to the gate along with its own.
    """

    id: str
    title: str
    apis: tuple[str, ...]
    changes: Changes | None
    note: str = "ready"
    needs_model: bool = True
    rivals: tuple[str, ...] = ()


def _claude_code(to: Target) -> list[Change]:
    variables = {
        "ANTHROPIC_BASE_URL": to.base,
        "ANTHROPIC_AUTH_TOKEN": to.key,
        "CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
    }
    if to.model:
        variables |= dict.fromkeys(("ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL"), to.model)
        variables["ANTHROPIC_DEFAULT_SONNET_MODEL"] = to.model
        variables["ANTHROPIC_DEFAULT_HAIKU_MODEL"] = to.small_model or to.model
    folder = to.folder("CLAUDE_CONFIG_DIR", ".claude")
    return [JsonChange(folder / "settings.json", {"env": variables})]


def _codex(to: Target) -> list[Change]:
    table = {"name": TITLE, "base_url": to.v1, "env_key": KEY_VARIABLE, "wire_api": "responses"}
    top = {"model": to.model, "model_provider": PROVIDER}
    folder = to.folder("CODEX_HOME", ".codex")
    return [TomlChange(folder / "config.toml", top, f"model_providers.{PROVIDER}", table), _shell(to, "codex")]


_PACKAGES = {CHAT: "@ai-sdk/openai-compatible", RESPONSES: "@ai-sdk/openai", MESSAGES: "@ai-sdk/anthropic"}


def _opencode_like(path: str, schema: str) -> Changes:
    def changes(to: Target) -> list[Change]:
        models = {name: {"name": name} for name in (to.model, to.small_model) if name}
        options = {"baseURL": to.v1, "apiKey": f"{{file:{to.key_file}}}"}
        offered = {"npm": _PACKAGES[to.api], "name": TITLE, "options": options, "models": models}
        values: dict[str, Any] = {"$schema": schema, "provider": {PROVIDER: offered}}
        values["model"] = f"{PROVIDER}/{to.model}"
        if to.small_model:
            values["small_model"] = f"{PROVIDER}/{to.small_model}"
        return [JsonChange(to.config / path, values), OwnFile(to.key_file, to.key + "\n")]

    return changes


def _cline(to: Target) -> list[Change]:
    kind = "openai" if to.api == CHAT else "openai-native"
    words = ["cline", "auth", "-p", kind, "-k", to.key, "-m", to.model, "-b", to.v1]
    return [shell_file(to.own / "cline.sh", {}, shlex.join(words))]


def _qwen_code(to: Target) -> list[Change]:
    kind = "openai" if to.api == CHAT else "anthropic"
    base = to.v1 if to.api == CHAT else to.base
    offered = {"id": to.model, "name": f"{to.model} ({TITLE})", "baseUrl": base, "envKey": KEY_VARIABLE}
    values = {
        "modelProviders": {kind: [offered]},
        "env": {KEY_VARIABLE: to.key},
        "security": {"auth": {"selectedType": kind}},
        "model": {"name": to.model},
    }
    return [JsonChange(to.home / ".qwen" / "settings.json", values)]


def _gemini_cli(to: Target) -> list[Change]:
    variables = {"GEMINI_API_KEY": to.key, "GOOGLE_GEMINI_BASE_URL": to.base}
    if to.model:
        variables["GEMINI_MODEL"] = to.model
    folder = to.home / ".gemini"
    settings = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    return [DotenvChange(folder / ".env", variables), JsonChange(folder / "settings.json", settings)]


def _copilot(to: Target) -> list[Change]:
    variables = {
        "COPILOT_PROVIDER_BASE_URL": to.base if to.api == MESSAGES else to.v1,
        "COPILOT_PROVIDER_TYPE": "anthropic" if to.api == MESSAGES else "openai",
        "COPILOT_PROVIDER_API_KEY": to.key,
        "COPILOT_MODEL": to.model,
    }
    if to.api != MESSAGES:
        variables["COPILOT_PROVIDER_WIRE_API"] = "responses" if to.api == RESPONSES else "completions"
    return [shell_file(to.own / "copilot.sh", variables)]


def _continue(to: Target) -> list[Change]:
    model = {
        "name": TITLE,
        "provider": "anthropic" if to.api == MESSAGES else "openai",
        "model": to.model,
        "apiBase": to.v1,
        "apiKey": to.key,
        "roles": ["chat", "edit", "apply"],
        "capabilities": ["tool_use", "image_input"],
    }
    new = {"name": TITLE, "version": "1.0.0", "schema": "v1"}
    return [YamlChange(to.home / ".continue" / "config.yaml", {"models": [model]}, new)]


def _aider(to: Target) -> list[Change]:
    values = {"openai-api-base": to.v1, "openai-api-key": to.key, "model": f"openai/{to.model}"}
    if to.small_model:
        values["weak-model"] = f"openai/{to.small_model}"
    return [YamlChange(to.home / ".aider.conf.yml", values, {})]


def _crush(to: Target) -> list[Change]:
    models = [
        {"id": name, "name": name, "context_window": _CONTEXT_TOKENS, "default_max_tokens": 32_000}
        for name in dict.fromkeys((to.model, to.small_model or to.model))
    ]
    offered = {
        "name": TITLE,
        "type": "anthropic" if to.api == MESSAGES else "openai-compat",
        "base_url": to.base if to.api == MESSAGES else to.v1,
        "api_key": to.key,
        "models": models,
    }
    chosen = {
        "large": {"provider": PROVIDER, "model": to.model},
        "small": {"provider": PROVIDER, "model": to.small_model or to.model},
    }
    values = {"$schema": "https://charm.land/crush.json", "providers": {PROVIDER: offered}, "models": chosen}
    return [JsonChange(to.config / "crush" / "crush.json", values)]


def _goose(to: Target) -> list[Change]:
    if to.api == MESSAGES:
        values = {"GOOSE_PROVIDER": "anthropic", "GOOSE_MODEL": to.model, "ANTHROPIC_HOST": to.base}
        secret = "ANTHROPIC_API_KEY"
    else:
        values = {"GOOSE_PROVIDER": "openai", "GOOSE_MODEL": to.model, "OPENAI_HOST": to.base}
        values["OPENAI_BASE_PATH"] = "v1/chat/completions"
        secret = "OPENAI_API_KEY"
    file = YamlChange(to.config / "goose" / "config.yaml", values, {})
    return [file, shell_file(to.own / "goose.sh", {secret: to.key})]


def _roo_code(to: Target) -> list[Change]:
    offered: dict[str, Any] = {"id": PROVIDER}
    if to.api == MESSAGES:
        offered |= {"apiProvider": "anthropic", "apiKey": to.key, "anthropicBaseUrl": to.base}
        offered["apiModelId"] = to.model
    else:
        offered |= {"apiProvider": "openai", "openAiBaseUrl": to.v1, "openAiApiKey": to.key}
        offered["openAiModelId"] = to.model
    profiles = {"currentApiConfigName": PROVIDER, "apiConfigs": {PROVIDER: offered}}
    return [JsonChange(to.own / "roo-code.json", {"providerProfiles": profiles})]


def _zed(to: Target) -> list[Change]:
    models = [
        {"name": name, "display_name": name, "max_tokens": _CONTEXT_TOKENS}
        for name in dict.fromkeys((to.model, to.small_model or to.model))
    ]
    values = {
        "language_models": {"openai_compatible": {TITLE: {"api_url": to.v1, "available_models": models}}},
        "agent": {"default_model": {"provider": TITLE, "model": to.model}},
    }
    return [JsonChange(to.config / "zed" / "settings.json", values), _shell(to, "zed")]


def _open_webui(to: Target) -> list[Change]:
    return [shell_file(to.own / "open-webui.sh", {"OPENAI_API_BASE_URL": to.v1, "OPENAI_API_KEY": to.key})]


def _sdk(to: Target) -> list[Change]:
    variables = {
        "OPENAI_BASE_URL": to.v1,
        "OPENAI_API_KEY": to.key,
        "ANTHROPIC_BASE_URL": to.base,
        "ANTHROPIC_API_KEY": to.key,
    }
    return [shell_file(to.own / "sdk.sh", variables)]


def _shell(to: Target, name: str) -> OwnFile:
    return shell_file(to.own / f"{name}.sh", {KEY_VARIABLE: to.key})


_OPENCODE = _opencode_like("opencode/opencode.json", "https://opencode.ai/config.json")
_KILO = _opencode_like("kilo/kilo.json", "https://app.kilo.ai/config.json")

TOOLS = {
    tool.id: tool
    for tool in (
        Tool(
            "claude-code",
            "Claude Code",
            (MESSAGES,),
            _claude_code,
            needs_model=False,
            rivals=("ANTHROPIC_API_KEY",),
        ),
        Tool("codex", "Codex", (RESPONSES,), _codex, "shell"),
        Tool("opencode", "OpenCode", (CHAT, RESPONSES, MESSAGES), _OPENCODE),
        Tool("kilo", "Kilo Code CLI", (CHAT, RESPONSES, MESSAGES), _KILO),
        Tool("cline", "Cline CLI", (CHAT, RESPONSES), _cline, "run"),
        Tool("qwen-code", "Qwen Code", (CHAT, MESSAGES), _qwen_code),
        Tool("gemini-cli", "Gemini CLI", (GOOGLE,), _gemini_cli, needs_model=False),
        Tool("copilot", "GitHub Copilot CLI", (CHAT, RESPONSES, MESSAGES), _copilot, "shell"),
        Tool("continue", "Continue", (CHAT, MESSAGES), _continue),
        Tool("aider", "aider", (CHAT,), _aider),
        Tool("crush", "Crush", (CHAT, MESSAGES), _crush),
        Tool("goose", "Goose", (CHAT, MESSAGES), _goose, "shell"),
        Tool("roo", "Roo Code", (CHAT, MESSAGES), _roo_code, "import"),
        Tool("zed", "Zed", (CHAT,), _zed, "shell"),
        Tool("open-webui", "Open WebUI", (CHAT,), _open_webui, "shell", needs_model=False),
        Tool("sdk", "OpenAI SDK, Anthropic SDK", (CHAT, MESSAGES), _sdk, "shell", needs_model=False),
        Tool("cursor", "Cursor", (CHAT,), None),
        Tool("vscode-copilot", "VS Code Copilot", (CHAT,), None),
        Tool("neovate", "Neovate", (CHAT,), None),
        Tool("cherry-studio", "Cherry Studio", (CHAT, MESSAGES), None),
        Tool("dify", "Dify", (CHAT,), None),
        Tool("obsidian", "Obsidian", (CHAT,), None),
        Tool("sider", "Sider", (CHAT,), None),
    )
}
"""By the name used on the command line."""

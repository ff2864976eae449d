"""`faregate setup`: tools pointed at a gate, and nothing else of theirs changed."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from faregate.app.tool_setup.tools import TOOLS
from faregate.cli.main import main
from tests.cli.house import CLEAN

SECRET = "sk-ss-v1-0123456789abcdefghjk"
BASE = "https://gate.example.com"
WRITTEN = sorted(id for id, tool in TOOLS.items() if tool.changes is not None)
BY_HAND = sorted(id for id, tool in TOOLS.items() if tool.changes is None)


class Home:
    """A home folder to write into."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *words: str, language: str = "en", key: str | None = SECRET) -> Result:
        variables = CLEAN | {"HOME": str(self.path), "MY_KEY": key or ""}
        for name in ("XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR", "ANTHROPIC_API_KEY"):
            variables[name] = ""
        return CliRunner().invoke(main, ["--lang", language, "setup", *words], env=variables)

    def write(self, tool: str, *words: str) -> Result:
        return self.run(tool, "--base-url", BASE, "--model", "m/one", "--write", "--key-env", "MY_KEY", *words)

    def wrote(self, tool: str, *words: str) -> str:
        result = self.write(tool, *words)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.path)): path.read_text(encoding="utf-8")
            for path in sorted(self.path.rglob("*"))
            if path.is_file()
        }

    def put(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def json(self, name: str) -> Any:
        return json.loads((self.path / name).read_text(encoding="utf-8"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tool_is_listed_in_both_languages(home: Home, language: str) -> None:
    told = home.run("--list", language=language).stdout
    assert [id for id in TOOLS if id not in told] == []


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_tool_needs_is_shown_without_touching_anything(home: Home, tool: str, language: str) -> None:
    result = home.run(tool, "--base-url", BASE + "/v1/", "--model", "m/one", language=language)
    assert result.exit_code == 0, result.stderr
    assert BASE in result.stdout
    assert BASE + "/v1/v1" not in result.stdout
    assert SECRET not in result.output
    assert home.files() == {}


@pytest.mark.parametrize("tool", WRITTEN)
def test_only_its_owner_can_read_what_holds_the_key(home: Home, tool: str) -> None:
    told = home.wrote(tool)
    assert SECRET not in told
    holding = [home.path / name for name, text in home.files().items() if SECRET in text]
    assert holding
    for path in holding:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0 or path.parent == home.path


@pytest.mark.parametrize("tool", WRITTEN)
def test_writing_again_changes_nothing_and_keeps_no_second_copy(home: Home, tool: str) -> None:
    home.wrote(tool)
    before = home.files()
    home.wrote(tool)
    assert home.files() == before


@pytest.mark.parametrize("tool", WRITTEN)
def test_every_api_of_a_tool_can_be_chosen(home: Home, tool: str) -> None:
    for api in TOOLS[tool].apis:
        home.wrote(tool, "--api", api)


@pytest.mark.parametrize("tool", BY_HAND)
def test_what_is_set_up_by_hand_is_not_written(home: Home, tool: str) -> None:
    result = home.write(tool)
    assert (result.exit_code, result.stderr[:21]) == (2, "error[setup_by_hand]:")
    assert home.files() == {}


def test_claude_code_keeps_its_other_settings_and_a_copy_of_what_they_were(home: Home) -> None:
    before = (
        '{\n    "model": "opus",\n    "env": {"FOO": "1", "ANTHROPIC_BASE_URL": "https://old"},\n    "hooks": {}\n}\n'
    )
    path = home.put(".claude/settings.json", before)
    home.wrote("claude-code", "--small-model", "m/small")
    settings = home.json(".claude/settings.json")
    assert (settings["model"], settings["hooks"], settings["env"]["FOO"]) == ("opus", {}, "1")
    assert settings["env"]["ANTHROPIC_BASE_URL"] == BASE
    assert settings["env"]["ANTHROPIC_AUTH_TOKEN"] == SECRET
    assert settings["env"]["ANTHROPIC_DEFAULT_HAIKU_MODEL"] == "m/small"
    assert list(settings) == ["model", "env", "hooks"]
    copy = path.with_name("settings.json.before-faregate")
    assert copy.read_text(encoding="utf-8") == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_key_that_would_go_along_to_the_gate_is_told(home: Home) -> None:
    assert "ANTHROPIC_API_KEY" not in home.write("claude-code").stderr
    home.put(".claude/settings.json", '{"env": {"ANTHROPIC_API_KEY": "sk-ant-mine"}}')
    told = home.write("claude-code")
    assert told.exit_code == 0
    assert f"ANTHROPIC_API_KEY is set in {home.path / '.claude' / 'settings.json'}" in told.stderr
    assert "sk-ant-mine" not in told.output
    assert "ANTHROPIC_API_KEY" in home.run("claude-code", "--write", "--key-env", "MY_KEY", language="zh").stderr


def test_a_second_change_keeps_the_first_copy(home: Home) -> None:
    home.put(".claude/settings.json", '{"a": 1}')
    home.wrote("claude-code")
    home.wrote("claude-code", "--small-model", "m/small")
    files = home.files()
    assert files[".claude/settings.json.before-faregate"] == '{"a": 1}'
    assert SECRET in files[".claude/settings.json.before-faregate.2"]


CODEX = """# mine
model = "gpt-5" # the good one
approval_policy = "never"

[model_providers.other]
base_url = "https://other/v1"

[model_providers.faregate]
base_url = "https://old/v1"
request_max_retries = 4

[mcp_servers.files]
command = "npx"
"""


def test_codex_keeps_comments_tables_and_settings_of_its_own(home: Home) -> None:
    home.put(".codex/config.toml", CODEX)
    home.wrote("codex")
    text = home.files()[".codex/config.toml"]
    read = tomllib.loads(text)
    assert (read["model"], read["model_provider"], read["approval_policy"]) == ("m/one", "faregate", "never")
    assert read["model_providers"]["faregate"] == {
        "name": "Faregate",
        "base_url": BASE + "/v1",
        "env_key": "FAREGATE_API_KEY",
        "wire_api": "responses",
        "request_max_retries": 4,
    }
    assert read["mcp_servers"] == {"files": {"command": "npx"}}
    assert "# mine" in text
    assert SECRET not in text
    assert SECRET in home.files()[".config/faregate/codex.sh"]


def test_continue_keeps_its_other_models_and_comments(home: Home) -> None:
    home.put(
        ".continue/config.yaml",
        "name: Mine\nversion: 0.0.1\nschema: v1\nmodels:\n"
        "- name: Local   # at home\n  provider: ollama\n  model: q\n"
        "- name: Faregate\n  provider: openai\n  model: old\n"
        "rules:\n  - be brief\n",
    )
    home.wrote("continue")
    text = home.files()[".continue/config.yaml"]
    read = yaml.safe_load(text)
    assert (read["name"], read["rules"]) == ("Mine", ["be brief"])
    assert [(each["name"], each["model"]) for each in read["models"]] == [("Local", "q"), ("Faregate", "m/one")]
    assert "# at home" in text


def test_aider_goose_and_gemini_keep_the_lines_that_are_not_named(home: Home) -> None:
    home.put(".aider.conf.yml", "# taste\ndark-mode: true\nmodel: sonnet\n")
    home.put(".config/goose/config.yaml", "GOOSE_MODE: auto\nextensions:\n  developer:\n    enabled: true\n")
    home.put(".gemini/.env", "OTHER=1\nexport GEMINI_API_KEY=old\n")
    for tool in ("aider", "goose", "gemini-cli"):
        home.wrote(tool)
    files = home.files()
    assert files[".aider.conf.yml"].startswith('# taste\ndark-mode: true\nmodel: "openai/m/one"\n')
    goose = yaml.safe_load(files[".config/goose/config.yaml"])
    assert (goose["GOOSE_MODE"], goose["GOOSE_MODEL"]) == ("auto", "m/one")
    assert goose["extensions"] == {"developer": {"enabled": True}}
    assert files[".gemini/.env"].splitlines()[:2] == ["OTHER=1", f"GEMINI_API_KEY={SECRET}"]


def test_lists_of_models_keep_the_models_of_others(home: Home) -> None:
    kept = {"id": "q", "name": "q", "envKey": "Q"}
    home.put(".qwen/settings.json", json.dumps({"modelProviders": {"openai": [kept]}, "env": {"Q": "1"}}))
    home.wrote("qwen-code")
    settings = home.json(".qwen/settings.json")
    assert [each["id"] for each in settings["modelProviders"]["openai"]] == ["q", "m/one"]
    assert settings["env"] == {"Q": "1", "FAREGATE_API_KEY": SECRET}


@pytest.mark.parametrize(
    ("tool", "file", "text"),
    [
        ("zed", ".config/zed/settings.json", '{\n  // large\n  "font_size": 20\n}\n'),
        ("opencode", ".config/opencode/opencode.json", '{"model": "x",}'),
        ("claude-code", ".claude/settings.json", "not json"),
        ("crush", ".config/crush/crush.json", "[1]"),
        ("codex", ".codex/config.toml", "model = \n"),
        ("continue", ".continue/config.yaml", "models: [{name: A, provider: b, model: c}]\nname: x\n"),
        ("aider", ".aider.conf.yml", "- a list\n"),
    ],
)
def test_a_file_that_would_lose_something_is_left_alone_and_so_are_the_others(
    home: Home, tool: str, file: str, text: str
) -> None:
    home.put(file, text)
    result = home.write(tool)
    assert result.exit_code == 2
    assert result.stderr.startswith("error[setup_unmendable]")
    assert home.files() == {file: text}


def test_a_link_to_a_file_stays_a_link(home: Home) -> None:
    real = home.put("dotfiles/settings.json", "{}")
    (home.path / ".claude").mkdir()
    (home.path / ".claude/settings.json").symlink_to(real)
    home.wrote("claude-code")
    assert (home.path / ".claude/settings.json").is_symlink()
    assert SECRET in real.read_text(encoding="utf-8")


def test_the_key_comes_from_a_pipe_as_well(home: Home) -> None:
    words = ["setup", "sdk", "--base-url", BASE, "--write", "--key-stdin"]
    result = CliRunner().invoke(main, words, input=SECRET + "\n", env=CLEAN | {"HOME": str(home.path)})
    assert result.exit_code == 0, result.stderr
    assert f"OPENAI_API_KEY={SECRET}" in home.files()[".config/faregate/sdk.sh"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["cursr", "--model", "m"], "unknown_tool"),
        (["codex"], "setup_needs_model"),
        (["codex", "--model", "m", "--api", "chat"], "setup_api"),
        (["claude-code", "--base-url", "gate.example.com"], "setup_base_url"),
        (["claude-code", "--base-url", "https://gate/?x=1"], "setup_base_url"),
        (["claude-code", "--write", "--key-env", "NO_SUCH"], "setup_no_key"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_cannot_be_meant_is_said(home: Home, words: list[str], code: str, language: str) -> None:
    result = home.run(*words, language=language)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith((f"error[{code}]: ", f"错误[{code}]："))
    assert home.files() == {}


@pytest.mark.parametrize("key", ["a key", 'a"key', "schlüssel", "a\x07b"])
def test_what_cannot_be_a_key_is_not_written(home: Home, key: str) -> None:
    words = ["sdk", "--write", "--key-env", "MY_KEY"]
    assert home.run(*words, key=key).stderr.startswith("error[setup_no_key]")
    assert home.files() == {}

"""The ``mcp`` section: what it says is checked at the start, and its secrets are read from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faregate.mcp.secrets import HIDDEN, Secret
from faregate.mcp.settings import read_mcp
from faregate.mcp.settings_error import McpSettingsError

SERVER = {"name": "docs", "url": "https://docs.example/mcp"}


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ([], "Expected `object`"),
        ({"web_serch": {}}, "unknown field `web_serch`"),
        ({"web_search": {}}, "missing required field `form`"),
        ({"web_search": {"form": "google"}}, "Invalid enum value 'google'"),
        ({"web_search": {"form": "brave"}}, "web_search.key_env: this service needs a key"),
        ({"web_search": {"form": "brave", "key_env": "NOT_SET"}}, "NOT_SET is not set in the environment"),
        ({"web_search": {"form": "brave", "key_env": "KEY", "key_file": "x"}}, "both given; keep one"),
        ({"web_search": {"form": "brave", "key_file": "/no/such/file"}}, "No such file"),
        ({"web_search": {"form": "brave", "key_env": "TWO_LINES"}}, "holds a line break"),
        ({"web_search": {"form": "json"}}, "needs the address of a search service"),
        ({"web_search": {"form": "json", "url": "searx.example"}}, "is no http:// or https:// URL"),
        ({"web_search": {"form": "json", "url": "https://x.example", "fields": {"link": "a"}}}, "'link' is none of"),
        ({"web_read": {"largest_megabytes": 0}}, "Expected `int` >= 1"),
        ({"web_read": {"user_agent": "a\nb"}}, "web_read.user_agent: must be one line"),
        ({"vision": {}}, "missing required field `model`"),
        ({"vision": {"model": ""}}, "vision.model: names no model"),
        ({"egress": {"networks": ["10.0.0.0/33"]}}, "egress.networks:"),
        ({"egress": {"ports": [0]}}, "Expected `int` >= 1"),
        ({"origins": ["app.example"]}, "'app.example' is no origin"),
        ({"origins": ["https://app.example/path"]}, "is no origin"),
        ({"servers": [{"name": "docs"}]}, "missing required field `url`"),
        ({"servers": [SERVER, SERVER]}, "servers.docs: two servers have this name"),
        ({"servers": [SERVER | {"name": "Docs"}]}, "servers.Docs.name: a name has"),
        ({"servers": [SERVER | {"name": "vision"}]}, "not that of a tool of the gate"),
        ({"servers": [SERVER | {"name": "a__b"}]}, "servers.a__b.name"),
        ({"servers": [SERVER | {"headers": {"Host": "x"}}]}, "'Host' cannot be set"),
        ({"servers": [SERVER | {"headers": {"X": "a\r\nb"}}]}, "'X' cannot be set"),
        ({"servers": [SERVER | {"key_env": "NOT_SET"}]}, "servers.docs.key_env: NOT_SET is not set"),
    ],
)
def test_a_section_that_cannot_be_used_says_where_and_why(section: object, problem: str) -> None:
    with pytest.raises(McpSettingsError) as wrong:
        read_mcp(section, {"KEY": "secret", "TWO_LINES": "a\nb"})
    assert problem in str(wrong.value)


def test_secrets_come_from_the_environment_or_from_files_and_print_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n")
    section: dict[str, Any] = {
        "web_search": {"form": "brave", "key_env": "KEY"},
        "servers": [SERVER | {"key_file": str(tmp_path / "key")}],
    }
    settings = read_mcp(section, {"KEY": " from-environment "})
    assert settings.web_search is not None
    assert settings.web_search.secret.value == "from-environment"
    assert settings.servers[0].secret.value == "from-file"
    assert "from-" not in repr(settings)
    assert read_mcp(section, {"KEY": "from-environment"}) == settings
    assert read_mcp(section, {"KEY": "another"}) != settings


def test_a_secret_is_taken_out_of_whatever_is_told() -> None:
    told = {"a": ["x s3cret y", {"s3cret": 1}], "b": None, "c": 2}
    assert Secret("s3cret").hide_in(told) == {"a": [f"x {HIDDEN} y", {HIDDEN: 1}], "b": None, "c": 2}
    assert Secret().hide_in(told) == told


def test_an_empty_section_serves_no_tools_and_reaches_the_public_internet_alone() -> None:
    settings = read_mcp({}, {})
    assert (settings.web_search, settings.web_read, settings.vision, settings.servers) == (None, None, None, ())
    assert (settings.egress.ports, settings.egress.networks) == ((80, 443), ())

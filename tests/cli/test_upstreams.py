"""`faregate upstream list`, and what `usage` and `explain` tell operators of upstreams and their cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from faregate.cli.upstream_tables import write_costs, write_way
from tests.cli.house import Database

CONFIG = """\
upstreams:
  - {name: low, dialect: openai, base_url: "http://127.0.0.1:9/v1", models: [gpt-5]}
  - {name: high, dialect: anthropic, base_url: "http://127.0.0.1:9/v1", models: ["claude-*"], priority: 3, cost: 0.7}
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "faregate.yaml"
    path.write_text(CONFIG)
    return str(path)


def test_upstreams_are_listed_in_the_order_they_are_asked(database: Database, config: str) -> None:
    listed = database.did("upstream", "list", "--config", config)["upstreams"]
    assert [each["name"] for each in listed] == ["high", "low"]
    told = database.told("upstream", "list", "--config", config)
    assert told.index("high") < told.index("low")
    assert "7/10 of list" in told
    assert "GET /api/v1/upstreams" in told
    assert "官方价 × 7/10" in database.told("upstream", "list", "--config", config, language="zh")


def test_a_mistake_in_the_configuration_is_told(database: Database, config: str) -> None:
    Path(config).write_text(CONFIG.replace("priority: 3", "priority: high"))
    result = database.run("upstream", "list", "--config", config)
    assert (result.exit_code, "upstream high" in result.stderr) == (2, True)


def test_a_configuration_without_upstreams_says_so(database: Database, config: str) -> None:
    Path(config).write_text("port: 0\n")
    assert "no upstreams" in database.told("upstream", "list", "--config", config)


def test_the_way_and_the_cost_of_a_request_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    cost = {"upstream": "b", "currency": "USD", "cost": "0.7", "list_value": "1", "margin": "0.3"}
    tried = [
        {"upstream": "a", "key": "K1", "fault": "status_429"},
        {"upstream": "c", "key": "", "fault": "peer_closed"},
    ]
    write_way({"key": "K2", "tried": tried, "cost": {**cost, "rate_card": "m@2026-01-01", "share": "7/10"}})
    write_costs([cost])
    told = capsys.readouterr().out
    for words in (
        "a with key K1, status_429",
        "c, peer_closed",
        "key K2",
        "0.7 USD, 7/10 of m@2026-01-01",
        "0.3 USD",
    ):
        assert words in told

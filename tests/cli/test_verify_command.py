"""`faregate verify`: exit code 0 and a trial balance, or 1 and a list; it writes nothing."""

from __future__ import annotations

import json
from decimal import Decimal

import apsw
import pytest

from faregate.bootstrap.house import open_house
from tests.cli.house import Database


@pytest.fixture
def used(database: Database) -> Database:
    account = database.did("account", "show", "acme")["id"]
    database.meter(account)
    database.meter(account, close="release")
    database.meter(account, close=None)
    return database


def test_clean_books(used: Database) -> None:
    before = used.path.read_bytes()
    report = used.did("verify")
    assert set(report) == {
        "clean",
        "accounts",
        "entries",
        "usage_rows",
        "open_holds",
        "trial_balance",
        "findings",
    }
    assert (report["clean"], report["accounts"], report["usage_rows"], report["open_holds"]) == (True, 1, 1, 1)
    units: dict[str, Decimal] = {}
    for row in report["trial_balance"]:
        units[row["unit"]] = units.get(row["unit"], Decimal(0)) + Decimal(row["amount"])
    assert set(units.values()) == {0}
    assert "clean" in used.told("verify")
    assert "一致" in used.told("verify", language="zh")
    assert used.path.read_bytes() == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_differs_is_listed_and_the_exit_code_is_1(used: Database, language: str) -> None:
    connection = apsw.Connection(str(used.path))
    connection.execute("UPDATE rollups SET output = output + 1")
    connection.close()
    result = used.run("verify", language=language)
    assert result.exit_code == 1
    assert "rollup" in result.stdout
    assert "hourly sum" in result.stdout
    answer = used.run("verify", "--json")
    assert answer.exit_code == 1
    report = json.loads(answer.stdout)
    assert report["clean"] is False
    assert [set(finding) for finding in report["findings"]] == [{"code", "where", "detail"}]
    assert report["findings"][0]["code"] == "rollup"


def test_it_works_beside_an_open_house(used: Database) -> None:
    house = open_house(used.url)
    assert used.did("verify")["clean"]
    house.store.close()

"""`faregate compare --journal`: what accounts of a gate used, by its books, against plans."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.core.usage import Usage
from tests.cli.house import MODEL, Database


@pytest.fixture
def used(database: Database) -> Database:
    """``acme`` made two requests and one that failed; ``other`` made one."""
    acme = str(database.did("account", "show", "acme")["id"])
    database.did("account", "create", "other")
    database.did("subscribe", "other", "88code/free")
    other = str(database.did("account", "show", "other")["id"])
    database.meter(acme, usage=Usage(input=1_000, output=10, prompts=1))
    database.meter(acme, usage=Usage(input=2_000, output=20))
    database.meter(acme, "release")
    database.meter(other, usage=Usage(input=4_000, output=40))
    return database


def _usage(database: Database, *words: str) -> Any:
    return database.did("compare", *words, "--plans", "cursor/pro", "--currency", "USD", "--zone", "UTC")["usage"]


def test_what_an_account_used_is_compared(used: Database) -> None:
    usage = _usage(used, "--journal", "acme")
    assert (usage["requests"], usage["prompts"], usage["name"], usage["files"]) == (2, 1, "acme", 0)
    assert usage["models"][0]["model"] == MODEL
    told = used.told("compare", "--journal", "acme", "--plans", "cursor/pro", "--currency", "USD")
    assert "from acme" in told


def test_several_accounts_or_all_are_compared_together(used: Database) -> None:
    assert _usage(used, "--journal", "acme", "--journal", "other", "--journal", "acme")["requests"] == 3
    assert _usage(used, "--journal", "*")["requests"] == 3


def test_what_cannot_be_compared_is_said(used: Database, database: Database) -> None:
    for words, code in (
        (("--journal", "nobody"), "not_found"),
        (("--journal", "acme", "--mix", "standard"), "bad_usage"),
        (("--journal", "acme", "--logs", "use.csv"), "bad_usage"),
    ):
        result = used.run("compare", *words)
        assert result.exit_code == 2
        assert f"[{code}]" in result.stderr
    database.did("account", "create", "idle")
    assert "[empty_usage]" in database.run("compare", "--journal", "idle").stderr


def test_no_database_is_made_to_read_one(empty: Database) -> None:
    assert "[no_database]" in empty.run("compare", "--journal", "acme").stderr
    assert not empty.path.exists()

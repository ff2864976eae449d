"""`faregate copy` and `faregate migrate`, and other commands on the copy: PostgreSQL is a URL like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.house import Database
from tests.postgresql.server import shared_server


@pytest.fixture
def target() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


def test_books_are_copied_and_go_on_where_they_were(empty: Database, target: str) -> None:
    account = empty.did("account", "create", "acme")["id"]
    empty.did("subscribe", "acme", "agipower/pro")
    empty.meter(account)
    copied = empty.did("copy", "--from", empty.url, "--to", target)
    assert copied["accounts"] == 1
    before, after = (empty.did("account", "show", account, "--db", url) for url in (empty.url, target))
    assert after["subscriptions"] == before["subscriptions"]
    assert empty.did("usage", account, "--db", target) == empty.did("usage", account)
    empty.did("subscribe", account, "88code/free", "--db", target)
    report = empty.did("verify", "--db", target)
    assert report["clean"]
    assert report["entries"] == copied["entries"] + 1
    assert "both sides verify clean" not in empty.run("copy", "--from", empty.url, "--to", target).stdout


def test_books_are_copied_to_an_empty_database_only_and_from_sqlite_only(empty: Database, target: str) -> None:
    empty.did("account", "create", "acme")
    empty.did("copy", "--from", empty.url, "--to", target)
    again = empty.run("copy", "--from", empty.url, "--to", target)
    assert (again.exit_code, again.stderr.partition("]")[0]) == (2, "error[store_not_empty")
    back = empty.run("copy", "--from", target, "--to", empty.url, language="zh")
    assert (back.exit_code, back.stderr.partition("]")[0]) == (2, "错误[unknown_database")


def test_a_database_is_brought_to_the_newest_schema(empty: Database, target: str) -> None:
    assert empty.did("migrate", "--db", target) == {"migrated": True}
    assert "newest" in empty.told("migrate", "--db", target)
    assert empty.did("verify", "--db", target)["entries"] == 0

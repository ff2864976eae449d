"""A database with an account, and plans and prices that are read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.house import Database, family, prices


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A place where no database is yet."""
    monkeypatch.setattr("faregate.bootstrap.house.load_shipped", prices)
    monkeypatch.setattr("faregate.bootstrap.house.load_family", family)
    monkeypatch.setattr("faregate.app.publishing.load_family", family)
    return Database(tmp_path / "faregate.db")


@pytest.fixture
def database(empty: Database) -> Database:
    """One with the account ``acme`` on 88code/free and agipower/pro."""
    empty.did("account", "create", "acme")
    empty.did("subscribe", "acme", "88code/free")
    empty.did("subscribe", "acme", "agipower/pro")
    return empty

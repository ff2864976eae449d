"""The engines under the API: a test module that imports ``either_database`` as ``database`` runs on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql.server import shared_server


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that holds nothing."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/books.db"
        return
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)

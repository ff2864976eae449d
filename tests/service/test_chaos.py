"""Workers and PostgreSQL itself die at random under load: the books are whole, and nobody's request is forgotten.

A small round; ``python -m bench.chaos`` runs the full size.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from tests.postgresql.server import PostgresqlServer
from tests.service.chaos import Chaos, open_accounts, reckoned
from tests.service.conftest import Upstream
from tests.service.served import PLANS, Place

WORKERS = 4
ACCOUNTS = 40
SECONDS = 5.0


def test_every_request_that_was_let_in_is_settled_or_reported_whoever_died(
    tmp_path: Path, upstream: Upstream
) -> None:
    server = PostgresqlServer()
    try:
        server.start()
        url = server.new_database()
        accounts = asyncio.run(open_accounts(url, ACCOUNTS, ("gates/kept", "gates/charged"), [PLANS]))
        place = Place(tmp_path, upstream.url, database=url, workers=WORKERS, worker_lease_seconds=1)
        place.database = url
        chaos = Chaos(accounts, random.Random(1), clients=8, pause_seconds=(0.3, 1.0), database_share=0.3)
        with place.serving() as served:
            asyncio.run(chaos.run(served, server, SECONDS))
            found = reckoned(url, lambda: served.said)
            assert served.end() == 0
        found.reported |= reckoned(url, lambda: served.said).reported
        assert chaos.killed["worker"]
        assert chaos.killed["PostgreSQL"]
        assert {answer.status for answer in chaos.seen} <= {0, 200, 503}
        assert len(chaos.whole) == len(set(chaos.whole)) > 0
        assert found.closed_otherwise_than_once == set()
        assert set(chaos.whole) <= found.admitted
        assert found.missing(chaos.whole) == set()
        report = place.verify()
        assert report["open_holds"] == 0
        assert report["usage_rows"] == len(found.settled)
    finally:
        server.remove()

"""The primary dies for good and its standby is promoted, under load: nothing is lost, nothing doubled, by itself."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from tests.postgresql.server import PostgresqlServer
from tests.service.asking import Answer
from tests.service.chaos import open_accounts, reckoned, said, said_many
from tests.service.conftest import Upstream
from tests.service.served import PLANS, Place


def test_when_the_standby_is_promoted_the_service_goes_on_there(tmp_path: Path, upstream: Upstream) -> None:
    primary, standby = PostgresqlServer(), PostgresqlServer()
    try:
        primary.start()
        url = primary.new_database()
        [account] = asyncio.run(open_accounts(url, 1, ("gates/kept",), [PLANS]))
        standby.follow(primary)
        standby.start()
        primary.wait_for_standby()
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        both = re.sub(r"127\.0\.0\.1:\d+", hosts, url) + "?target_session_attrs=read-write"
        place = Place(tmp_path, upstream.url, database=both, workers=2, worker_lease_seconds=2)
        place.database = both
        with place.serving() as served:
            seen = asyncio.run(said_many(served.port, account, 10))

            async def ask_while_it_dies() -> list[Answer]:
                asked = [asyncio.create_task(said(served.port, account, number)) for number in range(30)]
                await asyncio.to_thread(primary.kill)
                await asyncio.to_thread(standby.promote)
                return await asyncio.gather(*asked)

            seen += asyncio.run(ask_while_it_dies())
            assert {answer.status for answer in seen} <= {200, 503}
            until = time.monotonic() + 60
            while asyncio.run(said(served.port, account, 0)).status != 200:
                assert time.monotonic() < until, "it does not come back"
            found = reckoned(both, lambda: served.said)
            whole = [answer.request for answer in seen if answer.whole and answer.status == 200]
            assert len(whole) >= 10
            assert found.missing(whole) == set()
            assert found.closed_otherwise_than_once == set()
            assert served.end() == 0
        assert place.verify()["open_holds"] == 0
    finally:
        standby.remove()
        primary.remove()

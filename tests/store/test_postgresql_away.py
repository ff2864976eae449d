"""A database that is cut off, slow, or gone: what was accepted is there once, what failed is told in good time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from faregate.app.catalogue_port import Receipt
from faregate.app.store_errors import StoreUnreachable
from faregate.app.store_port import ACCEPTED, Append, Conflict
from faregate.core.entry import Entry
from faregate.store.postgresql.store import PostgresqlStore
from tests.postgresql.proxy import Proxy
from tests.postgresql.server import shared_server
from tests.store.lines import grant, grants, hold, served


@pytest.fixture
def url() -> Iterator[str]:
    url = shared_server().empty_database()
    yield url
    shared_server().give_back(url)


@pytest.fixture
def proxy(url: str) -> Iterator[Proxy]:
    with Proxy(shared_server().port) as proxy:
        yield proxy


@pytest.fixture
def store(url: str, proxy: Proxy) -> Iterator[PostgresqlStore]:
    through = re.sub(r":\d+/", f":{proxy.port}/", url)
    store = PostgresqlStore.open(through, answer_seconds=0.3, wait_seconds=5)
    store.append(grants("acc_a", 1, 2))
    store.append(grants("acc_b", 1, 1))
    yield store
    store.close()


def seqs(store: PostgresqlStore, account: str) -> list[int]:
    return [entry.seq for entry in store.entries(account)]


def test_a_batch_whose_answer_was_lost_is_in_once_and_accepted(store: PostgresqlStore, proxy: Proxy) -> None:
    receipt = Receipt("request:acc_a", "key", b"hash", b"answer", at=1)
    batch = [Append(hold("acc_a", 3, "req_1").entry, receipt, once=True), grant("acc_b", 2), grant("acc_c", 1)]
    store.append([grant("acc_c", 1)])
    batch[2] = grant("acc_c", 2)
    proxy.swallow.set()
    assert store.append(batch) == [ACCEPTED] * 3
    assert (seqs(store, "acc_a"), seqs(store, "acc_b"), seqs(store, "acc_c")) == ([1, 2, 3], [1, 2], [1, 2])
    assert store.receipt("request:acc_a", "key") == receipt
    assert store.append([grant("acc_a", 4)]) == [ACCEPTED]
    assert all(isinstance(line, Entry) for line in store.audit())


def test_of_a_batch_whose_answer_was_lost_what_was_refused_stays_refused(
    url: str, store: PostgresqlStore, proxy: Proxy
) -> None:
    other = PostgresqlStore.open(url)
    other.append([grant("acc_a", 3)])
    other.close()
    proxy.swallow.set()
    assert store.append([grant("acc_a", 3, amount=7), grant("acc_b", 2)]) == [Conflict("acc_a", 3, head=3), ACCEPTED]


def test_a_connection_that_broke_while_it_was_idle_is_made_anew(store: PostgresqlStore, proxy: Proxy) -> None:
    proxy.cut()
    assert store.append([grant("acc_a", 3)]) == [ACCEPTED]
    assert seqs(store, "acc_a") == [1, 2, 3]


def test_a_database_that_stands_still_is_an_error_in_good_time_and_is_found_again(url: str, proxy: Proxy) -> None:
    through = re.sub(r":\d+/", f":{proxy.port}/", url)
    store = PostgresqlStore.open(through, answer_seconds=0.3, wait_seconds=0)
    store.append(served("acc_a", 1, "req_1"))
    proxy.stall()
    with pytest.raises(StoreUnreachable):
        store.append([grant("acc_a", 3)])
    proxy.go_on()
    proxy.cut()
    entry = grant("acc_a", store.load("acc_a").entries[-1].seq + 1)
    assert store.append([entry]) == [ACCEPTED]
    assert all(isinstance(line, Entry) for line in store.audit())
    store.close()


def test_a_database_that_is_away_for_longer_than_a_write_waits_is_an_error(url: str, proxy: Proxy) -> None:
    through = re.sub(r":\d+/", f":{proxy.port}/", url)
    store = PostgresqlStore.open(through, wait_seconds=0.1)
    store.append(grants("acc_a", 1, 1))
    proxy.away.set()
    proxy.cut()
    for _ in range(2):
        with pytest.raises(StoreUnreachable):
            store.append([grant("acc_a", 2)])
    proxy.away.clear()
    assert store.append([grant("acc_a", 2)]) == [ACCEPTED]
    store.close()


def test_an_account_whose_whole_journal_takes_longer_than_one_answer_may_is_loaded(
    url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    through = re.sub(r":\d+/", f":{proxy.port}/", url)
    writer = PostgresqlStore.open(url)
    writer.append(grants("acc_a", 1, 40))
    writer.close()
    store = PostgresqlStore.open(through, answer_seconds=0.3, wait_seconds=0)
    store.head("acc_a")
    monkeypatch.setattr("faregate.store.postgresql.store._LOAD_PAGE", 2)
    proxy.delay_seconds = 0.02
    assert [entry.seq for entry in store.load("acc_a").entries] == list(range(1, 41))
    store.close()


def test_of_two_hosts_the_one_that_answers_is_written_to_and_nothing_is_lost_or_doubled(
    url: str, proxy: Proxy
) -> None:
    with Proxy(shared_server().port) as other:
        hosts = f"127.0.0.1:{proxy.port},127.0.0.1:{other.port}"
        both = re.sub(r"127\.0\.0\.1:\d+", hosts, url) + "?target_session_attrs=read-write"
        store = PostgresqlStore.open(both, answer_seconds=1, wait_seconds=5)
        store.append(grants("acc_a", 1, 1))
        proxy.away.set()
        proxy.cut()
        assert store.append([grant("acc_a", 2)]) == [ACCEPTED]
        proxy.away.clear()
        other.away.set()
        other.swallow.set()
        assert store.append([grant("acc_a", 3)]) == [ACCEPTED]
        assert seqs(store, "acc_a") == [1, 2, 3]
        assert all(isinstance(line, Entry) for line in store.audit())
        store.close()

"""Reading the books: journal, usage and rollups, on every engine."""

from __future__ import annotations

import pytest

from faregate.app.store_port import Store
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Drawn, Rollup, RollupKey, UsageRow
from faregate.core.entry import Entry
from faregate.core.usage import Usage
from tests.store.engines import Place
from tests.store.lines import MODEL, START, grant, grants, served, settlement

HOUR = START // HOUR_MICROSECONDS


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 128, 200])
@pytest.mark.parametrize("after", [0, 1, 62, 63, 64, 65, 127, 199, 300])
def test_entries_come_in_order_from_anywhere_in_a_history(store: Store, length: int, after: int) -> None:
    store.append([item for seq in range(1, length + 1) for item in (grant("acc_a", seq), grant("acc_b", seq))])
    assert [entry.seq for entry in store.entries("acc_a", after)] == list(range(after + 1, length + 1))
    forwards = list(range(1, min(after, length + 1)))
    assert [entry.seq for entry in store.entries_back("acc_a", before=after)] == forwards[::-1]


def test_entries_back_start_at_the_newest(store: Store) -> None:
    store.append(grants("acc_a", 1, 150))
    assert [entry.seq for entry in store.entries_back("acc_a")] == list(range(150, 0, -1))


@pytest.mark.parametrize("seq", [1, 63, 64, 65, 150])
def test_an_entry_is_found_by_its_seq(store: Store, seq: int) -> None:
    store.append(grants("acc_a", 1, 150))
    assert store.entry("acc_a", seq) == grant("acc_a", seq).entry


@pytest.mark.parametrize(("account", "seq"), [("acc_a", 0), ("acc_a", 3), ("acc_b", 1), ("acc_a", -1)])
def test_an_entry_that_is_not_there_is_none(store: Store, account: str, seq: int) -> None:
    store.append(grants("acc_a", 1, 2))
    assert store.entry(account, seq) is None


def test_an_audit_gives_the_whole_journal_each_account_in_order(store: Store) -> None:
    batch = [grant("acc_b", 1), grant("acc_a", 1), grant("acc_b", 2)]
    store.append(batch)
    audited = list(store.audit())
    for account in ("acc_a", "acc_b"):
        written = [item.entry for item in batch if item.entry.account == account]
        assert [entry for entry in audited if entry.account == account] == written
    assert len(audited) == len(batch)


def test_a_usage_row_comes_back_whole(store: Store) -> None:
    written = served("acc_a", 1, "req_1")
    store.append(written)
    row = UsageRow(
        request="req_1",
        account="acc_a",
        key="key_1",
        at=START,
        model=MODEL,
        client="claude-code",
        upstream="anthropic",
        usage=Usage(input=10, output=2, prompts=1),
        list_value=123,
        currency="USD",
        drawn=(Drawn("pro", "month", "credit", 3), Drawn("wallet", None, "USD", 1)),
        outcome="served",
        estimated=False,
        hold_seq=1,
        settle_seq=2,
    )
    assert store.usage_row("req_1") == row
    assert store.usage_row("req_2") is None
    assert list(store.usage_rows()) == [row]


def test_usage_pages_go_back_from_the_last_settled_and_join_without_gap(store: Store) -> None:
    for number in range(7):
        store.append(served("acc_a", 2 * number + 1, f"req_{number}", at=START + number))
        store.append(served("acc_b", 2 * number + 1, f"req_b{number}"))
    first = store.usage_page("acc_a", limit=3)
    second = store.usage_page("acc_a", before=first[-1].request, limit=3)
    third = store.usage_page("acc_a", before=second[-1].request, limit=3)
    assert [row.request for row in first + second + third] == [f"req_{n}" for n in range(6, -1, -1)]


def test_a_usage_page_ends_where_the_asked_time_begins(store: Store) -> None:
    for number in range(4):
        store.append(served("acc_a", 2 * number + 1, f"req_{number}", at=START + number))
    assert [row.request for row in store.usage_page("acc_a", since=START + 2)] == ["req_3", "req_2"]


def test_a_usage_page_never_shows_another_accounts_rows(store: Store) -> None:
    store.append(served("acc_a", 1, "req_1") + served("acc_a", 3, "req_2"))
    assert store.usage_page("acc_b", before="req_2") == []
    assert store.usage_page("acc_c") == []


def test_a_rollup_sums_the_rows_of_its_hour_account_and_model(store: Store) -> None:
    later = START + HOUR_MICROSECONDS
    store.append(
        [
            *served("acc_a", 1, "req_1"),
            *served("acc_a", 3, "req_2", at=later - 1),
            *served("acc_a", 5, "req_3", at=later),
            grant("acc_a", 7),
            settlement("acc_a", 8, "req_4", model="openai/gpt-5", currency="CNY"),
            *served("acc_b", 1, "req_5"),
        ]
    )
    sums = Rollup(
        Usage(input=20, output=4, requests=2, prompts=2),
        list_values={"USD": 246},
        drawn={("pro", "credit"): 6, ("wallet", "USD"): 2},
    )
    found = dict(store.rollups())
    assert list(found) == [
        RollupKey(HOUR, "acc_a", MODEL),
        RollupKey(HOUR, "acc_a", "openai/gpt-5"),
        RollupKey(HOUR, "acc_b", MODEL),
        RollupKey(HOUR + 1, "acc_a", MODEL),
    ]
    assert found[RollupKey(HOUR, "acc_a", MODEL)] == sums
    assert found[RollupKey(HOUR, "acc_a", "openai/gpt-5")].list_values == {"CNY": 123}


def test_rollups_over_many_batches_are_the_sum_over_all_usage_rows(store: Store) -> None:
    for number in range(20):
        account = f"acc_{number % 3}"
        seq = store.head(account) + 1
        store.append(served(account, seq, f"req_{number:02}", at=START + number * HOUR_MICROSECONDS // 4))
    sums: dict[RollupKey, Rollup] = {}
    for row in store.usage_rows():
        key = RollupKey(row.at // HOUR_MICROSECONDS, row.account, row.model)
        sums.setdefault(key, Rollup()).add(row)
    assert dict(store.rollups()) == sums


def test_rollups_of_an_account_are_those_of_the_hours_asked_for(store: Store) -> None:
    for number in range(5):
        at = START + number * HOUR_MICROSECONDS
        store.append(served("acc_a", 2 * number + 1, f"req_{number}", at))
        store.append(served("acc_b", 2 * number + 1, f"req_b{number}", at))
    found = store.rollups_of("acc_a", HOUR + 1, HOUR + 3)
    assert [key for key, _ in found] == [RollupKey(HOUR + n, "acc_a", MODEL) for n in (1, 2, 3)]
    assert len(store.rollups_of("acc_a", 0, 10**9)) == 5
    assert store.rollups_of("acc_a", HOUR + 9, HOUR + 2) == []


def test_a_view_stands_still_while_the_books_go_on(store: Store) -> None:
    store.append(served("acc_a", 1, "req_1"))
    with store.view() as books:
        store.append(served("acc_a", 3, "req_2"))
        assert len(list(books.audit())) == 2
        assert [row.request for row in books.usage_rows()] == ["req_1"]
        assert [head.seq for head in books.heads()] == [2]
    assert len([line for line in store.audit() if isinstance(line, Entry)]) == 4


def test_another_process_reads_what_was_appended(place: Place) -> None:
    one, other = place.open(), place.open()
    one.append(served("acc_a", 1, "req_1"))
    assert [row.request for row in other.usage_page("acc_a")] == ["req_1"]
    one.append(served("acc_a", 3, "req_2"))
    assert [row.request for row in other.usage_page("acc_a")] == ["req_2", "req_1"]

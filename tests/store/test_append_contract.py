"""The atomic conditional append, and what a store promises around it, on every engine."""

from __future__ import annotations

from fractions import Fraction

import pytest

from faregate.app.catalogue_port import Receipt
from faregate.app.store_errors import BadRow
from faregate.app.store_port import ACCEPTED, Append, Conflict, Snapshot, Store, Taken
from faregate.core.entry import Entry
from tests.store.engines import Place
from tests.store.lines import grant, grants, hold, served, settlement


def seqs(store: Store, account: str) -> list[int]:
    return [entry.seq for entry in store.entries(account)]


def test_the_next_entry_of_an_account_goes_in(store: Store) -> None:
    assert store.append([grant("acc_a", 1)]) == [ACCEPTED]
    assert store.append([grant("acc_a", 2)]) == [ACCEPTED]
    assert store.load("acc_a").entries == [grant("acc_a", 1).entry, grant("acc_a", 2).entry]


def test_an_empty_batch_changes_nothing(store: Store) -> None:
    assert store.append([]) == []
    assert list(store.heads()) == []


@pytest.mark.parametrize("seq", [0, 1, 2, 4])
def test_an_entry_that_is_not_the_next_one_is_refused_and_leaves_nothing(store: Store, seq: int) -> None:
    store.append(grants("acc_a", 1, 2))
    assert store.append([grant("acc_a", seq)]) == [Conflict("acc_a", seq, head=2)]
    assert seqs(store, "acc_a") == [1, 2]


def test_a_batch_holds_many_accounts_and_several_entries_of_one(store: Store) -> None:
    batch = [grant("acc_a", 1), grant("acc_b", 1), grant("acc_a", 2), grant("acc_a", 3), grant("acc_b", 2)]
    assert store.append(batch) == [ACCEPTED] * 5
    assert (seqs(store, "acc_a"), seqs(store, "acc_b")) == ([1, 2, 3], [1, 2])


def test_a_refusal_refuses_the_rest_of_its_account_and_nobody_else(store: Store) -> None:
    batch = [grant("acc_a", 1), grant("acc_b", 1), grant("acc_a", 3), grant("acc_a", 2), grant("acc_b", 2)]
    refused = [Conflict("acc_a", 3, head=1), Conflict("acc_a", 2, head=1)]
    assert store.append(batch) == [ACCEPTED, ACCEPTED, *refused, ACCEPTED]
    assert (seqs(store, "acc_a"), seqs(store, "acc_b")) == ([1], [1, 2])


def test_of_two_writers_the_later_is_refused_and_then_goes_on_from_the_others_head(place: Place) -> None:
    one, other = place.open(), place.open()
    assert one.append(grants("acc_a", 1, 2)) == [ACCEPTED] * 2
    assert other.append([grant("acc_a", 1), grant("acc_b", 1)]) == [Conflict("acc_a", 1, head=2), ACCEPTED]
    assert other.append([grant("acc_a", 3)]) == [ACCEPTED]
    assert one.append([grant("acc_a", 3)]) == [Conflict("acc_a", 3, head=3)]
    assert one.append([grant("acc_a", 4), grant("acc_b", 2)]) == [ACCEPTED] * 2
    assert [fault for fault in one.audit() if not isinstance(fault, Entry)] == []


def test_two_writers_in_turn_lose_nothing_of_a_rollup(place: Place) -> None:
    one, other = place.open(), place.open()
    for number, writer in enumerate([one, other, one, other, other, one]):
        writer.append(served("acc_a", 2 * number + 1, f"req_{number}"))
    [(_, rollup)] = list(one.rollups())
    assert rollup.usage.requests == 6
    assert rollup.usage.input == 60


def test_the_head_is_the_seq_of_the_last_entry(place: Place) -> None:
    one, other = place.open(), place.open()
    assert one.head("acc_a") == 0
    other.append(grants("acc_a", 1, 3))
    assert one.head("acc_a") == 3


def test_an_entry_that_cannot_be_encoded_is_an_error_and_leaves_nothing_of_its_batch(store: Store) -> None:
    bad = Append(Entry("acc_a", 1, 0, "grant", "k", [], [], {"share": Fraction(1, 3)}))
    with pytest.raises(BadRow):
        store.append([grant("acc_b", 1), bad])
    assert list(store.heads()) == []


def test_an_integer_beyond_64_bits_in_a_projection_is_an_error_and_leaves_nothing(store: Store) -> None:
    store.append([hold("acc_a", 1, "req_1")])
    good = settlement("acc_a", 2, "req_1")
    usage = good.entry.data["usage"]._replace(output=2**63)
    bad = Append(good.entry._replace(data={**good.entry.data, "usage": usage}))
    with pytest.raises(BadRow):
        store.append([grant("acc_b", 1), bad])
    assert [head.account for head in store.heads()] == ["acc_a"]
    assert store.append([good]) == [ACCEPTED]
    [(_, rollup)] = list(store.rollups())
    assert rollup.list_values == {"USD": 123}


def test_what_comes_back_is_what_went_in_to_the_last_digit(store: Store) -> None:
    data = {"n": 2**63 - 1, "text": '价格 \u0000 \\ "', "none": None, "yes": True, "list": [1, "a", {"b": []}]}
    entry = Entry("acc_a", 1, 2**52, "grant", "ключ", [("x", "USD", -(2**63))], [("5h", 1, 2**63 - 1)], data)
    store.append([Append(entry)])
    [back] = store.entries("acc_a")
    assert back == entry


def test_a_store_opened_again_goes_on_where_it_was(place: Place) -> None:
    first = place.open()
    first.append(served("acc_a", 1, "req_1"))
    first.flush()
    first.close()
    second = place.open()
    assert second.append([grant("acc_a", 3)]) == [ACCEPTED]
    assert second.append(served("acc_a", 4, "req_2")) == [ACCEPTED] * 2
    assert [row.request for row in second.usage_page("acc_a")] == ["req_2", "req_1"]
    assert [fault for fault in second.audit() if not isinstance(fault, Entry)] == []


def test_accounts_with_open_holds_are_those_with_more_holds_than_ends(store: Store) -> None:
    store.append([hold("acc_a", 1, "req_1"), *served("acc_b", 1, "req_2"), hold("acc_c", 1, "req_3")])
    assert store.accounts_with_open_holds() == ["acc_a", "acc_c"]
    store.append([settlement("acc_a", 2, "req_1")])
    assert store.accounts_with_open_holds() == ["acc_c"]
    assert [(head.account, head.open_holds) for head in store.heads()] == [("acc_a", 0), ("acc_b", 0), ("acc_c", 1)]


def test_holds_that_were_folded_and_holds_since_are_counted_together(place: Place) -> None:
    first = place.open()
    first.append([hold("acc_a", 1, "req_1"), hold("acc_b", 1, "req_2"), *served("acc_c", 1, "req_3")])
    first.close()
    store = place.open()
    store.append([settlement("acc_a", 2, "req_1"), hold("acc_b", 2, "req_4")])
    assert store.accounts_with_open_holds() == ["acc_b"]
    assert [head.open_holds for head in store.heads()] == [0, 2, 0]


def test_a_receipt_goes_in_with_its_entry_and_not_with_a_refused_one(store: Store) -> None:
    receipt = Receipt("acc_a", "key-1", b"hash", b"answer", at=1)
    late = receipt._replace(key="key-2")
    store.append([grant("acc_a", 1)._replace(receipt=receipt), grant("acc_a", 1)._replace(receipt=late)])
    assert store.receipt("acc_a", "key-1") == receipt
    assert store.receipt("acc_a", "key-2") is None
    store.append([grant("acc_a", 2)._replace(receipt=receipt._replace(response=b"other"))])
    assert store.receipt("acc_a", "key-1") == receipt


def test_an_entry_whose_receipt_may_be_kept_once_only_stays_out_when_the_receipt_is_there(place: Place) -> None:
    one, other = place.open(), place.open()
    receipt = Receipt("request:acc_a", "key-1", b"hash", b"answer", at=1)
    late = receipt._replace(response=b"other")
    assert one.append([Append(grant("acc_a", 1).entry, receipt, once=True)]) == [ACCEPTED]
    batch = [Append(grant("acc_a", 2).entry, late, once=True), grant("acc_a", 3), grant("acc_b", 1)]
    for store in (other, one):
        outcomes = store.append(batch)
        assert outcomes[:2] == [Taken("acc_a", 2, receipt), Conflict("acc_a", 3, head=1)]
    assert other.receipt("request:acc_a", "key-1") == receipt
    assert seqs(other, "acc_a") == [1]
    assert other.append([Append(grant("acc_a", 2).entry, receipt._replace(key="key-2"), once=True)]) == [ACCEPTED]


def test_of_two_in_one_batch_that_use_a_receipt_for_the_first_time_one_goes_in(store: Store) -> None:
    receipt = Receipt("request:acc_a", "key-1", b"hash", b"answer", at=1)
    batch = [Append(grant("acc_a", seq).entry, receipt._replace(at=seq), once=True) for seq in (1, 2)]
    first, second = store.append(batch)
    assert first == ACCEPTED
    assert second != ACCEPTED
    assert seqs(store, "acc_a") == [1]


def test_a_snapshot_shortens_what_is_loaded(store: Store) -> None:
    store.append(grants("acc_a", 1, 5))
    store.save_snapshots([Snapshot("acc_a", 3, b"state")])
    loaded = store.load("acc_a")
    assert loaded.snapshot == Snapshot("acc_a", 3, b"state")
    assert [entry.seq for entry in loaded.entries] == [4, 5]


def test_without_snapshots_an_account_is_loaded_from_its_first_entry(store: Store) -> None:
    store.append(grants("acc_a", 1, 5))
    store.save_snapshots([Snapshot("acc_a", 5, b"state")])
    store.drop_snapshots()
    loaded = store.load("acc_a")
    assert loaded.snapshot is None
    assert [entry.seq for entry in loaded.entries] == [1, 2, 3, 4, 5]


def test_an_older_snapshot_and_one_ahead_of_the_journal_are_not_kept(store: Store) -> None:
    store.append(grants("acc_a", 1, 5))
    store.save_snapshots([Snapshot("acc_a", 4, b"four"), Snapshot("acc_a", 2, b"two")])
    store.save_snapshots([Snapshot("acc_a", 6, b"six"), Snapshot("acc_b", 1, b"nobody")])
    assert list(store.snapshots()) == [Snapshot("acc_a", 4, b"four")]


def test_an_account_without_entries_loads_empty(store: Store) -> None:
    loaded = store.load("acc_a")
    assert (loaded.snapshot, loaded.entries) == (None, [])


def test_writes_of_another_process_are_noticed_and_ones_own_are_not(place: Place) -> None:
    one, other = place.open(), place.open()
    before = one.outside_writes()
    one.append([grant("acc_a", 1)])
    assert one.outside_writes() == before
    other.put_setting("greeting", "hello")
    assert one.outside_writes() != before

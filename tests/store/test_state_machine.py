"""The store against a model in memory: any order of appends, conflicts, folds, snapshots, keys and reopenings.

Two handles work on one place, as two processes would. The model is a list of entries an account and little else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from faregate.app.book_keeping import usage_row
from faregate.app.catalogue_port import ApiKey, Receipt
from faregate.app.store_port import ACCEPTED, Append, Conflict, Head, Loaded, Snapshot, Store, Taken
from faregate.app.usage_rollup import HOUR_MICROSECONDS, Rollup, RollupKey, rollup_key
from faregate.core.entry import Entry
from faregate.store.copying import copy_books
from faregate.store.encoding import decode_entry, encode_entry
from faregate.store.postgresql.store import PostgresqlStore
from faregate.store.sqlite.store import SqliteStore
from tests.postgresql.server import shared_server
from tests.store.engines import Place, PostgresqlPlace, SqlitePlace
from tests.store.lines import START, grant, hold, settlement

ACCOUNTS = ("acc_a", "acc_b", "acc_c")
HANDLES = st.integers(0, 1)
ACCOUNT = st.sampled_from(ACCOUNTS)
KINDS = st.sampled_from(["grant", "hold", "settle", "settle"])


class Machine(RuleBasedStateMachine):
    """Books on two handles, and what they ought to hold."""

    make: Callable[[Path], Place]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="faregate-machine-")
        self.place = type(self).make(Path(self.folder.name))
        self.handles: list[Store] = [self.place.open(), self.place.open()]
        self.journal: dict[str, list[Entry]] = {account: [] for account in ACCOUNTS}
        self.holds: dict[str, list[str]] = {account: [] for account in ACCOUNTS}
        self.kept: dict[str, Snapshot] = {}
        self.receipts: dict[tuple[str, str], Receipt] = {}
        self.keys: dict[str, ApiKey] = {}
        self.seen_keys: list[tuple[int, dict[str, ApiKey]]] = [(0, {}), (0, {})]
        self.requests = 0

    # ---- what is appended

    def next_of(self, account: str, kind: str, later: int, written: list[Append]) -> Append:
        """An entry that fits behind the journal and what is ``written`` of the account in this batch."""
        mine = [item.entry for item in written if item.entry.account == account]
        seq = len(self.journal[account]) + len(mine) + 1
        if kind == "settle":
            closed = {entry.data["request"] for entry in mine if entry.kind == "settle"}
            left = [request for request in self.holds[account] if request not in closed]
            if left:
                return settlement(account, seq, left[0], START + later * HOUR_MICROSECONDS)
        if kind == "hold":
            self.requests += 1
            return hold(account, seq, f"req_{self.requests:06}")
        return grant(account, seq)

    def took(self, entry: Entry) -> None:
        self.journal[entry.account].append(decode_entry(encode_entry(entry)))  # as it is read: data is JSON
        if entry.kind == "hold":
            self.holds[entry.account].append(entry.data["request"])
        if entry.kind == "settle":
            self.holds[entry.account].remove(entry.data["request"])

    @rule(handle=HANDLES, wanted=st.lists(st.tuples(ACCOUNT, KINDS, st.integers(0, 3)), min_size=1, max_size=6))
    def append(self, handle: int, wanted: list[tuple[str, str, int]]) -> None:
        batch: list[Append] = []
        for account, kind, later in wanted:
            batch.append(self.next_of(account, kind, later, batch))
        assert self.handles[handle].append(batch) == [ACCEPTED] * len(batch)
        for item in batch:
            self.took(item.entry)

    @rule(handle=HANDLES, account=ACCOUNT, other=ACCOUNT, off=st.sampled_from([-2, -1, 1, 2]))
    def append_out_of_turn(self, handle: int, account: str, other: str, off: int) -> None:
        """Of one account nothing goes in; the other's entry does."""
        head = len(self.journal[account])
        wrong = head + 1 + off
        if wrong < 1:
            return
        batch = [grant(account, wrong), grant(account, wrong + 1)]
        outcomes: list[Any] = [Conflict(account, wrong, head), Conflict(account, wrong + 1, head)]
        if other != account:
            batch.insert(1, grant(other, len(self.journal[other]) + 1))
            outcomes.insert(1, ACCEPTED)
        assert self.handles[handle].append(batch) == outcomes
        if other != account:
            self.took(batch[1].entry)

    @rule(handle=HANDLES, account=ACCOUNT, key=st.sampled_from(["k1", "k2", "k3"]))
    def append_once(self, handle: int, account: str, key: str) -> None:
        scope, seq = f"request:{account}", len(self.journal[account]) + 1
        receipt = Receipt(scope, key, b"hash", f"answer {seq}".encode(), at=seq)
        [outcome] = self.handles[handle].append([Append(grant(account, seq).entry, receipt, once=True)])
        first = self.receipts.get((scope, key))
        if first is not None:
            assert outcome == Taken(account, seq, first)
            return
        assert outcome == ACCEPTED
        self.receipts[scope, key] = receipt
        self.took(grant(account, seq).entry)

    # ---- what changes nothing that is told

    @rule(handle=HANDLES)
    def flush(self, handle: int) -> None:
        self.handles[handle].flush()

    @rule(handle=HANDLES)
    def fold(self, handle: int) -> None:
        store = self.handles[handle]
        if isinstance(store, PostgresqlStore):
            store.fold_all()
        elif isinstance(store, SqliteStore):
            store._folding.fold()

    @rule(handle=HANDLES)
    def reopen(self, handle: int) -> None:
        self.handles[handle].close()
        self.handles[handle] = self.place.open()

    # ---- snapshots and keys

    @rule(handle=HANDLES, account=ACCOUNT, back=st.integers(-1, 3), blob=st.binary(max_size=3))
    def snapshot(self, handle: int, account: str, back: int, blob: bytes) -> None:
        head = len(self.journal[account])
        made = Snapshot(account, head - back, blob)
        self.handles[handle].save_snapshots([made])
        before = self.kept.get(account)
        if 0 < made.seq <= head and (before is None or before.seq <= made.seq):
            self.kept[account] = made

    @rule(handle=HANDLES)
    def drop_snapshots(self, handle: int) -> None:
        self.handles[handle].drop_snapshots()
        self.kept.clear()

    @rule(handle=HANDLES, account=ACCOUNT)
    def add_key(self, handle: int, account: str) -> None:
        number = len(self.keys)
        key = ApiKey(f"key_{number}", account, "laptop", "fg-", f"hash {number}".encode(), created_at=number)
        assert self.handles[handle].add_key(key)
        assert not self.handles[handle].add_key(key)
        self.keys[key.id] = key

    @rule(handle=HANDLES, number=st.integers(0, 5), at=st.integers(1, 9))
    def revoke_key(self, handle: int, number: int, at: int) -> None:
        key = self.keys.get(f"key_{number}")
        assert self.handles[handle].revoke_key(f"key_{number}", at) == (key is not None and key.revoked_at is None)
        if key is not None and key.revoked_at is None:
            self.keys[key.id] = key._replace(revoked_at=at)

    @rule(handle=HANDLES)
    def follow_keys(self, handle: int) -> None:
        """A worker that takes in what changed, again and again, knows all keys as they are."""
        revision, known = self.seen_keys[handle]
        while True:
            revision, changed = self.handles[handle].keys_changed(revision)
            known |= {key.id: key for key in changed}
            if not changed:
                break
        self.seen_keys[handle] = (revision, known)
        assert known == self.keys

    @rule(handle=HANDLES, value=st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=5))
    def setting(self, handle: int, value: str) -> None:
        one, other = self.handles[handle], self.handles[1 - handle]
        news = other.setting("greeting") != value  # what is the same again may wake nobody
        before = other.outside_writes()
        one.put_setting("greeting", value)
        assert other.setting("greeting") == value
        assert other.outside_writes() != before or not news

    # ---- what is told

    @rule(handle=HANDLES, account=ACCOUNT)
    def load(self, handle: int, account: str) -> None:
        kept = self.kept.get(account)
        after = kept.seq if kept is not None else 0
        assert self.handles[handle].load(account) == Loaded(kept, self.journal[account][after:])

    @rule(handle=HANDLES, account=ACCOUNT)
    def usage_page(self, handle: int, account: str) -> None:
        settled = [entry.data["request"] for entry in self.journal[account] if entry.kind == "settle"]
        page = self.handles[handle].usage_page(account, limit=3)
        assert [row.request for row in page] == settled[::-1][:3]

    @rule(handle=HANDLES)
    def everything(self, handle: int) -> None:
        check(self.handles[handle], self)

    @invariant()
    def heads(self) -> None:
        account = ACCOUNTS[self.requests % len(ACCOUNTS)]
        assert {store.head(account) for store in self.handles} == {len(self.journal[account])}

    def teardown(self) -> None:
        try:
            for store in self.handles:
                check(store, self)
            self.at_the_end()
        finally:
            self.place.close()
            self.folder.cleanup()

    def at_the_end(self) -> None:
        """What else is to be seen of the books when all is done."""


def check(store: Store, model: Machine) -> None:
    """All that ``store`` tells of its books is what the model says."""
    entries = [entry for account in ACCOUNTS for entry in model.journal[account]]
    for account in ACCOUNTS:
        assert list(store.entries(account)) == model.journal[account]
        assert list(store.entries_back(account)) == model.journal[account][::-1]
    assert sorted(store.audit(), key=lambda line: line[:2]) == entries, "a fault, or an entry too many or too few"
    assert list(store.heads()) == [
        Head(account, len(model.journal[account]), len(model.holds[account]))
        for account in ACCOUNTS
        if model.journal[account]
    ]
    assert store.accounts_with_open_holds() == [account for account in ACCOUNTS if model.holds[account]]
    rows = sorted((usage_row(entry) for entry in entries if entry.kind == "settle"), key=lambda row: row.request)
    assert list(store.usage_rows()) == rows
    sums: dict[RollupKey, Rollup] = {}
    for row in rows:
        sums.setdefault(rollup_key(row), Rollup()).add(row)
    assert dict(store.rollups()) == sums
    assert {each.account: each for each in store.snapshots()} == model.kept
    for receipt in model.receipts.values():
        assert store.receipt(receipt.scope, receipt.key) == receipt


class SqliteMachine(Machine):
    make = staticmethod(lambda folder: SqlitePlace(folder, fold_after=3))


class PostgresqlMachine(Machine):
    make = staticmethod(lambda _folder: PostgresqlPlace(fold_after=3))


class CopiedMachine(SqliteMachine):
    """At the end the books are copied to PostgreSQL, and are the same there."""

    def at_the_end(self) -> None:
        for store in self.handles:
            store.close()
        assert isinstance(self.place, SqlitePlace)
        url = shared_server().empty_database()
        try:
            copy_books(self.place.path, url, lambda _: None)
            copied = PostgresqlStore.open(url)
            check(copied, self)
            assert {key.id: key for key in copied.keys_changed(0)[1]} == self.keys
            copied.close()
        finally:
            shared_server().give_back(url)


def run(machine: type[Machine], examples: int) -> None:
    """More of them where hypothesis is told to explore; a failure on a server is not shrunk: that takes minutes."""
    exploring = settings.get_profile(settings.get_current_profile_name()).max_examples > 100
    chosen = settings(max_examples=10 * examples if exploring else examples, stateful_step_count=25)
    if machine is not SqliteMachine:
        chosen = settings(chosen, phases=(Phase.generate,))
    run_state_machine_as_test(machine, settings=chosen)


def test_sqlite_is_as_the_model() -> None:
    run(SqliteMachine, 40)


def test_postgresql_is_as_the_model() -> None:
    run(PostgresqlMachine, 8)


def test_what_is_copied_to_postgresql_is_as_the_model() -> None:
    run(CopiedMachine, 4)

"""Verification: drop to the journal, rebuild everything, compare.

Owns the comparison of every projection (usage rows, hourly sums, open holds, snapshots) with what the journal says,
and the check that all postings sum to zero, entry by entry and over all books. Writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from faregate.app.book_keeping import usage_row
from faregate.app.state_snapshot import encode_snapshot
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Books, JournalFault, Snapshot
from faregate.app.usage_rollup import CallerSums, Rollup, RollupKey, UsageRow, caller_key, rollup_key
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.errors import CoreError
from faregate.core.evolve import Plans, evolve

PAGE = 500


class Finding(NamedTuple):
    """Something that differs. ``code`` is stable; ``where`` names the account and entry or row."""

    code: str
    where: str
    detail: str


@dataclass(slots=True)
class Report:
    """What a verification saw. ``balances``: (ledger kind, unit) -> sum over all books, for the trial balance."""

    accounts: int = 0
    entries: int = 0
    usage_rows: int = 0
    open_holds: int = 0
    findings: list[Finding] = field(default_factory=list)
    balances: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    @property
    def clean(self) -> bool:
        return not self.findings


class Verification:
    """One pass over the books. Memory: the states of all accounts and their hourly sums."""

    def __init__(self, books: Books, plans: Plans) -> None:
        self._books = books
        self._plans = plans
        self._states: dict[str, AccountState] = {}
        self._broken: set[str] = set()
        self._rollups: dict[RollupKey, Rollup] = {}
        self._lots: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._snapshots: dict[str, Snapshot] = {}
        self._callers: dict[str, CallerSums] = {}
        self._callers_kept: dict[str, CallerSums] = {}
        self._usage_found = 0
        self._usage_of: dict[str, int] = defaultdict(int)
        self.report = Report()

    def run(self, progress: Callable[[int], None] | None = None) -> Report:
        """Verify; ``progress`` is told the number of entries seen, now and then."""
        self._snapshots = {each.account: each for each in self._books.snapshots()}
        for item in self._books.audit():
            if isinstance(item, JournalFault):
                self._fault(item)
            else:
                self._entry(item)
            if progress is not None and self.report.entries % 1000 == 0:
                progress(self.report.entries)
        self._compare_usage_rows()
        self._compare_rollups()
        self._compare_callers()
        self._compare_heads()
        self._compare_balances()
        for account, snapshot in self._snapshots.items():
            if account in self._broken:
                continue
            self._find("snapshot_ahead", account, f"a snapshot of entry {snapshot.seq}, which the journal lacks")
        self.report.accounts = len(self._states)
        self.report.open_holds = sum(len(state.holds) for state in self._states.values())
        for (kind, unit), amount in self._trial_balance().items():
            if amount:
                self._find("trial_balance", unit, f"{kind} postings sum to {amount}, not to zero")
        return self.report

    def _find(self, code: str, where: str, detail: str) -> None:
        self.report.findings.append(Finding(code, where, detail))

    def _fault(self, fault: JournalFault) -> None:
        self._broken.add(fault.account)
        self._find("journal_" + fault.code, f"{fault.account} entry {fault.seq}", fault.detail)

    def _entry(self, entry: Entry) -> None:
        self.report.entries += 1
        where = f"{entry.account} entry {entry.seq}"
        sums: dict[str, int] = defaultdict(int)
        lots = self._lots[entry.account]
        for ledger, unit, amount in entry.postings:
            sums[unit] += amount
            self.report.balances[ledger.partition(":")[0], unit] += amount
            lots[ledger] += amount
        for unit, amount in sums.items():
            if amount:
                self._find("postings", where, f"postings in {unit} sum to {amount}, not to zero")
        if entry.account in self._broken:
            return
        state = self._states.setdefault(entry.account, AccountState(entry.account))
        try:
            evolve(state, entry, self._plans)
        except (CoreError, KeyError, TypeError, ValueError, IndexError) as problem:
            self._broken.add(entry.account)
            self._find("unreadable", where, f"the entry cannot follow its journal: {problem!r}")
            return
        snapshot = self._snapshots.get(entry.account)
        if snapshot is not None and snapshot.seq == entry.seq:
            del self._snapshots[entry.account]
            if snapshot.blob != encode_snapshot(state):
                self._find("snapshot", where, "the snapshot differs from the state rebuilt from the journal")
        if entry.kind == "settle":
            row = usage_row(entry)
            self._usage(row)
            if entry.seq <= self._kept_callers(entry.account).through:
                self._callers[entry.account].sums.setdefault(caller_key(row), Rollup()).add(row)

    def _usage(self, expected: UsageRow) -> None:
        self.report.usage_rows += 1
        self._rollups.setdefault(rollup_key(expected), Rollup()).add(expected)
        self._usage_of[expected.account] += 1
        try:
            found = self._books.usage_row(expected.request)
        except (StoreError, ValueError, TypeError) as problem:
            self._usage_found += 1
            self._find("usage_unreadable", expected.request, f"the usage row cannot be read: {problem}")
            return
        self._usage_found += found is not None
        if found is None:
            self._find("usage_missing", expected.request, "settled in the journal, but has no usage row")
        elif found != expected:
            names = [name for name in expected._fields if getattr(found, name) != getattr(expected, name)]
            self._find("usage", expected.request, f"the usage row differs from the journal in: {', '.join(names)}")

    def _compare_usage_rows(self) -> None:
        try:
            for account, count in self._usage_of.items():
                self._compare_usage_pages(account, count)
            if sum(1 for _ in self._books.usage_rows()) == self._usage_found:
                return
            for row in self._books.usage_rows():
                if row.account not in self._broken and not self._is_settled(row):
                    self._find("usage_extra", row.request, "a usage row without a settlement in the journal")
        except (StoreError, ValueError, TypeError) as problem:
            if not any(finding.code == "usage_unreadable" for finding in self.report.findings):
                self._find("usage_unreadable", "usage rows", f"they cannot be read: {problem}")

    def _is_settled(self, row: UsageRow) -> bool:
        entry = self._books.entry(row.account, row.settle_seq)
        return entry is not None and entry.kind == "settle" and bool(entry.data.get("request") == row.request)

    def _compare_usage_pages(self, account: str, count: int) -> None:
        """Page by page, newest first, the same number of rows comes."""
        seen, before = 0, None
        while page := self._books.usage_page(account, before, PAGE):
            seen, before = seen + len(page), page[-1].request
            if len(page) < PAGE or seen > count:
                break
        if seen != count and account not in self._broken:
            self._find("usage_pages", account, f"its pages of usage show {seen} of {count} rows")

    def _compare_rollups(self) -> None:
        expected = dict(self._rollups)
        try:
            for key, found in self._books.rollups():
                if key.account not in self._broken:
                    self._compare_rollup(key, found, expected.pop(key, None))
        except (StoreError, ValueError, TypeError) as problem:
            self._find("rollup_unreadable", "hourly sums", f"they cannot be read: {problem}")
            return
        for key in expected:
            if key.account not in self._broken:
                where = f"{key.account} {key.model} hour {key.hour}"
                self._find("rollup_missing", where, "settlements without an hourly sum")

    def _compare_rollup(self, key: RollupKey, found: Rollup, rebuilt: Rollup | None) -> None:
        where = f"{key.account} {key.model} hour {key.hour}"
        if rebuilt is None:
            self._find("rollup_extra", where, "an hourly sum without settlements")
        elif rebuilt != found:
            self._find("rollup", where, "the hourly sum differs from the settlements of that hour")

    def _kept_callers(self, account: str) -> CallerSums:
        if account not in self._callers_kept:
            kept = CallerSums(0, {})
            try:
                kept = self._books.caller_sums(account, 0)
            except (StoreError, ValueError, TypeError) as problem:
                self._find("caller_sums", account, f"sums by key and client cannot be read: {problem}")
            self._callers_kept[account], self._callers[account] = kept, CallerSums(kept.through, {})
        return self._callers_kept[account]

    def _compare_callers(self) -> None:
        for account, kept in self._callers_kept.items():
            if account not in self._broken and kept != self._callers[account]:
                self._find("caller_sums", account, "sums by key and client differ from the settlements they hold")

    def _compare_heads(self) -> None:
        for head in self._books.heads():
            state = self._states.get(head.account)
            if state is None or head.account in self._broken:
                if state is None and head.account not in self._broken:
                    self._find("head", head.account, f"a head at entry {head.seq} without a journal")
                continue
            if head.seq != state.seq:
                self._find("head", head.account, f"head at entry {head.seq}, journal at {state.seq}")
            if head.open_holds != len(state.holds):
                self._find(
                    "open_holds", head.account, f"{head.open_holds} counted, {len(state.holds)} in the journal"
                )

    def _compare_balances(self) -> None:
        """Every balance in the rebuilt states is the sum of its ledger account's postings."""
        for account, state in self._states.items():
            if account in self._broken:
                continue
            for name, held, posted in _balances(state, self._lots[account]):
                if held != posted:
                    self._find("balance", f"{account} {name}", f"state {held}, postings {posted}")

    def _trial_balance(self) -> dict[tuple[str, str], int]:
        totals: dict[tuple[str, str], int] = defaultdict(int)
        for (_, unit), amount in self.report.balances.items():
            totals["all", unit] += amount
        return totals


def _balances(state: AccountState, posted: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    for subscription in state.subscriptions.values():
        for pool in subscription.pools.values():
            for lot in pool.lots:
                yield lot.ledger, lot.balance, posted.get(lot.ledger, 0)
            held, debt = "held:" + pool.key, "debt:" + pool.key
            yield held, pool.held, posted.get(held, 0)
            yield debt, -pool.owed, posted.get(debt, 0)

"""A journal that was changed behind the program's back is found out by an audit."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from faregate.app.store_errors import StoreCorrupt
from faregate.app.store_port import JournalFault
from faregate.store.sqlite.store import SqliteStore
from tests.store.lines import grants


def audit_after(path: Path, *statements: str) -> set[tuple[str, int, str]]:
    """(account, seq, code) of every fault after ``statements`` were run on a journal of two accounts."""
    store = SqliteStore.open(path)
    for first in (1, 6):
        store.append(grants("acc_a", first, first + 4) + grants("acc_b", first, first + 4))
    store.close()
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER journal_is_append_only")
    for statement in statements:
        connection.execute(statement)
        assert connection.changes() == 1, "the statement was to change one row"
    connection.close()
    store = SqliteStore.open(path)
    faults = {(line.account, line.seq, line.code) for line in store.audit() if isinstance(line, JournalFault)}
    store.close()
    return faults


BODY = "CAST(replace(CAST(body AS TEXT), '\"USD\",5', '\"USD\",9') AS BLOB)"

TAMPERING: list[tuple[str, list[str], set[tuple[str, int, str]]]] = [
    ("nothing", [], set()),
    (
        "an amount is changed",
        [f"UPDATE journal SET body = {BODY} WHERE account = 'acc_a' AND seq = 4"],
        {("acc_a", 4, "changed")},
    ),
    (
        "a body is cut",
        ["UPDATE journal SET body = substr(body, 1, 20) WHERE account = 'acc_a' AND seq = 4"],
        {("acc_a", 4, "changed"), ("acc_a", 4, "undecodable")},
    ),
    (
        "an entry is taken out",
        ["DELETE FROM journal WHERE account = 'acc_b' AND seq = 3"],
        {("acc_b", 4, "gap"), ("acc_b", 4, "unlinked"), ("acc_b", 4, "changed")},
    ),
    (
        "the last entry is taken out",
        ["DELETE FROM journal WHERE account = 'acc_b' AND seq = 10"],
        {("acc_b", 9, "head")},
    ),
    (
        "a head is taken out",
        ["DELETE FROM heads WHERE account = 'acc_b'"],
        {("acc_b", 10, "head")},
    ),
    (
        "a head is moved",
        ["UPDATE heads SET seq = 11 WHERE account = 'acc_b'"],
        {("acc_b", 10, "head")},
    ),
    (
        "a link is changed",
        ["UPDATE journal SET prev = 1 WHERE account = 'acc_b' AND seq = 7"],
        {("acc_b", 7, "unlinked")},
    ),
    (
        "an entry is given to another account",
        ["UPDATE journal SET account = 'acc_c' WHERE account = 'acc_b' AND seq = 10"],
        {
            ("acc_c", 10, "gap"),
            ("acc_c", 10, "unlinked"),
            ("acc_c", 10, "changed"),
            ("acc_c", 10, "misplaced"),
            ("acc_c", 10, "head"),
            ("acc_b", 9, "head"),
        },
    ),
]


@pytest.mark.parametrize(("what", "statements", "faults"), TAMPERING, ids=[row[0] for row in TAMPERING])
def test_an_audit_finds(tmp_path: Path, what: str, statements: list[str], faults: set[tuple[str, int, str]]) -> None:
    assert audit_after(tmp_path / "books.db", *statements) == faults, what


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal WHERE seq = 3",
        "UPDATE journal SET body = x'5b' WHERE seq = 3",
        "UPDATE journal SET prev = 3 WHERE seq = 3",
        "UPDATE heads SET seq = 4",
    ],
)
def test_a_damaged_history_is_an_error_when_it_is_loaded_never_a_shorter_one(tmp_path: Path, statement: str) -> None:
    store = SqliteStore.open(tmp_path / "books.db")
    store.append(grants("acc_a", 1, 5))
    store.close()
    connection = apsw.Connection(str(tmp_path / "books.db"))
    connection.execute("DROP TRIGGER journal_is_append_only")
    connection.execute(statement)
    connection.close()
    store = SqliteStore.open(tmp_path / "books.db")
    with pytest.raises(StoreCorrupt):
        store.load("acc_a")
    store.close()

"""Bad input to the commands on a database: one clear line, a stable code, exit code 2, and the books untouched."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest

from faregate.store.sqlite.store import SqliteStore
from tests.cli.house import Database

FREE = ("--plan", "88code/free")

BAD: list[tuple[tuple[str, ...], str, str]] = [
    (("account", "create", ""), "bad_command", "name"),
    (("account", "create", "x", "--idempotency-key", ""), "bad_usage", "1 to 200"),
    (("account", "create", "x", "--idempotency-key", "k" * 201), "bad_usage", "1 to 200"),
    (("account", "show", "nobody"), "not_found", "no account 'nobody'"),
    (("account", "show", "acc_00000000"), "not_found", "acc_00000000"),
    (("account", "show", "twin"), "bad_command", "give one of their ids"),
    (("account", "list", "--limit", "0"), "bad_usage", "--limit"),
    (("account", "grant", "nobody", "1"), "not_found", "nobody"),
    (("account", "grant", "acme"), "bad_usage", "AMOUNT is missing"),
    (("account", "grant", "acme", "0", *FREE), "bad_command", "more than zero"),
    (("account", "grant", "acme", *FREE, "--", "-5"), "bad_command", "-5 is not"),
    (("account", "grant", "acme", "ten", *FREE), "bad_amount", "'ten'"),
    (("account", "grant", "acme", "1e400000000", *FREE), "bad_amount", "1e400000000"),
    (("account", "grant", "acme", "nan", *FREE), "bad_amount", "nan"),
    (("account", "grant", "acme", "1/3", *FREE), "bad_amount", "finer"),
    (("account", "grant", "acme", "0.0000000001", *FREE), "bad_amount", "finer"),
    (("account", "grant", "acme", "99999999999", *FREE), "amount_overflow", "64-bit"),
    (("account", "grant", "acme", "1", "--plan", "88code/plus"), "unknown_subject", "88code/plus"),
    (("account", "grant", "acme", "1"), "bad_command", "several plans run"),
    (("account", "grant", "acme", "1", *FREE, "--pool", "none"), "unknown_subject", "'none'"),
    (("account", "grant", "acme", "1", "--plan", "agipower/pro"), "unknown_subject", "pool"),
    (("account", "grant", "acme", "1", *FREE, "--expires-at", "2020-01-01T00:00:00Z"), "bad_command", "expire"),
    (("account", "grant", "acme", "1", *FREE, "--expires-at", "2099-01-01"), "bad_usage", "not a time"),
    (("account", "grant", "acme", "1", *FREE, "--expires-at", "0001-01-01T00:00:00+10:00"), "bad_usage", "time"),
    (("account", "grant", "acme", "1", *FREE, "--priority", "high"), "bad_usage", "--priority"),
    (("account", "grant", "acme", "1", *FREE, "--priority", "1001"), "bad_usage", "--priority"),
    (("subscribe", "acme", "88code/pls"), "unknown_plan", "Did you mean '88code/plus'?"),
    (("subscribe", "acme", "88code/plus@1999"), "unknown_plan", "1999"),
    (("subscribe", "acme", "88code/plus", "--price", "weekly"), "unknown_price", "monthly"),
    (("subscribe", "acme", "agipower/max"), "bad_command", "only one of its kind"),
    (("subscribe", "acme", "88code/paygo", "--once"), "bad_command", "no period"),
    (("account", "reset", "acme", *FREE, "--window", "none"), "unknown_subject", "'none'"),
    (("account", "restore", "acme", *FREE), "bad_command", "no restore"),
    (("account", "restore", "acme", *FREE, "--mode", "never"), "bad_usage", "--mode"),
    (("account", "cancel", "acme", "--plan", "88code/max"), "unknown_subject", "88code/max"),
    (("account", "switch", "acme", "88code/free", "off"), "bad_command", "always on"),
    (("account", "switch", "acme", "88code/free", "maybe"), "bad_usage", "maybe"),
    (("account", "segment", "acme", "vip", "--reason", "x"), "unknown_subject", "insider"),
    (("account", "segment", "acme", "insider"), "bad_usage", "--reason"),
    (("account", "terms", "acme", "88code/free", "agipower/max"), "bad_command", "another family"),
    (("account", "terms", "acme", "88code/free", "none/none"), "unknown_plan", "none/none"),
    (("multiplier", "set", "88code/free", "0"), "bad_command", "more than zero"),
    (("multiplier", "set", "88code/free", "fast"), "bad_amount", "fast"),
    (("multiplier", "set", "88code/free", "2", "--from", "2020-01-01T00:00:00Z"), "bad_command", "past"),
    (("multiplier", "set", "88code/free", "2", "--name", "none"), "bad_command", "season"),
    (("multiplier", "set", "88code/plus", "2"), "bad_command", "no multiplier schedule"),
    (("multiplier", "set", "none/none", "2"), "unknown_plan", "none/none"),
    (("key", "create", "nobody"), "not_found", "nobody"),
    (("key", "list", "nobody"), "not_found", "nobody"),
    (("key", "rotate", "key_none"), "not_found", "key_none"),
    (("key", "revoke", "key_none"), "not_found", "key_none"),
    (("usage", "nobody"), "not_found", "nobody"),
    (("usage", "acme", "--days", "many"), "bad_usage", "--days"),
    (("usage", "acme", "--before", "req_none"), "not_found", "req_none"),
    (("explain", "req_none"), "not_found", "req_none"),
    (("explain", "req_1k0x2568dywrdy_vmcjz4ye"), "not_found", "req_1k0x2568dywrdy"),
]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One database for all of them: none may change it."""
    database = Database(tmp_path_factory.mktemp("books") / "faregate.db")
    database.did("account", "create", "acme")
    for _ in range(2):
        database.did("account", "create", "twin")
    database.did("subscribe", "acme", "88code/free")
    database.did("subscribe", "acme", "agipower/pro")
    return database


@pytest.mark.parametrize(("words", "code", "said"), BAD, ids=[" ".join(row[0])[:60] for row in BAD])
@pytest.mark.usefixtures("empty")
def test_bad_input_is_one_line_and_the_books_stay_as_they_were(
    standing: Database, words: tuple[str, ...], code: str, said: str
) -> None:
    before = standing.books()
    result = standing.run(*words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith(f"error[{code}]: "), result.stderr
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert standing.books() == before


@pytest.mark.parametrize(
    ("words", "code"), {row[1]: row[:2] for row in BAD}.values(), ids=dict.fromkeys(row[1] for row in BAD)
)
@pytest.mark.usefixtures("empty")
def test_bad_input_is_told_in_chinese_and_to_programs_too(
    standing: Database, words: tuple[str, ...], code: str
) -> None:
    cut = words.index("--") if "--" in words else len(words)
    result = standing.run(*words[:cut], "--json", *words[cut:], language="zh")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"错误[{code}]：")


def test_an_idempotency_key_with_other_content_is_refused(database: Database) -> None:
    key = ("--idempotency-key", "g1", *FREE)
    database.did("account", "grant", "acme", "1", *key)
    before = database.books()
    result = database.run("account", "grant", "acme", "2", *key)
    assert result.exit_code == 2
    assert result.stderr.startswith("error[idempotency_clash]")
    assert database.books() == before


READING = [
    ("account", "list"),
    ("account", "show", "acme"),
    ("account", "grant", "acme", "1"),
    ("subscribe", "acme", "88code/free"),
    ("key", "list", "acme"),
    ("usage", "acme"),
    ("explain", "req_none"),
    ("multiplier", "list"),
    ("verify",),
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_no_database_is_made_where_none_was_meant(empty: Database, words: tuple[str, ...]) -> None:
    result = empty.run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("error[no_database]")
    assert not empty.path.exists()


@pytest.mark.parametrize("words", [("account", "create", "x"), ("account", "list"), ("verify",)], ids=" ".join)
@pytest.mark.parametrize("url", ["mysql://localhost/books", "sqlite://books.db", "sqlite:///", "http://x/y"])
def test_an_unknown_url_is_told(empty: Database, words: tuple[str, ...], url: str) -> None:
    result = empty.run(*words, "--db", url)
    assert result.exit_code == 2
    assert result.stderr.startswith("error[unknown_database]")
    assert "sqlite:///FILE" in result.stderr


@pytest.mark.parametrize("words", [("account", "create", "x"), ("account", "list"), ("verify",)], ids=" ".join)
class TestAnotherFile:
    """A file that is not a database of this program's."""

    def test_that_is_no_database(self, empty: Database, words: tuple[str, ...]) -> None:
        empty.path.write_text("plans:\n" * 500, encoding="utf-8")
        result = empty.run(*words)
        assert result.exit_code == 2
        assert result.stderr.startswith("error[store_not_a_database]")
        assert empty.path.read_text(encoding="utf-8") == "plans:\n" * 500

    def test_that_is_somebody_elses(self, empty: Database, words: tuple[str, ...]) -> None:
        connection = apsw.Connection(str(empty.path))
        connection.execute("CREATE TABLE songs (name TEXT)")
        connection.close()
        before = empty.path.read_bytes()
        assert empty.run(*words).stderr.startswith("error[store_not_a_database]")
        assert empty.path.read_bytes() == before

    def test_of_a_newer_program(self, empty: Database, words: tuple[str, ...]) -> None:
        SqliteStore.open(empty.path).close()
        connection = apsw.Connection(str(empty.path))
        connection.pragma("user_version", 99)
        connection.close()
        result = empty.run(*words)
        assert result.exit_code == 2
        assert result.stderr.startswith("error[store_newer_schema]")

    def test_that_is_a_folder(self, empty: Database, words: tuple[str, ...]) -> None:
        empty.path.mkdir()
        result = empty.run(*words)
        assert result.exit_code == 2
        assert result.stderr.startswith("error[store_")


def test_a_folder_that_is_not_there(empty: Database, tmp_path: Path) -> None:
    result = empty.run("account", "create", "x", "--db", f"sqlite:///{tmp_path}/none/books.db")
    assert result.exit_code == 2
    assert result.stderr.startswith("error[store_unreachable]")


def test_a_folder_that_cannot_be_written(empty: Database) -> None:
    if os.geteuid() == 0:
        # Permissions do not bind root, but nobody makes files in /proc.
        result = empty.run("account", "create", "x", "--db", "sqlite:////proc/books.db")
    else:
        empty.path.parent.chmod(0o500)
        try:
            result = empty.run("account", "create", "x")
        finally:
            empty.path.parent.chmod(0o700)
    assert result.exit_code == 2
    assert result.stderr.startswith("error[store_")


def test_a_database_held_by_another_process_is_a_failure_and_nothing_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = SqliteStore.open
    monkeypatch.setattr(
        "faregate.bootstrap.database.SqliteStore.open", lambda path: opened(path, busy_milliseconds=20)
    )
    before = database.books()
    holder = apsw.Connection(str(database.path))
    holder.execute("BEGIN IMMEDIATE")
    try:
        result = database.run("account", "grant", "acme", "1", *FREE)
    finally:
        holder.close(True)
    assert result.exit_code == 1
    assert result.stderr.startswith("error[store_locked]")
    assert database.books() == before

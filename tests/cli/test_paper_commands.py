"""Invoices, statements and the audit log by command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.house import Database


@pytest.fixture
def paid(empty: Database) -> Database:
    """A database in which bob put 25 USD into his wallet."""
    empty.did("account", "create", "bob")
    empty.did("subscribe", "bob", "agipower/payg")
    empty.did("invoice", "seller", "Fare Ltd", "--address", "1 Fare Street", "--tax", "VAT", "--rate", "0.2")
    order = empty.did("top-up", "bob", "agipower/payg", "25", "--payer", "manual")
    empty.did("order", "confirm", "bob", order["id"], "25", "USD", "--seen", "line 4")
    return empty


def test_an_invoice_is_listed_shown_and_written_as_pdf(paid: Database, tmp_path: Path) -> None:
    number = paid.did("invoice", "list", "bob")["documents"][0]["number"]
    assert paid.did("invoice", "show", "bob", number)["tax"] == {"name": "VAT", "percent": "20", "amount": "4.17"}
    for language, word in (("en", "Net"), ("zh", "不含税金额")):
        assert word in paid.told("invoice", "show", "bob", number, language=language)
        assert number in paid.told("invoice", "list", "bob", language=language)
        file = tmp_path / f"{language}.pdf"
        paid.told("invoice", "pdf", "bob", number, "--into", str(file), language=language)
        assert file.read_bytes().startswith(b"%PDF-")


def test_a_buyer_is_named(paid: Database) -> None:
    assert "Acme buys" in paid.told("invoice", "buyer", "bob", "Acme", "--tax-number", "X1")
    number = paid.did("invoice", "list", "bob")["documents"][0]["number"]
    assert paid.did("invoice", "show", "bob", number)["buyer"]["tax_number"] == "X1"


def test_nothing_was_issued_to_who_bought_nothing(paid: Database) -> None:
    paid.did("account", "create", "eve")
    assert paid.told("invoice", "list", "eve") == "Nothing was issued.\n"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_statement_is_shown_and_written(paid: Database, tmp_path: Path, language: str) -> None:
    file = tmp_path / "s.csv"
    words = ("statement", "bob", "agipower/payg", "--csv", str(file), "--show-in", "CNY")
    assert "25" in paid.told(*words, language=language)
    assert "top_up" in file.read_text()
    pool = paid.did("statement", "bob", "agipower/payg")["pools"][0]
    assert (pool["opening"]["amount"], pool["closing"]["amount"]) == ("0", "25")


def test_a_statement_is_of_a_wallet(paid: Database) -> None:
    paid.did("subscribe", "bob", "88code/free")
    result = paid.run("statement", "bob", "88code/free")
    assert result.exit_code == 2
    assert "agipower/payg" in result.stderr


def test_what_was_done_is_in_the_audit_log_with_who_and_how_it_ended(paid: Database) -> None:
    assert paid.run("account", "grant", "bob", "-1").exit_code == 2
    assert paid.run("account", "cancel", "bob", "--plan", "no/plan").exit_code == 2
    paid.did("admin", "token")
    rows = paid.did("audit", "--limit", "3")["deeds"]
    assert [row["act"] for row in rows][:2] == ["admin token", "account cancel"]
    assert [row["outcome"] for row in rows][:2] == ["done", "unknown_subject"]
    account = paid.did("account", "list")["accounts"][0]["id"]
    mine = paid.did("audit", "--account", "bob")["deeds"]
    assert {row["subject"] for row in mine} == {account}
    assert {row["who"].partition(":")[0] for row in mine} == {"cli"}
    assert mine[-1]["act"] == "account create"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_audit_log_is_a_table_with_a_next_page(paid: Database, language: str) -> None:
    told = paid.told("audit", "--limit", "2", language=language)
    assert "order confirm" in told
    assert "--before" in told
    assert paid.told("audit", "--act", "nothing", language=language)


def test_a_note_says_why_in_the_audit_log(paid: Database) -> None:
    wallet = ("--plan", "agipower/payg", "--pool", "wallet")
    paid.did("account", "grant", "bob", "3", *wallet, "--note", "he called")
    paid.did("account", "grant", "bob", "3", *wallet, "--reason", "sorry")
    assert [row["note"] for row in paid.did("audit", "--act", "account grant")["deeds"]] == ["sorry", "he called"]
    assert "he called" in paid.told("audit")
    assert paid.run("account", "grant", "bob", "3", *wallet, "--note", "x" * 501).exit_code == 2


def test_no_secret_is_in_the_audit_log(paid: Database) -> None:
    secrets = [
        paid.did("key", "create", "bob")["secret"],
        paid.did("gift-code", "make", "glm", "5", "CNY")["code"],
        paid.did("admin", "token")["token"],
    ]
    told = json.dumps(paid.did("audit"))
    assert not [secret for secret in secrets if secret in told]

"""Invoices and credit notes: sums to the coin, one document in two languages, the same bytes each time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth

from faregate.app.invoice import Invoice, Line, Party, TaxLine, credit_note_of, invoice_of, invoice_view
from faregate.core.instants import parse_instant
from faregate.core.trade.book import Order, Refund
from faregate.documents.invoice_pdf import invoice_pdf, written_lines
from faregate.documents.invoice_words import LANGUAGES, WORDS

AT = parse_instant("2026-11-23T10:00:00Z")
YUAN = 10**9
SELLER = Party("飞闸科技有限公司", ("上海市浦东新区 1 号",), "91310000MA1FL00000")
BUYER = Party("Ann Example", ("1 Fare Street", "London"))


def an_order(**more: object) -> Order:
    facts = {
        "currency": "CNY",
        "total": 179 * YUAN,
        "outside": 139 * YUAN,
        "payer": "wechat",
        "title": "GLM Pro · 包月",
        "lines": [["price", 199 * YUAN], ["coupon:SPRING", -20 * YUAN]],
        "parts": [["wallet", "gift", "lot", 40 * YUAN, None, 0, "x"]],
        **more,
    }
    return Order("ord_1", AT, facts, "done", done_at=AT, invoice="acc_1-0001")


def an_invoice() -> Invoice:
    made = invoice_of(an_order(), SELLER, BUYER, TaxLine("增值税", Fraction(6, 100)))
    assert made is not None
    return made


def a_credit_note() -> Invoice:
    facts = {"amount": 100 * YUAN, "currency": "CNY", "payer": "wechat", "why": "refund", "order": "ord_1"}
    made = credit_note_of(Refund("ref_1", AT, facts, "succeeded", done_at=AT, note="acc_1-C0001"), an_invoice())
    assert made is not None
    return made


def test_an_invoice_says_what_was_sold_and_who_paid() -> None:
    view = invoice_view(an_invoice())
    assert (view["kind"], view["number"], view["issued_at"]) == ("invoice", "acc_1-0001", "2026-11-23T10:00:00Z")
    assert view["lines"] == [{"code": "price", "amount": "199.00"}, {"code": "coupon:SPRING", "amount": "-20.00"}]
    assert (view["net"], view["tax"], view["total"]) == (
        "168.87",
        {"name": "增值税", "percent": "6", "amount": "10.13"},
        "179.00",
    )
    assert view["paid"] == [{"by": "gift", "amount": "40.00"}, {"by": "wechat", "amount": "139.00"}]


def test_a_credit_note_names_the_invoice_that_it_corrects_and_takes_its_tax_back() -> None:
    view = invoice_view(a_credit_note())
    assert (view["kind"], view["number"], view["corrects"]) == ("credit_note", "acc_1-C0001", "acc_1-0001")
    assert (view["net"], view["tax"]["amount"], view["total"]) == ("-94.34", "-5.66", "-100.00")


def test_what_has_no_number_has_no_invoice() -> None:
    order = an_order()
    order.invoice = None
    assert invoice_of(order, SELLER, BUYER, None) is None
    facts = {"amount": 1, "currency": "CNY", "payer": "wechat", "why": "refund", "order": "ord_1"}
    assert credit_note_of(Refund("ref_1", AT, facts), an_invoice()) is None


def test_without_a_tax_line_all_is_net() -> None:
    made = invoice_of(an_order(), SELLER, BUYER, None)
    assert made is not None
    assert (made.net, made.tax_amount, invoice_view(made)["tax"]) == (made.gross, 0, None)


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=5),
    st.fractions(0, 1, max_denominator=1000),
    st.sampled_from([("USD", 10**7), ("JPY", 10**9), ("KWD", 10**6)]),
)
def test_net_and_tax_are_the_whole_to_the_coin(coins: list[int], rate: Fraction, unit: tuple[str, int]) -> None:
    currency, coin = unit
    lines = tuple(Line("price", each * coin) for each in coins)
    made = Invoice("invoice", "1", AT, SELLER, BUYER, "ord", "x", currency, lines, (), TaxLine("VAT", rate))
    assert made.net + made.tax_amount == made.gross == sum(coins) * coin
    assert made.net % coin == made.tax_amount % coin == 0
    turned = tuple(Line(each.code, -each.amount) for each in lines)
    back = Invoice("credit_note", "2", AT, SELLER, BUYER, "ord", "x", currency, turned, (), made.tax)
    assert back.tax_amount == -made.tax_amount


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", [an_invoice(), a_credit_note()], ids=lambda each: each.kind)
def test_a_pdf_is_made_in_each_language_and_is_the_same_each_time(language: str, document: Invoice) -> None:
    view = invoice_view(document)
    made = invoice_pdf(view, language)
    assert made == invoice_pdf(view, language)
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    wide = "".join(f"\\000{letter}" for letter in document.number)
    assert (document.number if language == "en" else wide).encode() in made
    assert b"/STSong-Light" in made
    assert b"FontFile" not in made, "no font is embedded"


def test_a_long_invoice_goes_on_on_another_page() -> None:
    lines = tuple(Line("price", YUAN) for _ in range(120))
    long = Invoice("invoice", "acc_1-0002", AT, SELLER, BUYER, "ord_2", "x" * 300, "CNY", lines, ())
    made = invoice_pdf(invoice_view(long), "en")
    assert made.count(b"/Type /Page\n") + made.count(b"/Type /Page ") >= 3
    assert b"Page 3" in made


@pytest.mark.parametrize("name", ["北京某某科技有限公司" * 20, "A long name of a company " * 8, "x" * 200, "公司😀"])
def test_a_name_of_any_length_stands_on_the_page_whole(name: str) -> None:
    registerFont(UnicodeCIDFont("STSong-Light"))
    font = "STSong-Light" if name[0] > "z" else "Helvetica"
    lines = written_lines(name, font, 10, 400)
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")
    assert all(stringWidth(line, font, 10) <= 400 for line in lines)
    view = invoice_view(replace(an_invoice(), buyer=Party(name, (name,))))
    for language in LANGUAGES:
        assert invoice_pdf(view, language).startswith(b"%PDF-")


def test_every_word_is_there_in_each_language() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()

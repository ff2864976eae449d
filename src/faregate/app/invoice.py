"""Invoices and credit notes: what was sold or taken back, to whom, for how much, and the tax in it.

Owns the document as plain data, its sums and its JSON. Numbers are given by the books (one row for each account,
without gaps); paper is made elsewhere. Reads no clock. Amounts are 10⁻⁹ of the currency, whole coins.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from faregate.core.amounts import NANO, decimal_text
from faregate.core.instants import render_instant
from faregate.core.trade.book import Order, Refund
from faregate.core.trade.ordering import paid_by
from faregate.core.trade.payable import coin, payable

Kind: TypeAlias = Literal["invoice", "credit_note"]


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys: a name, the lines of an address, and a tax number (empty: none)."""

    name: str
    address: tuple[str, ...] = ()
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax in every price. ``rate`` is a share of the net amount (6/100); ``name`` is what it is called (VAT).

    Prices contain it: what the customer pays is the gross amount, and never changes with the rate.
    """

    name: str
    rate: Fraction

    def of_gross(self, gross: int, currency: str) -> int:
        """The tax in ``gross``, rounded half-even to the coin; the net amount takes what is left."""
        return payable(Fraction(gross) * self.rate / (1 + self.rate), currency)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a code that readers' languages have words for (``price``, ``credit``, ``coupon:SPRING``), gross."""

    code: str
    amount: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice, or the credit note of one (``corrects`` is its number; amounts are negative then).

    ``paid`` are (who, amount): a payment provider, gift, cash, credit. ``title`` is what was sold.
    """

    kind: Kind
    number: str
    issued_at: int
    seller: Party
    buyer: Party
    order: str
    title: str
    currency: str
    lines: tuple[Line, ...]
    paid: tuple[tuple[str, int], ...]
    tax: TaxLine | None = None
    corrects: str | None = None

    @property
    def gross(self) -> int:
        """What is to be paid, or given back."""
        return sum(line.amount for line in self.lines)

    @property
    def tax_amount(self) -> int:
        """The tax in it."""
        return self.tax.of_gross(self.gross, self.currency) if self.tax is not None else 0

    @property
    def net(self) -> int:
        """What is left without the tax; with it, exactly the gross amount."""
        return self.gross - self.tax_amount


def invoice_of(order: Order, seller: Party, buyer: Party, tax: TaxLine | None) -> Invoice | None:
    """The invoice of a finished order; None where none was numbered, as nothing was to be paid."""
    if order.invoice is None or order.done_at is None:
        return None
    facts, currency = order.facts, order.currency
    by_purse = paid_by(order)
    outside = by_purse.pop("provider")
    paid = [(purse, amount) for purse, amount in by_purse.items() if amount]
    if outside:
        paid.append((str(facts["payer"]), outside))
    return Invoice(
        kind="invoice",
        number=order.invoice,
        issued_at=order.done_at,
        seller=seller,
        buyer=buyer,
        order=order.id,
        title=str(facts["title"]),
        currency=currency,
        lines=tuple(Line(str(code), int(amount)) for code, amount in facts["lines"]),
        paid=tuple(paid),
        tax=tax,
    )


def credit_note_of(refund: Refund, corrected: Invoice) -> Invoice | None:
    """The credit note of a refund that succeeded, of the invoice that it corrects; None where none was numbered."""
    if refund.note is None or refund.done_at is None:
        return None
    back = -refund.amount
    return Invoice(
        kind="credit_note",
        number=refund.note,
        issued_at=refund.done_at,
        seller=corrected.seller,
        buyer=corrected.buyer,
        order=corrected.order,
        title=corrected.title,
        currency=corrected.currency,
        lines=(Line("refund", back),),
        paid=((str(refund.facts["payer"]), back),),
        tax=corrected.tax,
        corrects=corrected.number,
    )


def invoice_view(invoice: Invoice) -> dict[str, Any]:
    """The document as JSON: amounts as decimals with all the currency's places, the rate as a percentage."""
    tax = invoice.tax

    def money(amount: int) -> str:
        return _decimal(amount, invoice.currency)

    return {
        "kind": invoice.kind,
        "number": invoice.number,
        "corrects": invoice.corrects,
        "issued_at": render_instant(invoice.issued_at),
        "seller": _party(invoice.seller),
        "buyer": _party(invoice.buyer),
        "order": invoice.order,
        "title": invoice.title,
        "currency": invoice.currency,
        "lines": [{"code": line.code, "amount": money(line.amount)} for line in invoice.lines],
        "net": money(invoice.net),
        "tax": None
        if tax is None
        else {
            "name": tax.name,
            "percent": decimal_text(tax.rate * 100),
            "amount": money(invoice.tax_amount),
        },
        "total": money(invoice.gross),
        "paid": [{"by": who, "amount": money(amount)} for who, amount in invoice.paid],
    }


def _decimal(amount: int, currency: str) -> str:
    """Whole coins as a decimal with the currency's places: ``12.50``, ``1200`` JPY."""
    count, places = abs(amount) // coin(currency), len(str(NANO // coin(currency))) - 1
    sign = "-" if amount < 0 else ""
    if not places:
        return f"{sign}{count}"
    digits = f"{count:0{places + 1}d}"
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _party(party: Party) -> dict[str, Any]:
    return {"name": party.name, "address": list(party.address), "tax_number": party.tax_number or None}

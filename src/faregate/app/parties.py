"""Who sells and who buys: the parties on invoices, and the tax in prices, dated.

Owns these records. A change holds from its moment on: what was issued before keeps the seller, the buyer and the tax
that it was issued with. The first record holds for all that came before it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from faregate.app.catalogue_port import Catalogue
from faregate.app.invoice import Party, TaxLine
from faregate.app.receipts import Write, first_answer, receipt_of
from faregate.core.amounts import decimal_text, fraction
from faregate.core.errors import BadCommand
from faregate.core.instants import render_instant

SELLER = "invoices.seller"
BUYER = "invoices.buyer."
Row = dict[str, Any]


class Parties:
    """Over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def seller(self, at: int) -> tuple[Party, TaxLine | None]:
        """The seller at ``at``, and the tax that its prices contain."""
        row = _in_force(self._rows(SELLER), at)
        if row is None:
            return Party(""), None
        tax = TaxLine(row["tax"], fraction(row["rate"])) if row["tax"] else None
        return _party(row), tax

    def buyer(self, account: str, at: int) -> Party:
        """The buyer of ``account``'s orders at ``at``; the account's name where nothing else was said."""
        row = _in_force(self._rows(BUYER + account), at)
        if row is not None:
            return _party(row)
        found = self._catalogue.account(account)
        return Party(found.name if found is not None else account)

    def set_seller(
        self, name: str, address: list[str], tax_number: str, tax: str, rate: str | None, write: Write
    ) -> Row:
        """Name the seller from now on, and the tax in its prices: what it is called and its exact rate, 0 to 1.

        Raises BadAmount for a rate that is none.
        """
        share = fraction(rate) if rate is not None else None
        if share is not None and not 0 <= share <= 1:
            raise BadCommand("tax_rate", rate=rate)
        row = {"name": name, "address": address, "tax_number": tax_number}
        row |= {"tax": tax if share else "", "rate": decimal_text(share) if share else "0"}
        return self._set(SELLER, row, write)

    def set_buyer(self, account: str, name: str, address: list[str], tax_number: str, write: Write) -> Row:
        """Name the buyer of an account's orders from now on."""
        return self._set(BUYER + account, {"name": name, "address": address, "tax_number": tax_number}, write)

    def sellers(self) -> list[Row]:
        """Every record of the seller, oldest first."""
        return [{**row, "from": render_instant(row["from"])} for row in self._rows(SELLER)]

    def _set(self, name: str, row: Row, write: Write) -> Row:
        if (answer := first_answer(self._catalogue, name, write, row)) is not None:
            return answer
        rows = [*self._rows(name), {**row, "from": write.now}]
        self._catalogue.put_setting(name, msgspec.json.encode(rows).decode())
        done = {**row, "from": render_instant(write.now)}
        self._catalogue.add_receipt(receipt_of(name, write, row, done))
        return done

    def _rows(self, name: str) -> list[Row]:
        kept = self._catalogue.setting(name)
        return list(msgspec.json.decode(kept)) if kept is not None else []


def _in_force(rows: list[Row], at: int) -> Row | None:
    begun = [row for row in rows if row["from"] <= at]
    return begun[-1] if begun else rows[0] if rows else None


def _party(row: Row) -> Party:
    return Party(row["name"], tuple(row["address"]), row["tax_number"])

"""The exchange file: monthly rates between currencies, for display and for plans that name them.

Owns that file's form. What is done with the rates stands in exchange.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from faregate.core.instants import parse_instant
from faregate.ratecards.exchange import CurrencyPair, ExchangeRates
from faregate.ratecards.maker_file import CURRENCIES
from faregate.ratecards.nodes import Reader
from faregate.ratecards.problems import choose_from
from faregate.ratecards.sources import Source, read_sources

if TYPE_CHECKING:
    from yaml import Node

DatedRates = tuple[tuple[int, Fraction], ...]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_PAIR_KEYS = ("base", "quote", "source", "note", "monthly")


def read_exchange_file(reader: Reader, text: str) -> ExchangeRates:
    """The rates of an exchange file. Problems are left in ``reader``."""
    root = reader.document(text)
    if root is None:
        return ()
    known = ("sources", "rates")
    fields = reader.fields(root, "an exchange file", known=known, needed=("rates",))
    sources = read_sources(reader, fields["sources"]) if "sources" in fields else {}
    if "rates" not in fields:
        return ()
    return tuple(_read_pair(reader, item, sources) for item in reader.items(fields["rates"], "rates"))


def _read_pair(reader: Reader, node: Node, sources: Mapping[str, Source]) -> CurrencyPair:
    needed = ("base", "quote", "source", "monthly")
    fields = reader.fields(node, "a pair of currencies", known=_PAIR_KEYS, needed=needed)
    names = [_read_currency(reader, fields, key) for key in ("base", "quote")]
    source = reader.text(fields["source"], "'source'") if "source" in fields else None
    if source is not None and source not in sources:
        mend = choose_from(source, sources) if sources else "describe it under 'sources'"
        reader.wrong(fields["source"], f"no source {source!r} in this file", mend)
    dated = _read_months(reader, fields["monthly"]) if "monthly" in fields else ()
    return CurrencyPair(names[0], names[1], dated, str(sources.get(source or "", "")))


def _read_currency(reader: Reader, fields: Mapping[str, Node], key: str) -> str:
    text = reader.text(fields[key], f"{key!r}") if key in fields else None
    if text is not None and text not in CURRENCIES:
        reader.wrong(fields[key], f"unknown currency {text!r}", choose_from(text, CURRENCIES))
    return text or ""


def _read_months(reader: Reader, node: Node) -> DatedRates:
    dated: list[tuple[int, Fraction]] = []
    for month, key_node, value_node in reader.pairs(node, "'monthly'"):
        if not _MONTH.fullmatch(month):
            reader.wrong(key_node, f"{month!r} is not a month", "write it like 2026-03")
            continue
        rate = reader.decimal(value_node, f"the rate of {month}")
        at = parse_instant(f"{month}-01T00:00:00Z")
        if dated and at <= dated[-1][0]:
            reader.wrong(key_node, f"{month} does not come after the month above", "order months")
        if rate is not None and rate == 0:
            reader.wrong(value_node, f"the rate of {month} is zero", "give a rate above zero")
        elif rate is not None:
            dated.append((at, rate))
    return tuple(dated)

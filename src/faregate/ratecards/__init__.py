"""Rate card files: from the YAML of ``faregate/prices`` (or an operator's own) to core rate cards.

Owns the file format, its errors, and the price book that is read from it. Does not know plans, stores or HTTP;
pricing a usage is core's. The format is described in ``faregate/prices/README.md``.
"""

from faregate.ratecards.behind import priced_behind, prices_behind
from faregate.ratecards.book import PriceBook
from faregate.ratecards.exchange import Conversion, CurrencyPair, DatedRate, NoRate
from faregate.ratecards.maker_file import PricedModel
from faregate.ratecards.problems import PriceFileError, Problem
from faregate.ratecards.shipped import load_files, load_shipped

__all__ = [
    "Conversion",
    "CurrencyPair",
    "DatedRate",
    "NoRate",
    "PriceBook",
    "PriceFileError",
    "PricedModel",
    "Problem",
    "load_files",
    "load_shipped",
    "priced_behind",
    "prices_behind",
]

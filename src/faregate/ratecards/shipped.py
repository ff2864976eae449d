"""Loading price files: the ones inside the package, and an operator's own on top of them.

Owns where files lie and when they are read. Nothing is read at import.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from faregate.ratecards.book import PriceBook
from faregate.ratecards.exchange import ExchangeRates
from faregate.ratecards.exchange_file import read_exchange_file
from faregate.ratecards.maker_file import PricedModel, read_maker_file
from faregate.ratecards.nodes import Reader
from faregate.ratecards.price_text import MARK
from faregate.ratecards.problems import Place, PriceFileError, Problem

EXCHANGE_FILE = "exchange.yaml"


@lru_cache(maxsize=1)
def load_shipped() -> PriceBook:
    """The price book of the files that ship with Faregate. Read once; the same value afterwards."""
    folder = files("faregate").joinpath("prices")
    shipped = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    named = [(f"prices/{file.name}", file) for file in sorted(shipped, key=lambda file: file.name)]
    return _load(named, PriceBook())


def load_files(paths: Iterable[Path], base: PriceBook | None = None) -> PriceBook:
    """The price book of ``paths`` on top of ``base`` (by default the shipped one).

    A model of a file replaces the one with its id in ``base``. A file named ``exchange.yaml`` holds exchange
    rates, any other a maker. A file that `faregate prices refresh` wrote stands behind all others: it prices what
    none of them knows. Raises PriceFileError with every problem of every file.
    """
    book = load_shipped() if base is None else base
    return _load([(str(path), path) for path in paths], book)


def _load(named: Iterable[tuple[str, Traversable]], base: PriceBook) -> PriceBook:
    models: list[PricedModel] = []
    behind: list[PricedModel] = []
    exchange: ExchangeRates = ()
    problems: list[Problem] = []
    for name, file in named:
        reader = Reader(name)
        text = _text_of(file, name, problems)
        if text is None:
            continue
        if file.name == EXCHANGE_FILE:
            exchange += read_exchange_file(reader, text)
        else:
            kept = behind if text.startswith(MARK) else models
            kept += read_maker_file(reader, text)
        problems += reader.problems
    if problems:
        raise PriceFileError(problems)
    return base.extended(models, exchange).filled(behind)


def _text_of(file: Traversable, name: str, problems: list[Problem]) -> str | None:
    place = Place(name, 1, 1)
    try:
        return file.read_text(encoding="utf-8")
    except OSError as failure:
        wrong = f"cannot be read: {failure.strerror}"
        problems.append(Problem(place, wrong, "check the path and its permissions"))
    except UnicodeDecodeError as failure:
        wrong = f"is not UTF-8 (byte {failure.start})"
        problems.append(Problem(place, wrong, "save it as UTF-8"))
    return None

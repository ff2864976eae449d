"""`faregate prices`: the price of every model, one model with its history, and the refresh from genai-prices.

Owns these commands and the reading of their options. Prices are the rate cards'; tables stand in price_tables.py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Group, Option
from faregate.cli.failures import CommandFailure
from faregate.cli.language import say
from faregate.cli.output import write_json
from faregate.cli.shelf_options import FILE

if TYPE_CHECKING:
    from faregate.ratecards import Conversion, PriceBook, PricedModel

prices = Group(name="prices", help="prices.help")

DEFAULT_INTO = Path("genai-prices.yaml")


class DayType(click.ParamType[int]):
    """A day (its midnight UTC) or an instant with a zone, as microseconds UTC."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from faregate.core.instants import parse_instant

        if isinstance(value, int):
            return value
        try:
            return parse_instant(f"{value}T00:00:00Z" if len(value) == len("2026-03-01") else value)
        except ValueError:
            self.fail(say("prices.bad_day", value=value), param, ctx)


DAY = DayType()


def _at(given: int | None) -> int:
    return given if given is not None else time.time_ns() // 1000


def _book(price_files: Sequence[Path]) -> PriceBook:
    from faregate.ratecards import load_files, load_shipped

    return load_files(price_files) if price_files else load_shipped()


def known_currency(name: str | None) -> str | None:
    """``name`` as it is written, None where none was given. Raises CommandFailure."""
    from faregate.ratecards.maker_file import CURRENCIES

    if name is None or name.upper() in CURRENCIES:
        return name.upper() if name is not None else None
    known = ", ".join(sorted(CURRENCIES))
    raise CommandFailure("unknown_currency", "prices.unknown_currency", name=name, known=known)


def _conversion(book: PriceBook, model: PricedModel, currency: str | None, at: int) -> Conversion:
    return book.conversion(model.card.currency, currency or model.card.currency, at)


def _check_makers(makers: Sequence[str], known: set[str]) -> None:
    for name in makers:
        if name not in known:
            all_known = ", ".join(sorted(known))
            raise CommandFailure("unknown_maker", "prices.unknown_maker", name=name, known=all_known)


@prices.command("list", help="prices.list.help")
@click.option("--maker", "makers", multiple=True, metavar="MAKER", help="prices.option.maker", cls=Option)
@click.option("--at", type=DAY, metavar="DAY", help="prices.option.at", cls=Option)
@click.option("--currency", metavar="CURRENCY", help="prices.option.currency", cls=Option)
@click.option("--prices", "price_files", type=FILE, multiple=True, metavar="FILE", help="option.prices", cls=Option)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def list_prices(
    makers: tuple[str, ...], at: int | None, currency: str | None, price_files: tuple[Path, ...], as_json: bool
) -> None:
    from faregate.cli.price_tables import day_of, model_data, rates_data, write_price_list, write_rates

    book, at, currency = _book(price_files), _at(at), known_currency(currency)
    _check_makers(makers, {model.maker for model in book.models.values()})
    models = [book.models[id] for id in sorted(book.models) if not makers or book.models[id].maker in makers]
    rows = [(model, _conversion(book, model, currency, at)) for model in models]
    steps = dict.fromkeys(step for _, conversion in rows for step in conversion.steps)
    if as_json:
        listed = [model_data(model, at, conversion) for model, conversion in rows]
        write_json({"at": day_of(at), "models": listed, "rates": rates_data(steps)})
        return
    write_price_list(rows, at)
    write_rates(steps)


@prices.command("show", help="prices.show.help")
@click.argument("name", metavar="MODEL")
@click.option("--at", type=DAY, metavar="DAY", help="prices.option.at", cls=Option)
@click.option("--currency", metavar="CURRENCY", help="prices.option.currency", cls=Option)
@click.option("--prices", "price_files", type=FILE, multiple=True, metavar="FILE", help="option.prices", cls=Option)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def show(name: str, at: int | None, currency: str | None, price_files: tuple[Path, ...], as_json: bool) -> None:
    from faregate.cli.price_tables import model_details, write_model
    from faregate.ratecards import priced_behind

    at, currency = _at(at), known_currency(currency)
    book = priced_behind(_book(price_files), [name])
    model = book.find(name)
    if model is None:
        raise _unknown_model(book, name)
    conversion = _conversion(book, model, currency, at)
    if as_json:
        write_json(model_details(model, at, conversion))
    else:
        write_model(model, at, conversion)


def _unknown_model(book: PriceBook, name: str) -> CommandFailure:
    from difflib import get_close_matches

    known = [*book.models, *book.aliases]
    near = list(
        dict.fromkeys(book.canonical(each) for each in get_close_matches(name.lower(), known, n=5, cutoff=0.6))
    )
    if not near:
        return CommandFailure("unknown_model", "prices.unknown_model_far", name=name)
    return CommandFailure("unknown_model", "prices.unknown_model", name=name, near=", ".join(near[:3]))


@prices.command("refresh", help="prices.refresh.help")
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    default=DEFAULT_INTO,
    metavar="FILE",
    help="prices.option.into",
    cls=Option,
)
@click.option("--maker", "makers", multiple=True, metavar="MAKER", help="prices.option.maker", cls=Option)
@click.option(
    "--prices", "price_files", type=FILE, multiple=True, metavar="FILE", help="prices.option.prices", cls=Option
)
@click.option("--write", is_flag=True, help="prices.option.write", cls=Option)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def refresh(into: Path, makers: tuple[str, ...], price_files: tuple[Path, ...], write: bool, as_json: bool) -> None:
    from faregate.cli.price_tables import refresh_data, write_refresh
    from faregate.ratecards.price_package import CURRENCY, MAKERS, installed_package
    from faregate.ratecards.price_text import price_text
    from faregate.ratecards.refresh import plan_refresh

    _check_makers(makers, set(MAKERS.values()))
    own, held = _book([path for path in price_files if path.resolve() != into.resolve()]), _held(into)
    planned = plan_refresh(own, held, installed_package(), _at(None), makers)
    writing = write and planned.writes
    if writing:
        _replace(into, price_text(planned.models, CURRENCY))
    if as_json:
        write_json(refresh_data(planned, str(into), writing))
        return
    write_refresh(planned, str(into))
    told = "nothing" if not planned.writes else "written" if writing else "would"
    click.echo(say(f"prices.refresh.{told}", file=into, count=len(planned.models)))


def _held(file: Path) -> list[PricedModel]:
    """The models of the file that refreshes are written to; none where it is not there yet."""
    from faregate.ratecards import PriceBook, load_files
    from faregate.ratecards.price_text import MARK

    if not file.exists():
        return []
    with file.open("rb") as opened:
        if not opened.readline().startswith(MARK.encode()):
            raise CommandFailure("foreign_file", "prices.foreign_file", file=file)
    return list(load_files([file], PriceBook()).models.values())


def _replace(file: Path, text: str) -> None:
    """Write ``text`` beside ``file`` and put it in its place, so that a reader finds one or the other, whole."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    except OSError as failure:
        raise OSError(failure.errno, failure.strerror, str(file)) from failure
    finally:
        fresh.unlink(missing_ok=True)

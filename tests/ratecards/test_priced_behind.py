"""What no price file knows is priced by the package, exactly and by day; our own cards always go first."""

from __future__ import annotations

import subprocess
import sys
from typing import NoReturn

import pytest
from genai_prices.types import ModelPrice

from faregate.ratecards import PriceBook, priced_behind
from faregate.ratecards.price_package import PricePackage, installed_package
from tests.ratecards.conftest import HEAD, MODEL, Load
from tests.ratecards.list_values import MILLION, list_value
from tests.ratecards.price_lists import by_hour, dated, model, package, price, tiered


def behind(prices: PricePackage, *names: str, book: PriceBook | None = None) -> PriceBook:
    return priced_behind(book if book is not None else PriceBook(), names, lambda: prices)


def test_a_model_is_priced_by_what_the_package_says_and_names_it_as_source() -> None:
    book = behind(package(model("gpt-one", price("0.1", "0.3", cache_read_mtok="0.01"))), "gpt-one")
    assert list_value(book, "openai/gpt-one", "2026-01-01", input=3, output=1, cached=1) == "0.00000061 USD"
    found = book.find("gpt-one")
    assert found is not None
    assert found.prices[0].sources[0].title == "genai-prices 9.9"
    assert (found.name, found.context) == ("Gpt-One", 64000)


def test_its_prices_hold_from_their_days_and_prices_by_the_hour_are_left_out() -> None:
    prices = (price("1", "2"), dated("2026-03-01", price("3", "4")), by_hour(price("9", "9")))
    book = behind(package(model("gpt-one", *prices)), "gpt-one")
    days = ("2025-01-01", "2026-02-28T23:59:59Z", "2026-03-01", "2027-01-01")
    assert [list_value(book, "gpt-one", day, input=MILLION) for day in days] == ["1 USD", "1 USD", "3 USD", "3 USD"]


def test_its_tiers_price_the_whole_request() -> None:
    figures = ModelPrice(input_mtok=tiered("2", 1000, "4"), output_mtok=tiered("8", 1000, "12"))
    book = behind(package(model("gpt-one", figures)), "gpt-one")
    assert list_value(book, "gpt-one", "2026-01-01", input=1000, output=1000) == "0.01 USD"
    assert list_value(book, "gpt-one", "2026-01-01", input=1001, output=1000) == "0.016004 USD"


def test_what_it_charges_for_a_request_is_charged() -> None:
    book = behind(package(model("gpt-one", price("1", "1", requests_kcount="12"))), "gpt-one")
    assert list_value(book, "gpt-one", "2026-01-01") == "0.012 USD"


def test_names_of_one_model_share_its_card() -> None:
    book = behind(package(model("gpt-one", price("1", "2"), starts=True)), "gpt-one-20260101", "openai/gpt-one-x")
    assert book.canonical("gpt-one-20260101") == book.canonical("openai/gpt-one-x") == "openai/gpt-one"


def test_a_card_of_ours_prices_what_the_package_takes_for_its_model(load: Load) -> None:
    own = HEAD.replace("acme", "openai") + MODEL.replace("acme/one", "openai/gpt-one")
    names = ("gpt-one-20260101", "gpt-one-x", "gpt-one")
    book = behind(package(model("gpt-one", price("77", "99"), starts=True)), *names, book=load(own))
    assert {list_value(book, name, "2026-01-01", input=MILLION) for name in names} == {"2 USD"}


def test_other_makers_are_priced_as_the_reseller_sells_them() -> None:
    book = behind(package(), "bolt", "acme/bolt")
    assert book.canonical("bolt") == "acme/bolt"
    found = book.find("bolt")
    assert found is not None
    assert found.card.versions[0].source == "genai-prices 9.9, as sold by openrouter"


def test_what_nobody_knows_stays_unknown_and_so_does_what_has_no_price_for_text() -> None:
    speech = model("gpt-speech", ModelPrice(input_mtok=None, output_mtok=None))
    book = PriceBook()
    assert behind(package(speech), "gpt-speech", "nothing/such", "", "<synthetic>", book=book) is book


def test_the_package_is_not_asked_when_every_name_is_known(load: Load) -> None:
    def not_asked() -> NoReturn:
        pytest.fail("the package was asked")

    book = load(HEAD + MODEL)
    assert priced_behind(book, ["acme/one", "one"], not_asked) is book


def test_opening_the_shelf_does_not_import_the_package() -> None:
    code = "import sys, faregate.ratecards as prices; prices.load_shipped(); sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_installed_package_is_read_whole() -> None:
    prices = installed_package()
    read = list(prices.makers_models())
    assert len(read) > 100
    assert {each.maker for each in read} >= {"anthropic", "openai", "google", "mistralai", "x-ai"}
    assert all(rate >= 0 for each in read for one in each.prices for tier in one.tiers for rate in tier.rates)
    found = prices.find("gpt-3.5-turbo")
    assert found is not None
    assert found.id == "openai/gpt-3.5-turbo"

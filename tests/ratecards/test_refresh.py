"""A refresh shows what it would change, adds versions from then on, and leaves our cards and the past alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from genai_prices.types import ModelPrice

from faregate.core.instants import parse_instant
from faregate.ratecards import PriceBook, PricedModel, load_files
from faregate.ratecards.price_package import PricePackage, installed_package
from faregate.ratecards.price_text import MARK, price_text
from faregate.ratecards.refresh import Refresh, plan_refresh
from tests.ratecards.conftest import HEAD, MODEL, Load
from tests.ratecards.list_values import MILLION, list_value
from tests.ratecards.price_lists import dated, model, package, price, tiered

NOW = parse_instant("2026-11-23T05:10:11.5Z")
LATER = parse_instant("2026-12-01T00:00:00Z")
ONE = package(model("gpt-one", price("1", "2")))


def plan(prices: PricePackage, *held: PricedModel, own: PriceBook | None = None, at: int = NOW) -> Refresh:
    return plan_refresh(own if own is not None else PriceBook(), held, prices, at)


def told(refresh: Refresh) -> list[tuple[str, str, str]]:
    return [(each.kind, each.model, each.why) for each in refresh.differences]


@pytest.fixture
def reread(tmp_path: Path) -> Reread:
    return Reread(tmp_path / "prices.yaml")


class Reread:
    """Writes the models of a refresh as a file and reads them back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, refresh: Refresh) -> PriceBook:
        self.path.write_text(price_text(refresh.models, "USD"), encoding="utf-8")
        return load_files([self.path], PriceBook())


def test_a_model_that_only_the_package_knows_gets_a_card_that_names_it(reread: Reread) -> None:
    refresh = plan(ONE)
    assert told(refresh) == [("new", "openai/gpt-one", "")]
    (only,) = reread(refresh).models.values()
    assert [(each.day, str(each.sources[0])) for each in only.prices] == [
        ("2026-11-23T05:10:11Z", "genai-prices 9.9 (https://github.com/pydantic/genai-prices), read 2026-11-23")
    ]
    assert reread.path.read_text(encoding="utf-8").startswith(MARK)


def test_a_second_refresh_finds_nothing_to_do(reread: Reread) -> None:
    held = reread(plan(ONE)).models.values()
    again = plan(ONE, *held, at=LATER)
    assert (again.writes, again.same, told(again)) == (False, 1, [])


def test_a_changed_price_begins_with_the_refresh_and_the_past_keeps_its_own(reread: Reread) -> None:
    held = reread(plan(ONE)).models.values()
    changed = plan(package(model("gpt-one", price("3", "4")), version="9.10"), *held, at=LATER)
    assert told(changed) == [("changed", "openai/gpt-one", "")]
    book = reread(changed)
    days = ("2026-11-30T23:59:59Z", "2026-12-01", "2027-12-01")
    assert [list_value(book, "gpt-one", day, input=MILLION) for day in days] == ["1 USD", "3 USD", "3 USD"]


def test_a_price_announced_for_later_is_planned_and_may_change_until_then(reread: Reread) -> None:
    def announcing(figure: str) -> PricePackage:
        return package(model("gpt-one", price("1", "2"), dated("2027-01-01", price(figure, "9"))))

    first = reread(plan(announcing("5"))).models.values()
    second = reread(plan(announcing("7"), *first, at=LATER))
    days = ("2026-12-31", "2027-01-01")
    assert [list_value(second, "gpt-one", day, input=MILLION) for day in days] == ["1 USD", "7 USD"]
    assert not plan(announcing("7"), *second.models.values(), at=LATER).writes
    after = plan(announcing("7"), *second.models.values(), at=parse_instant("2027-02-01T00:00:00Z"))
    assert not after.writes


@pytest.mark.parametrize(
    ("card", "why"),
    [
        (MODEL, "own_card"),
        (MODEL.replace("name: One", "name: One\n    currency: CNY"), "own_currency"),
        (MODEL + "        tiers: [{input_above: 5, per_million: {input: 4}}]\n", "own_tiers"),
    ],
)
def test_a_card_of_ours_stays_and_it_is_said_why(load: Load, card: str, why: str) -> None:
    text = card.replace("acme/one", "openai/gpt-one")
    refresh = plan(ONE, own=load(HEAD.replace("acme", "openai") + text))
    assert (told(refresh), refresh.models) == ([("kept", "openai/gpt-one", why)], ())
    assert not refresh.writes


def test_a_card_of_ours_that_says_the_same_is_only_counted(load: Load) -> None:
    own = load(HEAD.replace("acme", "openai") + MODEL.replace("acme/one", "openai/gpt-one"))
    same = package(model("gpt-one", price("2", "8", cache_read_mtok="0.2")))
    assert (plan(same, own=own).same, told(plan(same, own=own))) == (1, [])


def test_a_model_is_ours_also_when_the_package_calls_it_otherwise(load: Load) -> None:
    text = HEAD.replace("acme", "openai") + MODEL.replace("acme/one", "openai/gpt-1")
    own = load(text.replace("name: One\n", "name: One\n    aliases: [gpt-one-2026]\n"))
    refresh = plan(package(model("gpt-one", price("1", "2"), starts=True)), own=own)
    assert told(refresh) == [("kept", "openai/gpt-1", "own_card")]


def test_a_card_written_reads_back_as_the_same_card(reread: Reread) -> None:
    figures = ModelPrice(
        input_mtok=tiered("2", 1000, "4"),
        output_mtok=tiered("8", 2000, "12.345"),
        cache_read_mtok=tiered("0.2", 1000, "4"),
        cache_write_1h_mtok=tiered("3", 1000, "5"),
    )
    others = (
        model("gpt-two", price("1", "2", cache_write_mtok="1.25", requests_kcount="5")),
        model("gpt-3", price("1", "2", cache_read_mtok="0.1")),
    )
    refresh = plan(package(model("gpt-one", figures), *others))
    book = reread(refresh)
    assert len(refresh.models) == 3
    for each in refresh.models:
        read, meant = book.models[each.id].card, each.card
        assert [(one.effective_from, one.tiers) for one in read.versions] == [
            (one.effective_from, one.tiers) for one in meant.versions
        ]


def test_everything_in_the_installed_package_can_be_written_and_read_beside_ours(
    shipped: PriceBook, reread: Reread
) -> None:
    refresh = plan(installed_package(), own=shipped)
    book = shipped.extended(reread(refresh).models.values())
    assert len(refresh.models) > 50
    assert len(book.models) == len(shipped.models) + len(refresh.models)
    assert not plan(installed_package(), *reread(refresh).models.values(), own=shipped, at=LATER).of_kind("new")


def test_a_file_of_refreshes_stands_behind_every_other_in_whatever_order(load: Load, tmp_path: Path) -> None:
    text = HEAD.replace("acme", "openai") + MODEL.replace("acme/one", "openai/gpt-one")
    load(text.replace("name: One\n", "name: One\n    aliases: [gpt-ii]\n"))
    refreshed = tmp_path / "refreshed.yaml"
    prices = package(
        model("gpt-one", price("77", "77")), model("gpt-ii", price("1", "1")), model("gpt-3", price("5", "5"))
    )
    refreshed.write_text(price_text(plan(prices).models, "USD"), encoding="utf-8")
    own = tmp_path / "acme.yaml"
    for files in ((refreshed, own), (own, refreshed)):
        book = load_files(files, PriceBook())
        values = [list_value(book, name, "2026-12-01", input=MILLION) for name in ("gpt-one", "gpt-ii", "gpt-3")]
        assert values == ["2 USD", "2 USD", "5 USD"]


def test_two_refreshes_in_one_second_leave_two_prices_in_order(reread: Reread) -> None:
    held = reread(plan(ONE)).models.values()
    book = reread(plan(package(model("gpt-one", price("3", "4"))), *held, at=NOW + 1000))
    (only,) = book.models.values()
    assert [each.day[-3:] for each in only.prices] == ["11Z", "12Z"]

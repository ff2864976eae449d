"""One name means one model; an operator's file stands above the shipped ones; prices follow their day."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from faregate.core.instants import parse_instant
from faregate.ratecards import PriceBook, PriceFileError, load_files, load_shipped
from tests.ratecards.conftest import HEAD, MODEL, Load
from tests.ratecards.list_values import MILLION, list_value

SECOND = HEAD.replace("acme", "beta") + MODEL.replace("acme/one", "beta/two")


def aliased(*aliases: str) -> str:
    return HEAD + MODEL.replace("name: One\n", f"name: One\n    aliases: [{', '.join(aliases)}]\n")


def wrongs(load: Load, *texts: str) -> list[str]:
    with pytest.raises(PriceFileError) as failure:
        load(*texts)
    return [problem.wrong for problem in failure.value.problems]


@pytest.mark.parametrize("name", ["acme/one", "one", "uno", "acme/uno", "elsewhere/one"])
def test_a_model_is_known_by_id_bare_id_and_alias_with_or_without_maker(load: Load, name: str) -> None:
    book = load(aliased("uno", "elsewhere/one"))
    assert book.canonical(name) == "acme/one"
    assert book.market().card(name) is book.models["acme/one"].card


def test_an_unknown_name_stays_itself_and_has_no_card(load: Load) -> None:
    book = load(aliased("uno"))
    assert book.canonical("acme/uno-2") == "acme/uno-2"
    assert book.find("acme/uno-2") is None
    assert book.card("acme/uno-2") is None


def test_an_alias_for_two_models_is_refused(load: Load) -> None:
    assert wrongs(load, aliased("uno"), SECOND.replace("name: One\n", "name: Two\n    aliases: [uno]\n")) == [
        "'uno' already names acme/one"
    ]


def test_an_alias_that_stands_twice_is_refused(load: Load) -> None:
    assert wrongs(load, aliased("uno", "uno")) == [
        "'uno' already names acme/one",
        "'acme/uno' already names acme/one",
    ]


def test_an_alias_that_is_the_id_of_a_model_is_refused(load: Load) -> None:
    assert wrongs(load, aliased("beta/two"), SECOND) == ["'beta/two' is the id of a model"]


def test_two_makers_cannot_share_a_bare_name(load: Load) -> None:
    assert wrongs(load, HEAD + MODEL, SECOND.replace("beta/two", "beta/one")) == ["'one' already names acme/one"]


def test_a_model_priced_in_two_files_at_once_is_refused(load: Load) -> None:
    assert wrongs(load, HEAD + MODEL, HEAD + MODEL) == ["acme/one is priced twice"]


def test_an_operators_file_replaces_the_model_of_the_same_id(load: Load) -> None:
    own = (HEAD + MODEL).replace("acme", "anthropic").replace("anthropic/one", "anthropic/claude-sonnet-4")
    book = load(own, base=load_shipped())
    assert list_value(book, "claude-sonnet-4", "2026-03-01", input=100_000) == "0.2 USD"
    assert list_value(book, "claude-opus-4", "2026-03-01", input=100_000) == "1.5 USD"
    assert list_value(load_shipped(), "claude-sonnet-4", "2026-03-01", input=100_000) == "0.3 USD"


def test_shipped_files_are_read_once() -> None:
    assert load_shipped() is load_shipped()


def test_a_price_holds_from_its_first_instant_on(load: Load) -> None:
    later = "      - from: 2026-02-01T16:00:00Z\n        source: [list]\n        per_million: {input: 1, output: 4}\n"
    book = load(HEAD + MODEL + later)
    days = ("2025-06-01", "2026-01-01", "2026-02-01T15:59:59.999999Z", "2026-02-01T16:00:00Z")
    values = [list_value(book, "one", day, input=MILLION) for day in days]
    assert values == ["2 USD", "2 USD", "2 USD", "1 USD"]


def test_without_its_own_price_cached_input_and_writes_cost_as_input(load: Load) -> None:
    book = load(HEAD + MODEL.replace("cached_input: 0.2, ", ""))
    classes = ("input", "cached", "cache_write_5m", "cache_write_1h")
    values = [list_value(book, "one", "2026-01-01", **{usage: MILLION}) for usage in classes]
    assert values == ["2 USD"] * 4


def test_a_one_hour_write_costs_as_a_write_unless_it_has_its_own_price(load: Load) -> None:
    book = load(HEAD + MODEL.replace("output", "cache_write: 2.5, output"))
    assert list_value(book, "one", "2026-01-01", cache_write_1h=MILLION) == "2.5 USD"
    own = load(HEAD + MODEL.replace("output", "cache_write: 2.5, cache_write_1h: 4, output"))
    assert list_value(own, "one", "2026-01-01", cache_write_1h=MILLION) == "4 USD"


def test_prices_an_image_a_call_and_a_request(load: Load) -> None:
    extra = "        per_image: 0.04\n        per_tool_call: 0.01\n        per_request: 0.001\n"
    book = load(HEAD + MODEL + extra)
    usage = {"images": 2, "tool_calls": 3, "output": 1000}
    assert list_value(book, "one", "2026-01-01", **usage) == "0.119 USD"


def test_a_tier_leaves_what_it_does_not_name_to_its_price_not_to_the_tier_before(load: Load) -> None:
    tiers = (
        "        tiers:\n"
        "          - {output_above: 200, per_million: {input: 3, output: 9}}\n"
        "          - {input_above: 1000, per_million: {output: 10}}\n"
    )
    book = load(HEAD + MODEL + tiers)
    assert list_value(book, "one", "2026-01-01", input=1000, output=300) == "0.0057 USD"
    assert list_value(book, "one", "2026-01-01", input=2000, output=300) == "0.007 USD"


def test_figures_that_binary_floats_cannot_hold_stay_exact(load: Load) -> None:
    book = load(HEAD + MODEL.replace("input: 2,", "input: 0.003625,"))
    assert list_value(book, "one", "2026-01-01", input=3) == "0.000000010875 USD"


def exchange_file(tmp_path: Path, monthly: str) -> Path:
    path = tmp_path / "exchange.yaml"
    path.write_text(
        "sources:\n  bank: {title: A bank, read: 2026-01-02}\n"
        f"rates:\n  - base: USD\n    quote: CNY\n    source: bank\n    monthly: {monthly}\n",
        encoding="utf-8",
    )
    return path


def test_exchange_rates_hold_from_the_first_of_their_month(tmp_path: Path) -> None:
    book = load_files([exchange_file(tmp_path, "{2026-01: 6.97, 2026-02: 6.9064}")], PriceBook())
    months = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    january, february = (parse_instant(month) for month in months)
    dated = ((january, Fraction("6.97")), (february, Fraction("6.9064")))
    assert book.exchange == (("USD", "CNY", dated, "A bank, read 2026-01-02"),)


def test_an_operators_exchange_rates_replace_those_of_the_pair(tmp_path: Path) -> None:
    book = load_files([exchange_file(tmp_path, "{2026-01: 7}")])
    assert [len(pair.dated) for pair in book.exchange if pair.quote == "CNY"] == [1]


@pytest.mark.parametrize(
    ("monthly", "wrong"),
    [
        ("{2026-02: 7, 2026-01: 7}", "2026-01 does not come after the month above"),
        ("{2026-13: 7}", "'2026-13' is not a month"),
        ("{2026-01: 0}", "the rate of 2026-01 is zero"),
        ("{2026-01: 7/1}", "the rate of 2026-01 is '7/1', not a plain decimal"),
    ],
)
def test_wrong_exchange_rates_are_refused(tmp_path: Path, monthly: str, wrong: str) -> None:
    with pytest.raises(PriceFileError) as failure:
        load_files([exchange_file(tmp_path, monthly)], PriceBook())
    assert [problem.wrong for problem in failure.value.problems] == [wrong]

"""What is wrong with a price file is said with its line and column, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from faregate.ratecards import PriceBook, PriceFileError, load_files
from tests.ratecards.conftest import HEAD, MODEL, Load, Problems

FIGURES = "        per_million: {input: 2, cached_input: 0.2, output: 8}\n"
EITHER_SHAPE = (
    "use either base, write_5m, write_1h, hit, output or input, cached_input, cache_write, cache_write_1h, output"
)


def with_figures(figures: str) -> str:
    return HEAD + MODEL.replace(FIGURES, figures)


def test_a_right_file_loads(load: Load) -> None:
    assert list(load(HEAD + MODEL).models) == ["acme/one"]


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        (
            "        per_milion: {input: 2, output: 8}\n",
            "11:9: unknown key 'per_milion' in a price of acme/one; did you mean 'per_million'?",
        ),
        (
            "        per_million: {input: 2, ouput: 8}\n",
            "11:33: unknown key 'ouput' in per_million of a price of acme/one; did you mean 'output'?",
        ),
        (
            "        per_million: {input: 2}\n",
            "11:22: a price of acme/one has no 'output'; add 'output'; else leave the price out",
        ),
        (
            "        per_million: {base: 2, write_5m: 2.5, hit: 0.2, output: 8}\n",
            "11:22: a price of acme/one has no 'write_1h'; add 'write_1h'; else leave the price out",
        ),
        (
            "        per_million: {input: 2e-6, output: 8}\n",
            "11:30: 'input' is '2e-6', not a plain decimal; write it like 3 or 0.125",
        ),
        (
            "        per_million: {input: -2, output: 8}\n",
            "11:30: 'input' is '-2', not a plain decimal; write it like 3 or 0.125",
        ),
        (
            "        per_million: {input: [2], output: 8}\n",
            "11:30: 'input' is not one value; write a plain value",
        ),
        (
            "        per_million: {input: , output: 8}\n",
            "11:30: 'input' is empty; give a value or remove the key",
        ),
        (
            "        per_million: {input: 2, input: 3, output: 8}\n",
            "11:33: 'input' stands twice in per_million of a price of acme/one; keep one (line 11)",
        ),
        (
            "        per_million: {input: 2, hit: 0.2, output: 8}\n",
            f"11:22: a price of acme/one mixes two shapes of price: 'hit' and 'input'; {EITHER_SHAPE}",
        ),
        (
            "        per_million: 3\n",
            "11:22: per_million of a price of acme/one is not a mapping; write it as 'key: value' pairs",
        ),
        (
            "",
            "9:9: a price of acme/one has no figure; add per_million, per_image, per_tool_call or per_request",
        ),
    ],
)
def test_a_wrong_figure_is_pointed_at(problems: Problems, figures: str, problem: str) -> None:
    assert problem in problems(with_figures(figures))


@pytest.mark.parametrize(
    ("tiers", "problem"),
    [
        (
            "- {per_million: {input: 3}}",
            "13:13: a tier without a bound; add input_above, input_from, output_above or output_from",
        ),
        (
            "- {input_above: 200K, per_million: {input: 3}}",
            "13:27: 'input_above' is '200K', not a whole number; write it like 200000",
        ),
        (
            "- {input_above: 10, input_from: 11, per_million: {input: 3}}",
            "13:13: a tier with both input_above and input_from; keep one: input_above 200000 is input_from 200001",
        ),
        (
            "- {input_above: 10}",
            "13:13: a tier without a figure; say what differs under per_million",
        ),
        (
            "- {input_above: 10, per_million: {base: 3}}",
            "13:13: a tier in another shape than its price; use the price's own keys",
        ),
        (
            "- {input_over: 10, per_million: {input: 3}}",
            "13:14: unknown key 'input_over' in a tier; did you mean 'input_above'?",
        ),
    ],
)
def test_a_wrong_tier_is_pointed_at(problems: Problems, tiers: str, problem: str) -> None:
    assert problem in problems(with_figures(f"{FIGURES}        tiers:\n          {tiers}\n"))


def test_tiers_out_of_order_are_refused(problems: Problems) -> None:
    tiers = (
        "        tiers:\n"
        "          - {input_above: 20, per_million: {input: 4}}\n"
        "          - {input_from: 10, per_million: {input: 3}}\n"
    )
    wrong = "14:13: a tier that does not lie above the one before it"
    mend = "order tiers by input, then output: the last one reached wins"
    assert problems(with_figures(FIGURES + tiers)) == [f"{wrong}; {mend}"]


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("2026-13-01", "'from' is '2026-13-01', not a day or an instant with a zone"),
        ("2026-1-1", "'from' is '2026-1-1', not a day or an instant with a zone"),
        ("2026-01-01T10:00:00", "'from' is '2026-01-01T10:00:00', not a day or an instant with a zone"),
        ("soon", "'from' is 'soon', not a day or an instant with a zone"),
    ],
)
def test_a_wrong_day_is_pointed_at(problems: Problems, day: str, problem: str) -> None:
    text = HEAD + MODEL.replace("2026-01-01", day)
    assert problems(text) == [f"9:15: {problem}; write 2026-03-13, or 2026-03-13T16:00:00Z"]


@pytest.mark.parametrize("second", ["2026-01-01", "2025-12-31", "2025-12-31T23:59:59Z"])
def test_prices_are_ordered_from_old_to_new(problems: Problems, second: str) -> None:
    text = f"{HEAD}{MODEL}      - from: {second}\n        source: [list]\n{FIGURES}"
    assert problems(text) == [
        f"12:15: {second} does not come after 2026-01-01; order prices from old to new, one a day"
    ]


def test_a_price_without_a_source_is_refused(problems: Problems) -> None:
    text = HEAD + MODEL.replace("        source: [list]\n", "")
    assert problems(text) == ["9:9: a price of acme/one has no 'source'; add 'source: ...'"]


def test_a_source_that_the_file_does_not_describe_is_refused(problems: Problems) -> None:
    text = HEAD + MODEL.replace("[list]", "[lists]")
    assert problems(text) == ["10:18: no source 'lists' in this file; did you mean 'list'?"]


def test_a_model_belongs_to_its_maker(problems: Problems) -> None:
    text = HEAD + MODEL.replace("acme/one", "other/one")
    assert problems(text) == ["6:3: 'other/one' is not a model of 'acme'; name it acme/one"]


def test_an_unknown_currency_is_refused(problems: Problems) -> None:
    text = (HEAD + MODEL).replace("currency: USD", "currency: USDT")
    assert problems(text) == ["2:11: unknown currency 'USDT'; did you mean 'USD'?"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty; describe a maker or remove it"),
        ("- a\n", "1:1: a maker file is not a mapping; write it as 'key: value' pairs"),
        ("maker: acme\n  currency: [\n", "2:11: not YAML: mapping values are not allowed in this context"),
    ],
)
def test_what_is_no_maker_file_is_said_at_once(problems: Problems, text: str, problem: str) -> None:
    first = problems(text)[0]
    assert first.startswith(problem)


def test_all_problems_of_all_files_are_reported_together(load: Load) -> None:
    first = HEAD + MODEL.replace("input: 2,", "input: two,")
    second = (HEAD + MODEL).replace("acme", "beta").replace("name: One", "nmae: One")
    with pytest.raises(PriceFileError) as failure:
        load(first, second)
    assert [(problem.place.line, Path(problem.place.file).name) for problem in failure.value.problems] == [
        (11, "acme.yaml"),
        (7, "second.yaml"),
        (7, "second.yaml"),
    ]
    assert failure.value.code == "bad_price_file"


def test_a_file_that_cannot_be_read_is_a_problem_of_its_own(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"maker: caf\xe9\n")
    with pytest.raises(PriceFileError) as failure:
        load_files([tmp_path / "missing.yaml", latin], PriceBook())
    wrongs = [problem.wrong for problem in failure.value.problems]
    assert wrongs == ["cannot be read: No such file or directory", "is not UTF-8 (byte 10)"]

"""`faregate prices`: figures as printed, the rate that was used, errors that say what to do, a safe refresh."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from faregate.cli.main import main
from faregate.ratecards import price_package
from faregate.ratecards.price_package import PricePackage
from tests.ratecards.price_lists import model, package, price


def run(*words: str) -> Result:
    return CliRunner().invoke(
        main, list(words), env={"LANG": "C", "LC_ALL": "", "LC_MESSAGES": "", "FAREGATE_LANG": ""}
    )


def data(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def install(monkeypatch: pytest.MonkeyPatch, prices: PricePackage) -> None:
    monkeypatch.setattr(price_package, "installed_package", lambda: prices)


# ---- list


def test_the_list_is_dated_and_filtered_by_maker() -> None:
    def haiku(day: str) -> dict[str, str]:
        listed = data("prices", "list", "--maker", "anthropic", "--at", day)["models"]
        assert {each["maker"] for each in listed} == {"anthropic"}
        (found,) = (each for each in listed if each["model"] == "anthropic/claude-3.5-haiku")
        tokens: dict[str, str] = found["price"]["tiers"][0]["per_million"]
        return tokens

    assert (haiku("2024-11-10")["input"], haiku("2025-01-01")["input"]) == ("1", "0.8")


def test_the_list_converts_at_the_rate_of_its_day_and_names_it() -> None:
    listed = data("prices", "list", "--maker", "z-ai", "--at", "2026-03-15", "--currency", "usd")
    (rate,) = listed["rates"]
    assert (rate["base"], rate["quote"], rate["rate"], rate["since"]) == ("USD", "CNY", "6.8921", "2026-03-01")
    assert rate["carried"] is False
    assert {each["currency"] for each in listed["models"]} == {"USD"}
    glm = next(each for each in listed["models"] if each["model"] == "z-ai/glm-5")
    assert glm["price"]["tiers"][0]["per_million"]["input"] == "0.580374631825"
    printed = run("prices", "list", "--maker", "z-ai", "--at", "2026-03-15", "--currency", "USD").stdout
    assert "0.580375" in printed
    assert "Converted at 6.8921 CNY for 1 USD, the rate of 2026-03: Federal Reserve" in printed


# ---- show


def test_a_model_is_shown_with_every_version_tier_ratio_and_source() -> None:
    printed = run("prices", "show", "claude-sonnet-4-20250514").stdout
    for words in (
        "Claude Sonnet 4 (anthropic/claude-sonnet-4)",
        "context: 200,000 tokens",
        "From 2025-05-22, USD per million tokens",
        "From 2025-08-12, USD per million tokens: in force",
        "input from 200,001",
        "22.5",
        "source: Claude API documentation, pricing (https://platform.claude.com/docs/en/about-claude/pricing), read",
    ):
        assert words in printed
    ratios = next(line.split() for line in printed.splitlines() if "× input" in line)
    assert ratios[2:] == ["1", "0.1", "1.25", "2", "5"]


def test_parameters_and_native_currency_are_data() -> None:
    glm = data("prices", "show", "glm-5")
    assert (glm["currency"], glm["native_currency"], glm["rates"]) == ("CNY", "CNY", [])
    assert glm["parameters"] == {"total": "744B", "active": "40B"}
    assert glm["prices"][0]["sources"][0]["read"] == "2026-02-16"


def test_a_model_without_a_card_is_shown_as_the_package_has_it() -> None:
    printed = run("prices", "show", "gpt-3.5-turbo").stdout
    assert "(openai/gpt-3.5-turbo)" in printed
    assert "Always, USD per million tokens" in printed
    assert "source: genai-prices 0." in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("show", "claude-opus-45"),
            "error[unknown_model]: no price file knows 'claude-opus-45'; did you mean anthropic/",
        ),
        (("show", "xyzzy"), "error[unknown_model]: no price file knows 'xyzzy'; `faregate prices list`"),
        (
            ("list", "--maker", "openia"),
            "error[unknown_maker]: no price file has models of 'openia'; makers: anthropic,",
        ),
        (
            ("list", "--currency", "JPY"),
            "error[unknown_currency]: 'JPY' is not a currency that is known; choose from CNY,",
        ),
        (("list", "--at", "2026-13-01"), "error[bad_usage]: --at: '2026-13-01' is not a day; write 2026-03-01"),
    ],
)
def test_wrong_words_are_told_what_to_write(words: tuple[str, ...], said: str) -> None:
    result = run("prices", *words)
    assert result.exit_code == 2
    assert result.stderr.startswith(said)


def test_without_a_rate_the_currencies_that_have_one_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from faregate.ratecards import load_shipped

    bare = type(load_shipped())(load_shipped().models, load_shipped().aliases)
    monkeypatch.setattr("faregate.ratecards.load_shipped", lambda: bare)
    assert run("prices", "show", "glm-5", "--currency", "EUR").stderr.startswith(
        "error[no_rate]: no exchange rate from CNY to EUR"
    )
    assert "没有从 CNY 到 EUR 的汇率" in run("--lang", "zh", "prices", "show", "glm-5", "--currency", "EUR").stderr


# ---- refresh


def test_a_refresh_writes_only_when_asked_and_then_has_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(monkeypatch, package(model("gpt-one", price("1", "2"))))
    file = tmp_path / "prices.yaml"
    words = ("prices", "refresh", "--into", str(file))
    first = run(*words)
    assert "New: 1 models that only genai-prices 9.9 knows" in first.stdout
    assert first.stdout.endswith(f"Nothing was written. --write puts this into {file}.\n")
    assert list(tmp_path.iterdir()) == []
    assert run(*words, "--write").stdout.endswith(f"Written: {file}, 1 models. The past was not changed.\n")
    written = file.read_bytes()
    again = run(*words, "--write")
    assert again.stdout.endswith(f"Nothing to do: {file} is up to date.\n")
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (written, [file])
    assert data("prices", "show", "gpt-one", "--prices", str(file))["prices"][0]["sources"][0]["title"] == (
        "genai-prices 9.9"
    )


def test_a_refresh_tells_what_changed_and_what_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    words = ("prices", "refresh", "--into", str(file))
    install(monkeypatch, package(model("gpt-one", price("1", "2"))))
    assert data(*words, "--write")["written"] is True
    install(monkeypatch, package(model("gpt-one", price("3", "4")), model("gpt-5", price("9", "9")), version="9.10"))
    told = {each["model"]: (each["kind"], each["why"]) for each in data(*words)["differences"]}
    assert told == {"openai/gpt-one": ("changed", None), "openai/gpt-5": ("kept", "own_card")}
    printed = run(*words).stdout
    assert "USD 1 / 1 / 1 / 1 / 2" in printed
    assert "USD 3 / 3 / 3 / 3 / 4" in printed
    assert "a card with dated sources goes first" in printed


def test_a_refresh_never_writes_over_a_file_of_somebody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch, package(model("gpt-one", price("1", "2"))))
    file = tmp_path / "own.yaml"
    file.write_text("maker: acme\n", encoding="utf-8")
    result = run("prices", "refresh", "--into", str(file), "--write")
    assert result.stderr.startswith(f"error[foreign_file]: {file} was not written by")
    assert file.read_text(encoding="utf-8") == "maker: acme\n"


def test_a_refresh_that_cannot_write_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch, package(model("gpt-one", price("1", "2"))))
    file = tmp_path / "no-such-folder" / "prices.yaml"
    result = run("prices", "refresh", "--into", str(file), "--write")
    assert result.stderr.startswith(f"error[cannot_read]: {file}: No such file or directory")

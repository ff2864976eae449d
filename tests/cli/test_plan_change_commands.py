"""`plan diff`, `preview` and `impact` on a database with a past: what they say, and that they write nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from faregate.app.ids import RequestIds
from faregate.app.receipts import Write
from faregate.bootstrap.house import House, open_house
from faregate.core.instants import DAY, MINUTE, parse_instant
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage
from tests.cli.house import Database
from tests.scenarios.cohorts import former, latter, third, written

BOUGHT = parse_instant("2026-02-01T10:00:00Z")
NOW = parse_instant("2026-02-25T10:00:00Z")
MODEL = "z-ai/glm-4.7"
USED = Usage(input=1_000_000, prompts=1)
"""2 CNY at list price, or 3 for a long input."""


class Past:
    """Two accounts on the first version: one busy, with three prompts a day; one quiet, with one."""

    def __init__(self, house: House) -> None:
        self.house, self.clock, self.writes = house, BOUGHT, 0
        self.ids = RequestIds(house.control.randomness)

    def write(self) -> Write:
        self.writes += 1
        return Write(f"test-{self.writes}", self.clock)

    async def account(self, name: str, prompts: int, days: int) -> str:
        office, self.clock = self.house.control.office, BOUGHT
        account = str((await office.create_account(name, self.write()))["id"])
        await office.subscribe(account, "coder/lite", self.write())
        for day in range(days):
            for number in range(prompts):
                self.clock = BOUGHT + day * DAY + number * MINUTE
                await self.prompt(account, self.ids.new(account, self.clock))
        return account

    async def prompt(self, account: str, name: str) -> None:
        ledger = self.house.ledger
        wanted = Request(name, MODEL, USED, "claude-code", "", name, name)
        assert isinstance(await ledger.admit(account, wanted, self.clock), Admitted)
        await ledger.settle(account, name, USED, self.clock)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return written(tmp_path, former(), latter(), third("former: {keep: period}"), former("period"))


@pytest.fixture
def past(empty: Database, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr("faregate.bootstrap.clock.now", lambda: NOW)

    async def live() -> None:
        house = open_house(empty.url, files[:1], now=lambda: BOUGHT, randomness=Random(1).randbytes)
        await house.start()
        made = Past(house)
        await made.account("busy", 3, 20)
        await made.account("quiet", 1, 20)
        await house.close()

    asyncio.run(live())
    return empty


def reading(database: Database, *words: str, language: str = "en") -> str:
    """What the command says, which leaves everything in the books as it was."""
    before = database.books()
    told = database.told(*words, language=language)
    assert database.books() == before
    return told


def data(database: Database, *words: str) -> dict[str, Any]:
    before = database.books()
    told = database.did(*words)
    assert database.books() == before
    return dict(told)


# ---- diff


def test_diff_says_what_differs_in_words(past: Database, files: list[Path]) -> None:
    told = reading(past, "plan", "diff", str(files[0]), str(files[1]))
    assert "coder@one → coder@two" in told
    assert "~ price monthly (+22.5%)" in told
    assert "- Price: 40 CNY a month" in told
    assert "+ window week" in told
    chinese = reading(past, "plan", "diff", str(files[0]), str(files[1]), language="zh")
    assert "~ 窗口 five_hours (-33.3%)" in chinese


def test_diff_finds_versions_by_name_on_the_shelf_and_in_the_database(past: Database, files: list[Path]) -> None:
    both = ("--file", str(files[0]), "--file", str(files[1]))
    named = data(past, "plan", "diff", "coder@one", "coder", *both)
    assert (named["old"]["version"], named["new"]["version"]) == ("one", "two")
    assert [each["state"] for each in named["plans"]] == ["changed"]
    one = data(past, "plan", "diff", "coder/lite", str(files[1]), "--db", past.url)
    assert one["plans"] == named["plans"]
    assert past.run("plan", "diff", "coder@none", "coder", *both).stderr.startswith("error[unknown_plan]")


def test_diff_of_two_plans_of_other_families_and_of_families_that_are_not_one(past: Database) -> None:
    told = data(past, "plan", "diff", "88code/plus", "agipower/pro")
    assert told["family"] == []
    assert {each["subject"] for each in told["plans"][0]["changes"]} >= {"price", "window", "pool"}
    assert past.run("plan", "diff", "88code", "agipower").exit_code == 2
    assert "nothing differs" in reading(past, "plan", "diff", "88code", "88code")


# ---- preview


def test_preview_says_who_keeps_his_version_and_why(past: Database, files: list[Path]) -> None:
    told = data(past, "plan", "preview", str(files[1]))
    assert told["publishes"] == ["coder/lite@two"]
    counts = {"subscriptions": 2, "moves": 0, "keeps": 2, "ends": 0, "has": 0}
    assert told["plans"] == [{"plan": "coder/lite", "version": "one", **counts}]
    assert {row["why"] for row in told["subscriptions"]} == {"cohort"}
    assert "keeps one: its cohort" in reading(past, "plan", "preview", str(files[1]))


def test_preview_says_who_moves_when_and_at_what_price(empty: Database, files: list[Path], past: Database) -> None:
    past.did("account", "cancel", "quiet")
    told = data(past, "plan", "preview", str(files[2]))
    # Its own cohort goes before the rule of the later version.
    assert [row["outcome"] for row in told["subscriptions"]] == ["ends", "keeps"]


async def test_preview_of_a_version_to_which_those_move_who_keep_theirs_for_the_period(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(f"sqlite:///{tmp_path}/period.db", files[3:], now=lambda: BOUGHT)
    await house.start()
    await Past(house).account("one", 1, 1)
    told = house.control.preview(latter())
    await house.close()
    (row,) = told["subscriptions"]
    assert (row["outcome"], row["why"], row["at"]) == ("moves", "rule", "2026-03-01T10:00:00Z")
    assert (row["price"]["amount"], row["price_after"]["amount"]) == ("40", "49")


def test_preview_refuses_what_publishing_would_refuse(past: Database, files: list[Path]) -> None:
    result = past.run("plan", "preview", str(files[3]))
    assert result.exit_code == 2
    assert result.stderr.startswith("error[version_taken]")
    assert "cohort.keep: while_renewed → period" in result.stderr
    assert "不同之处：cohort.keep" in past.run("plan", "publish", str(files[3]), language="zh").stderr


# ---- impact


def test_impact_replays_the_journal_under_the_new_version(past: Database, files: list[Path]) -> None:
    told = data(past, "plan", "impact", str(files[1]), "--from-journal")
    assert (told["accounts"], told["requests"], told["accounts_hurt"], told["currency"]) == (2, 80, 2, "CNY")
    busy, quiet = told["hurt"]
    # In each of three weeks from the order 4 prompts are admitted: two on each of the first two days, one on four.
    assert (busy["name"], busy["requests"], busy["new_refusals"]) == ("busy", 60, 60 - 3 * 4)
    assert (quiet["name"], quiet["requests"], quiet["new_refusals"]) == ("quiet", 20, 20 - 3 * 4)
    assert busy["first_at"] == "2026-02-01T10:02:00Z"
    assert busy["binding"] == [
        {"reason": "window_full", "subject": "coder/lite:week", "count": 42},
        {"reason": "window_full", "subject": "coder/lite:five_hours", "count": 6},
    ]
    now, then = told["now"], told["then"]
    # A request is 4 CNY of list value; each account began one period.
    assert (now["refused"], now["revenue"], now["list_value"], now["margin"]) == (0, "80", "320", "-240")
    assert (then["refused"], then["revenue"], then["list_value"], then["margin"]) == (56, "98", "96", "2")
    assert busy["list_value_refused"] == str(48 * 4)


def test_impact_on_a_span_begins_with_the_windows_as_they_stood(past: Database, files: list[Path]) -> None:
    span = ("--from", "2026-02-13T00:00:00Z", "--until", "2026-02-15T00:00:00Z")
    told = data(past, "plan", "impact", str(files[1]), "--from-journal", *span)
    # The second week from the order began on the 8th, but the old version did not count it.
    assert (told["requests"], told["then"]["revenue"]) == (8, "0")
    assert told["hurt"][0]["new_refusals"] == 2
    before = data(past, "plan", "impact", str(files[1]), "--from-journal", "--until", "2026-01-31T00:00:00Z")
    assert (before["accounts"], before["requests"]) == (0, 0)
    backwards = ("--from", span[3], "--until", span[1])
    assert "--from is not before" in past.run("plan", "impact", str(files[1]), "--from-journal", *backwards).stderr


def test_impact_for_people_in_both_languages(past: Database, files: list[Path]) -> None:
    told = reading(past, "plan", "impact", str(files[1]), "--from-journal")
    assert "nothing is written" in told
    assert "48 / 60" in told
    chinese = reading(past, "plan", "impact", str(files[1]), "--from-journal", "--currency", "USD", language="zh")
    assert "受影响的账号（2 个）" in chinese
    assert "1 USD = " in chinese
    assert past.run("plan", "impact", str(files[1]), "--from-journal", "--currency", "XXX").exit_code == 2
    nobody = past.run("plan", "impact", "agipower", "--from-journal", "--currency", "XXX")
    assert (nobody.exit_code, "[unknown_currency]" in nobody.stderr) == (2, True)
    assert past.run("plan", "impact", str(files[1])).exit_code == 2
    other = reading(past, "plan", "impact", "agipower", "--from-journal")
    assert "no account held a plan of agipower" in other


def test_the_version_that_accounts_have_changes_nothing(database: Database) -> None:
    """With grants, restores, segments, a renewal by hand and a cancellation in between."""
    usage = Usage(input=200_000, output=40_000)
    database.did("subscribe", "acme", "88code/plus")
    for words in (
        ("account", "grant", "acme", "5", "--plan", "88code/free", "--reason", "thanks"),
        ("account", "restore", "acme", "--plan", "88code/plus", "--mode", "manual"),
        ("account", "grant", "acme", "20", "--plan", "agipower/payg"),
        ("account", "segment", "acme", "insider", "--reason", "early"),
        ("account", "renew", "acme", "--plan", "agipower/pro"),
        ("account", "reset", "acme", "--plan", "agipower/pro"),
        ("account", "cancel", "acme", "--plan", "88code/plus"),
    ):
        database.meter(_id(database), usage=usage)
        database.did(*words)
    for family in ("88code", "agipower"):
        told = data(database, "plan", "impact", family, "--from-journal")
        assert (told["accounts"], told["requests"], told["skipped_commands"]) == (1, 7, 0)
        assert told["now"] == told["then"]
        assert (told["now"]["refused"], told["hurt"]) == (0, [])
        listed = database.did("usage", "acme")["total"]["list_value"]
        assert told["now"]["list_values"] == listed


def _id(database: Database) -> str:
    return str(database.did("account", "show", "acme")["id"])


def test_an_account_shows_version_and_price_and_the_version_to_come(past: Database, files: list[Path]) -> None:
    told = past.told("account", "show", "busy")
    assert "coder/lite@one: 40 CNY a month, renews" in told
    assert "then under" not in told
    past.did("plan", "publish", str(files[1]))
    past.did("account", "create", "late")
    past.did("subscribe", "late", "coder/lite")
    past.did("plan", "publish", str(files[2]))
    told = past.told("account", "show", "late", language="zh")
    assert "coder/lite@two: 49 CNY/月" in told
    assert "届时换到版本 three" in told


def test_an_explanation_shows_the_version_that_paid(past: Database) -> None:
    request = past.did("usage", "busy")["requests"][0]["request"]
    assert "coder/lite prompts @one" in past.told("explain", request)


def test_a_purchase_gets_the_version_sold_and_a_refusal_is_told_in_both_languages(past: Database) -> None:
    past.did("account", "create", "late")
    refused = past.run("subscribe", "late", "coder/lite")
    assert (refused.exit_code, refused.stderr[:19]) == (2, "error[not_on_sale]:")
    assert "coder/lite@one" in past.run("subscribe", "late", "coder/lite", language="zh").stderr
    assert past.did("subscribe", "late", "coder/lite@one")

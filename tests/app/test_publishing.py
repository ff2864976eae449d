"""Publishing: versions that never change, and the one on sale is the one published last."""

from __future__ import annotations

import pytest

from faregate.app.catalogue_port import PlanVersion
from faregate.app.publishing import PlanText, Publishing, UnitChanged, VersionTaken
from faregate.app.shelf import NotOnSale, UnknownPlan
from faregate.core.instants import DAY, parse_instant
from faregate.core.sale import terms_at_renewal
from faregate.planfile import load_family
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import FAMILY, NOW, prices


def text(version: str, *changes: tuple[str, str]) -> PlanText:
    """The family's file at ``version`` with each ``(what, by what)`` replaced."""
    content = FAMILY.replace('version: "1"', f'version: "{version}"')
    for what, by in changes:
        assert what in content
        content = content.replace(what, by)
    return PlanText(content, load_family(content, file=f"demo-{version}.yaml"))


LARGER = ("limit: 50 requests", "limit: 70 requests")


def with_another(version: str) -> PlanText:
    """A version with a plan whose id comes first of all."""
    body = FAMILY[FAMILY.index("  calls:\n") : FAMILY.index("  many:\n")].replace("  calls:", "  another:")
    return text(version, LARGER, ("[plans_held", "[another, plans_held"), ("plans:\n", "plans:\n" + body))


@pytest.fixture
def publishing(store: SqliteStore) -> Publishing:
    return Publishing(store, prices())


def limit(publishing: Publishing, plan: str = "demo/calls") -> int:
    return publishing.shelf().newest(plan).windows[0].limit // 1000


def test_a_file_is_published_once(publishing: Publishing) -> None:
    assert publishing.publish([text("1")], NOW) == ["demo/calls@1", "demo/many@1", "demo/money@1", "demo/lost@1"]
    assert publishing.publish([text("1")], NOW + 1) == []


def test_other_content_under_a_published_version_is_refused_and_nothing_is_published(publishing: Publishing) -> None:
    publishing.publish([text("1")], NOW)
    with pytest.raises(VersionTaken):
        publishing.publish([text("2"), text("1", LARGER)], NOW)
    assert limit(publishing) == 50
    assert publishing.publish([text("2", LARGER)], NOW) != []
    assert limit(publishing) == 70


def test_two_versions_published_together_are_both_there_and_the_later_is_on_sale(publishing: Publishing) -> None:
    assert len(publishing.publish([text("1"), text("2", LARGER)], NOW)) == 8
    assert limit(publishing) == 70
    assert publishing.shelf().newest("demo/calls@1").windows[0].limit == 50_000


def test_a_version_with_a_new_plan_is_the_one_on_sale_for_all_of_them(publishing: Publishing) -> None:
    publishing.publish([text("1")], NOW)
    publishing.publish([with_another("2")], NOW + 1)
    assert limit(publishing) == 70
    assert limit(publishing, "demo/another") == 50


def test_whoever_publishes_second_publishes_what_is_left(store: SqliteStore, publishing: Publishing) -> None:
    class Late(Publishing):
        """One before whose first append somebody else publishes."""

        def _fresh(self, files: list[PlanText], now: int) -> list[PlanVersion]:
            fresh = super()._fresh(files, now)
            publishing.publish([text("1")], now)
            return fresh

    assert Late(store, prices()).publish([text("1"), text("2", LARGER)], NOW) == [
        "demo/calls@2",
        "demo/many@2",
        "demo/money@2",
        "demo/lost@2",
    ]
    assert limit(publishing) == 70


def test_a_refusal_says_what_differs(publishing: Publishing) -> None:
    publishing.publish([text("1")], NOW)
    with pytest.raises(VersionTaken) as refused:
        publishing.publish(
            [text("1", LARGER, ("amount: 10 USD, period: month", "amount: 12 USD, period: month"))], NOW
        )
    assert refused.value.differs == [
        "plans.calls.windows.five_hours.limit: 50 request → 70 request",
        "plans.money.prices.monthly.amount: 10 USD → 12 USD",
        "plans.lost.prices.monthly.amount: 10 USD → 12 USD",
    ]
    assert "give the file a new `version`" in str(refused.value)


def test_a_pool_does_not_come_back_in_another_unit(publishing: Publishing) -> None:
    publishing.publish([text("1")], NOW)
    change = ("main: {refill: {at: renewal, amount: 10 USD}}", "main: {refill: {at: renewal, amount: 70 CNY}}")
    with pytest.raises(UnitChanged, match="pool 'main' is in CNY, and in USD"):
        publishing.publish([text("2", change)], NOW)
    assert limit(publishing) == 50


def test_several_versions_are_sold_in_turn(publishing: Publishing) -> None:
    until = ("zone: UTC", 'sale: {until: "2026-04-01"}\nzone: UTC')
    since = ("zone: UTC", 'sale: {since: "2026-04-01"}\nzone: UTC')
    publishing.publish([text("1", until), text("2", LARGER, since)], NOW)
    shelf, turn = publishing.shelf(), parse_instant("2026-04-01T00:00:00Z")
    assert [shelf.sold("demo/calls", at).terms.version for at in (NOW, turn - 1, turn)] == ["1", "1", "2"]
    assert shelf.sold("demo/calls@2", NOW).terms.version == "2"


def test_a_plan_that_is_sold_no_more_is_had_by_its_version_alone(publishing: Publishing) -> None:
    publishing.publish([text("1", ("zone: UTC", 'sale: {since: "2026-03-01", until: "2026-03-20"}\nzone: UTC'))], NOW)
    shelf, later = publishing.shelf(), parse_instant("2026-03-20T00:00:00Z")
    with pytest.raises(NotOnSale, match="demo/calls@1"):
        shelf.sold("demo/calls", later)
    assert shelf.sold("demo/calls@1", later).terms.version == "1"
    early = parse_instant("2026-01-01T00:00:00Z")
    with pytest.raises(NotOnSale):
        shelf.sold("demo/calls", early)
    assert shelf.sold("demo/calls", early, early=True).terms.version == "1"
    with pytest.raises(UnknownPlan):
        shelf.sold("demo/none", NOW)


def test_a_version_reaches_no_renewal_that_was_due_before_it_was_published(publishing: Publishing) -> None:
    publishing.publish(
        [text("1", ("zone: UTC", 'cohort: {bought_before: "2027-01-01", keep: period}\nzone: UTC'))], NOW
    )
    published = NOW + 40 * DAY
    publishing.publish([text("2", LARGER, ("zone: UTC", 'sale: {since: "2026-03-02"}\nzone: UTC'))], published)
    versions = publishing.shelf().market.sold["demo/money"]
    own = versions[0].terms
    assert terms_at_renewal(versions, own, NOW, published - 1) is own
    assert terms_at_renewal(versions, own, NOW, published).version == "2"


def test_a_proposed_version_is_on_the_shelf_and_not_in_the_catalogue(publishing: Publishing) -> None:
    publishing.publish([text("1")], NOW)
    proposed = publishing.shelf([text("2", LARGER).family], NOW + 1)
    assert proposed.newest("demo/calls").windows[0].limit == 70_000
    assert limit(publishing) == 50
    with pytest.raises(VersionTaken):
        publishing.shelf([text("1", LARGER).family], NOW + 1)


def test_a_version_without_a_date_of_sale_begins_when_it_is_published(publishing: Publishing) -> None:
    publishing.publish([text("1", ("zone: UTC", 'sale: {since: "2026-02-01"}\nzone: UTC'))], NOW)
    publishing.publish([text("2", LARGER)], NOW + 1)
    shelf = publishing.shelf()
    assert shelf.sold("demo/calls", NOW + 1).terms.version == "2"
    assert limit(publishing) == 70

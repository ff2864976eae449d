"""Publishing: versions that never change, and the one on sale is the one published last."""

from __future__ import annotations

import pytest

from faregate.app.catalogue_port import PlanVersion
from faregate.app.publishing import PlanText, Publishing, VersionTaken
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
    body = FAMILY[FAMILY.index("  calls:\n") : FAMILY.index("  money:\n")].replace("  calls:", "  another:")
    return text(version, LARGER, ("[plans_held", "[another, plans_held"), ("plans:\n", "plans:\n" + body))


@pytest.fixture
def publishing(store: SqliteStore) -> Publishing:
    return Publishing(store, prices())


def limit(publishing: Publishing, plan: str = "demo/calls") -> int:
    return publishing.shelf().newest(plan).windows[0].limit // 1000


def test_a_file_is_published_once(publishing: Publishing) -> None:
    assert publishing.publish([text("1")], NOW) == ["demo/calls@1", "demo/money@1", "demo/lost@1"]
    assert publishing.publish([text("1")], NOW + 1) == []


def test_other_content_under_a_published_version_is_refused_and_nothing_is_published(publishing: Publishing) -> None:
    publishing.publish([text("1")], NOW)
    with pytest.raises(VersionTaken):
        publishing.publish([text("2"), text("1", LARGER)], NOW)
    assert limit(publishing) == 50
    assert publishing.publish([text("2", LARGER)], NOW) != []
    assert limit(publishing) == 70


def test_two_versions_published_together_are_both_there_and_the_later_is_on_sale(publishing: Publishing) -> None:
    assert len(publishing.publish([text("1"), text("2", LARGER)], NOW)) == 6
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
        "demo/money@2",
        "demo/lost@2",
    ]
    assert limit(publishing) == 70

"""Sightings of the watch for sharing, on every engine."""

from __future__ import annotations

from faregate.app.sightings_port import Sighting
from faregate.app.store_port import Store
from tests.store.engines import Place


def test_the_first_secret_is_everybodys(place: Place) -> None:
    one, other = place.open(), place.open()
    assert one.sharing_secret(b"one") == b"one"
    assert other.sharing_secret(b"other") == b"one"


def test_of_the_same_sighting_the_later_one_is_kept_and_those_of_the_subjects_are_found(store: Store) -> None:
    first = Sighting("acc_a", "addresses", "ff", 10, 20)
    store.add_sightings([first, Sighting("acc_b", "addresses", "ff", 10, 20), Sighting("#1", "many", "acc_a", 9, 20)])
    store.add_sightings([first._replace(at=15, until=25), Sighting("acc_a", "clients", "aa", 11, 21)])
    store.add_sightings([first._replace(at=12, until=22)])
    store.add_sightings([])
    assert store.sightings(["acc_a", "#1", "acc_z"], now=19) == [
        Sighting("acc_a", "addresses", "ff", 15, 25),
        Sighting("acc_a", "clients", "aa", 11, 21),
        Sighting("#1", "many", "acc_a", 9, 20),
    ]
    assert store.sightings([], now=0) == []
    assert store.sightings([f"acc_{number}" for number in range(1000)] + ["acc_b"], now=0)[0].subject == "acc_b"


def test_what_counts_no_more_is_not_found_and_is_dropped(store: Store) -> None:
    store.add_sightings([Sighting("acc_a", "addresses", mark, 10, until) for mark, until in (("1", 20), ("2", 30))])
    assert [row.mark for row in store.sightings(["acc_a"], now=20)] == ["2"]
    store.drop_sightings(now=20)
    assert [row.mark for row in store.sightings(["acc_a"], now=0)] == ["2"]


def test_whoever_follows_the_catalogue_is_not_woken(place: Place) -> None:
    one, other = place.open(), place.open()
    one.put_setting("a", "b")
    if one.workers is None:
        return  # one process serves there, and follows nobody but commands
    seen = other.outside_writes()
    one.add_sightings([Sighting("acc_a", "addresses", "ff", 10, 20)])
    one.drop_sightings(now=99)
    assert other.outside_writes() == seen

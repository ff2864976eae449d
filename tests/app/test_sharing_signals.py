"""What is counted of an account's senders: distinct ones, over a length, in bounded memory, hashed."""

from __future__ import annotations

from faregate.app.sharing_signals import SharingSignals, Sight
from faregate.core.instants import DAY, MINUTE
from faregate.core.terms import SharingRule

NOW = 1_800_000_000_000_000


def rule(signal: str, most: int) -> SharingRule:
    return SharingRule(((signal, most, DAY),), "warn", 1, DAY)


def signals() -> SharingSignals:
    return SharingSignals(b"key")


def test_distinct_addresses_are_counted_over_the_length_alone() -> None:
    seen, watched = signals(), rule("addresses", 2)
    for day, address in enumerate(("a", "b", "c")):
        assert seen.note("acc", watched, Sight(address), 1, NOW + day * DAY) == []
    told = [seen.note("acc", watched, Sight(address), 1, NOW + 9 * DAY) for address in ("a", "b", "a", "c", "d")]
    assert [len(each) for each in told] == [0, 0, 0, 1, 0]
    assert told[3][0].counted == 3


def test_requests_at_once_are_told_when_they_pass_the_bound() -> None:
    seen, watched = signals(), rule("concurrency", 2)
    assert [bool(seen.note("acc", watched, Sight("a"), open, NOW)) for open in (1, 2, 3, 4)] == [
        False,
        False,
        True,
        False,
    ]


def test_one_device_over_many_accounts_is_told_of_the_account_that_crosses() -> None:
    seen, watched = signals(), rule("many_accounts", 2)
    device = Sight("a", "device", has_device_id=True)
    assert [bool(seen.note(f"acc{number}", watched, device, 1, NOW)) for number in range(4)] == [
        False,
        False,
        True,
        True,
    ]
    kind_of_machine = Sight("a", "claude-code|Linux")
    assert not any(seen.note(f"b{number}", watched, kind_of_machine, 1, NOW) for number in range(9))


def test_the_same_sight_within_a_minute_says_nothing_new() -> None:
    seen, watched = signals(), rule("sessions", 1)
    assert seen.note("acc", watched, Sight(session="s"), 1, NOW) == []
    assert seen.note("acc", watched, Sight(session="s"), 1, NOW + MINUTE - 1) == []
    assert len(seen.note("acc", watched, Sight(session="t"), 1, NOW + MINUTE)) == 1


def test_nothing_plain_is_kept() -> None:
    seen = signals()
    watched = SharingRule((("addresses", 5, DAY), ("clients", 5, DAY), ("relay", 5, DAY)), "warn", 1, DAY)
    seen.note("acc", watched, Sight("203.0.113.7", "device-1", True, "session-1", ("user-1",)), 1, NOW)
    kept = repr([(each.signals, each.last) for each in seen._accounts.values()]) + repr(seen._identities)
    assert not any(plain in kept for plain in ("203.0.113.7", "device-1", "session-1", "user-1"))

"""What is found cached, and what is written."""

from __future__ import annotations

from faregate.demo_upstream.prefix_cache import SECOND, InputTokens, PrefixCache
from faregate.demo_upstream.prompt_blocks import PromptBlock

NOW = 1_800_000_000 * SECOND
FIVE_MINUTES, ONE_HOUR = 300, 3600


def blocks(*parts: tuple[str, int] | tuple[str, int, int]) -> list[PromptBlock]:
    return [PromptBlock(part[1], part[0].encode(), part[2] if len(part) == 3 else None) for part in parts]


def test_a_marked_prefix_is_written_once_and_then_read() -> None:
    cache = PrefixCache()
    prompt = blocks(("system", 2000, FIVE_MINUTES), ("question", 10))
    assert cache.marked("a", prompt, NOW) == InputTokens(10, 0, 2000, 0)
    assert cache.marked("a", prompt, NOW + SECOND) == InputTokens(10, 2000, 0, 0)


def test_each_stretch_is_written_under_the_lifetime_of_its_own_mark() -> None:
    prompt = blocks(("tools", 3000, ONE_HOUR), ("system", 500), ("talk", 700, FIVE_MINUTES))
    assert PrefixCache().marked("a", prompt, NOW) == InputTokens(0, 0, 1200, 3000)


def test_a_longer_prompt_reads_the_old_prefix_and_writes_the_rest() -> None:
    cache = PrefixCache()
    cache.marked("a", blocks(("system", 2000, FIVE_MINUTES)), NOW)
    longer = blocks(("system", 2000), ("talk", 300, FIVE_MINUTES), ("new", 5))
    assert cache.marked("a", longer, NOW) == InputTokens(5, 2000, 300, 0)


def test_a_prefix_lives_from_its_last_use() -> None:
    cache = PrefixCache()
    prompt = blocks(("system", 2000, FIVE_MINUTES))
    cache.marked("a", prompt, NOW)
    assert cache.marked("a", prompt, NOW + 299 * SECOND).cached == 2000
    assert cache.marked("a", prompt, NOW + 598 * SECOND).cached == 2000
    assert cache.marked("a", prompt, NOW + 898 * SECOND).cached == 0


def test_an_hour_mark_lives_an_hour() -> None:
    cache = PrefixCache()
    prompt = blocks(("system", 2000, ONE_HOUR))
    cache.marked("a", prompt, NOW)
    assert cache.marked("a", prompt, NOW + 3599 * SECOND).cached == 2000
    assert cache.marked("a", prompt, NOW + 7199 * SECOND).written_1h == 2000


def test_a_mark_under_1024_tokens_is_ignored() -> None:
    cache = PrefixCache()
    prompt = blocks(("system", 1023, FIVE_MINUTES))
    assert cache.marked("a", prompt, NOW) == InputTokens(1023)
    assert cache.marked("a", prompt, NOW) == InputTokens(1023)


def test_without_marks_nothing_is_cached() -> None:
    cache = PrefixCache()
    cache.marked("a", blocks(("system", 2000)), NOW)
    assert cache.marked("a", blocks(("system", 2000)), NOW) == InputTokens(2000)


def test_automatic_caching_counts_in_steps_of_128_from_1024() -> None:
    cache = PrefixCache()
    assert cache.automatic("a", blocks(("x", 1023)), NOW) == InputTokens(1023)
    assert cache.automatic("a", blocks(("x", 1023)), NOW) == InputTokens(1023)
    assert cache.automatic("a", blocks(("y", 1300)), NOW) == InputTokens(1300)
    assert cache.automatic("a", blocks(("y", 1300)), NOW) == InputTokens(20, 1280)


def test_automatic_caching_never_covers_the_last_token() -> None:
    cache = PrefixCache()
    cache.automatic("a", blocks(("x", 1152)), NOW)
    assert cache.automatic("a", blocks(("x", 1152)), NOW) == InputTokens(128, 1024)


def test_automatic_caching_lasts_ten_minutes_from_the_last_use() -> None:
    cache = PrefixCache()
    cache.automatic("a", blocks(("x", 2048)), NOW)
    assert cache.automatic("a", blocks(("x", 2048), ("more", 9)), NOW + 599 * SECOND).cached == 2048
    assert cache.automatic("a", blocks(("x", 2048)), NOW + 1300 * SECOND).cached == 0


def test_scopes_share_nothing() -> None:
    cache = PrefixCache()
    cache.marked("a", blocks(("system", 2000, FIVE_MINUTES)), NOW)
    assert cache.marked("b", blocks(("system", 2000, FIVE_MINUTES)), NOW).cached == 0


def test_a_change_in_an_early_block_loses_all_that_follows() -> None:
    cache = PrefixCache()
    cache.automatic("a", blocks(("one", 2000), ("two", 2000)), NOW)
    assert cache.automatic("a", blocks(("uno", 2000), ("two", 2000)), NOW).cached == 0


def test_memory_is_bounded_and_forgets_the_least_recently_used() -> None:
    cache = PrefixCache(capacity=2)
    for name in ("x", "y", "x", "z"):
        cache.automatic("a", blocks((name, 2000)), NOW)
    assert len(cache) == 2
    assert cache.automatic("a", blocks(("x", 2000)), NOW).cached == 1920
    assert cache.automatic("a", blocks(("y", 2000)), NOW).cached == 0


def test_an_empty_prompt_counts_nothing() -> None:
    assert PrefixCache().automatic("a", [], NOW) == InputTokens(0)
    assert PrefixCache().marked("a", [], NOW) == InputTokens(0)

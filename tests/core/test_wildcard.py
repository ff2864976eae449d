"""Names fit patterns: ``*`` is any run of characters, all else itself, case aside."""

from __future__ import annotations

from random import Random

import pytest

from faregate.core.wildcard import matches


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("anthropic/claude-*", "Anthropic/Claude-Opus-4.8", True),
        ("anthropic/claude-*", "anthropic/claude-", True),
        ("anthropic/claude-*", "anthropic/claude", False),
        ("*", "", True),
        ("*:free", "z-ai/glm-5:free", True),
        ("*:free", "z-ai/glm-5:free2", False),
        ("z-ai/glm-5", "Z-AI/glm-5", True),
        ("z-ai/glm-5", "z-ai/glm-50", False),
        ("a.c", "abc", False),
        ("", "", True),
        ("a*", "a\nb", True),
        ("modell-ä*", "MODELL-Ä1", True),
        ("k*", "\N{KELVIN SIGN}imi", True),
    ],
)
def test_a_name_fits_a_pattern(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


def test_any_pattern_says_what_trying_every_way_says() -> None:
    random = Random(11)
    found = 0
    for _ in range(20_000):
        pattern = "".join(random.choice("aAb*./") for _ in range(random.randint(0, 5)))
        name = "".join(random.choice("aAbB./*") for _ in range(random.randint(0, 5)))
        assert matches(pattern, name) == _fits(pattern.lower(), name.lower())
        found += matches(pattern, name)
    assert found > 500


def _fits(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_fits(pattern[1:], name[taken:]) for taken in range(len(name) + 1))
    return bool(name) and pattern[0] == name[0] and _fits(pattern[1:], name[1:])

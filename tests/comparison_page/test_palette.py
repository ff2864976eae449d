"""Colours: text stands out by 4.5 and shapes by 3 against what lies under them, in light and in dark (WCAG 2 AA)."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from faregate.comparison.page import palette
from faregate.comparison.page.palette import BOARD, DARK, LIGHT, contrast

TEXT = ("ink", "muted", "link", "blocked", "admitted")
SHAPES = ("price", "wallet", "overflow", "blocked", "admitted", "muted")
THEMES = {"light": LIGHT, "dark": DARK}


def test_contrast_is_counted_as_the_rule_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("under", ["ground", "card", "best-soft"])
def test_text_and_shapes_stand_out(theme: str, under: str) -> None:
    colours = THEMES[theme]
    for name in TEXT:
        assert contrast(colours[name], colours[under]) >= 4.5, name
    for name in SHAPES:
        assert contrast(colours[name], colours[under]) >= 3, name


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_of_hours_stand_out_from_their_cells(theme: str) -> None:
    colours = THEMES[theme]
    inks = {
        0: "muted",
        1: "heat-low-ink",
        2: "heat-low-ink",
        3: "heat-low-ink",
        4: "heat-high-ink",
        5: "heat-high-ink",
    }
    for level, ink in inks.items():
        assert contrast(colours[ink], colours[f"heat{level}"]) >= 4.5, level
    assert contrast(colours["card"], colours["blocked"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_neighbours_among_hours_get_steadily_stronger(theme: str) -> None:
    colours = THEMES[theme]
    away = [contrast(colours[f"heat{level}"], colours["heat0"]) for level in range(6)]
    assert away == sorted(away)
    assert all(after / before > 1.1 for before, after in pairwise(away))


def test_the_board_and_the_ticket_can_be_read() -> None:
    for ink in ("board-ink", "board-muted", "ticket"):
        assert contrast(BOARD[ink], BOARD["board"]) >= 4.5, ink
    for ink in ("ticket-ink", "ticket-muted"):
        assert contrast(BOARD[ink], BOARD["ticket"]) >= 4.5, ink


def test_both_themes_name_the_same_colours_and_the_style_uses_no_others() -> None:
    assert list(LIGHT) == list(DARK)
    style = (Path(palette.__file__).parent / "page.css").read_text("utf-8")
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", style)) - {"tear"}
    assert used <= set(LIGHT) | set(BOARD)
    assert set(LIGHT) | set(BOARD) <= used
    # The mask of the ticket is no colour; everything else is named.
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", style)) <= {"#0000", "#000"}


def test_light_is_the_ground_and_dark_comes_by_the_system_or_by_choice_on_screens_only() -> None:
    css = palette.variables()
    assert css.startswith(":root{color-scheme:light;")
    assert "@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light])" in css
    assert "@media screen{:root[data-theme=dark]" in css

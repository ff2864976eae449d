"""Colours of the page, for light and for dark.

Owns the values and their turning into CSS variables; the tests hold their contrast. The sign board on top and the
ticket are the same in both: they are things, not surfaces.
"""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "ground": "#f3f4f1",
    "card": "#ffffff",
    "ink": "#15202b",
    "muted": "#53606d",
    "line": "#d9dee2",
    "link": "#1550ab",
    "price": "#2a62c9",
    "overflow": "#c96a12",
    "wallet": "#7b50b5",
    "blocked": "#b81f3b",
    "admitted": "#14785a",
    "best-soft": "#fff6d6",
    "heat0": "#f3f4f1",
    "heat1": "#dce8fa",
    "heat2": "#b3cef4",
    "heat3": "#86b0ec",
    "heat4": "#2f66c4",
    "heat5": "#173f85",
    "heat-low-ink": "#15202b",
    "heat-high-ink": "#ffffff",
    "token-input": "#2a62c9",
    "token-cached": "#6f9be6",
    "token-write": "#8a5fc2",
    "token-output": "#c96a12",
}

DARK: Mapping[str, str] = {
    "ground": "#0c1117",
    "card": "#151c24",
    "ink": "#e8edf2",
    "muted": "#9dabb8",
    "line": "#2b3641",
    "link": "#8ab6ff",
    "price": "#5c93ef",
    "overflow": "#e59a45",
    "wallet": "#a684dd",
    "blocked": "#ff7688",
    "admitted": "#4cc79b",
    "best-soft": "#2c2917",
    "heat0": "#1a222b",
    "heat1": "#1c3150",
    "heat2": "#214372",
    "heat3": "#275494",
    "heat4": "#74a5f0",
    "heat5": "#bdd6ff",
    "heat-low-ink": "#e8edf2",
    "heat-high-ink": "#0c1117",
    "token-input": "#5c93ef",
    "token-cached": "#3b64a8",
    "token-write": "#a684dd",
    "token-output": "#e59a45",
}

BOARD: Mapping[str, str] = {
    "board": "#0f1b26",
    "board-ink": "#ffffff",
    "board-muted": "#a9b8c6",
    "board-line": "#33424f",
    "ticket": "#ffcd3c",
    "ticket-ink": "#15202b",
    "ticket-muted": "#574808",
}


def variables() -> str:
    """The CSS that declares every colour: light, dark by the reader's system, either by choice, light in print."""
    light, dark = _declared(LIGHT), _declared(DARK)
    return (
        f":root{{color-scheme:light;{light}{_declared(BOARD)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}"
    )


def _declared(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def contrast(one: str, other: str) -> float:
    """How far two colours (``#rrggbb``) stand apart, 1 to 21, as WCAG 2 counts it."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

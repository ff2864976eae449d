"""Plain tables of the page: a head of words, rows of cells, scrolling sideways where a screen is narrow.

Owns their markup alone; the ranking and the hours have tables of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from faregate.comparison.page.scene import Scene


def table(scene: Scene, topic: str, columns: Sequence[str], figures: frozenset[str], rows: Iterable[str]) -> str:
    """A table under the words ``topic.title`` with heads ``topic.column``; ``figures`` are the columns of numbers."""
    heads = "".join(
        f'<th scope="col"{" class=n" if column in figures else ""}>{scene.speech.say(f"{topic}.{column}")}</th>'
        for column in columns
    )
    # Whoever has only a keyboard scrolls it by the arrow keys, so it can take the focus.
    return (
        f'<div class="scroll" tabindex="0" role="group"{scene.speech.label(f"{topic}.title")}><table class="{topic}">'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def row(head: str, cells: Iterable[tuple[str, bool]]) -> str:
    """A row from markup: its head (empty for none), then cells, each with whether it is a number."""
    parts = "".join(f"<td{' class=n' if number else ''}>{content}</td>" for content, number in cells)
    return f"<tr>{f'<th scope=row>{head}</th>' if head else ''}{parts}</tr>"

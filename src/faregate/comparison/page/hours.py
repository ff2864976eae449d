"""The heat map of hours: when the requests came, and when a chosen plan refused them.

Owns the table of 7 days and 24 hours, and how strong each hour is coloured. The number of each hour stands in its
cell, so colour never says it alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from faregate.comparison.page.scene import Scene
from faregate.comparison.page.speech import escaped

LEVELS = 5
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def level(requests: int, most: int) -> int:
    """How strong an hour is coloured: 0 for none, else 1 to ``LEVELS``, finer among the quiet hours."""
    if requests <= 0 or most <= 0:
        return 0
    # The square of the level's share: half as strong is a quarter as many.
    return next(step for step in range(1, LEVELS + 1) if requests * LEVELS * LEVELS <= most * step * step)


def hours(scene: Scene) -> str:
    """The section of the heat map, with the refusals of the plan of the verdict (else of the first)."""
    say = scene.speech.say
    counts = scene.comparison["requests_by_hour"]
    shown = scene.best or (scene.replayed[0] if scene.replayed else None)
    refused = shown["blocked_by_hour"] if shown else []
    most = max((requests for day in counts for requests in day), default=0)
    heads = "".join(f'<th scope="col"{" class=odd" if hour % 3 else ""}>{hour}</th>' for hour in range(24))
    rows = "".join(_row(scene, place, day, refused, most) for place, day in enumerate(counts[:7]))
    swatches = "".join(f'<i class="h{step}"></i>' for step in range(LEVELS + 1))
    plan = scene.speech.name(shown["names"], extra=' id="hours-plan"') if shown else ""
    return (
        f'<section id="hours" aria-labelledby="hours-title"><h2 id="hours-title">{say("hours.title")}</h2>'
        f'<p class="sub">{say("hours.sub", scene.comparison["zone"])}</p>'
        f'<p class="hours-key"><span>{say("hours.less")}</span>{swatches}<span>{say("hours.more")}</span>'
        f'<span class="key-refused"><b>n</b>{say("hours.refused")} {plan}</span></p>'
        f'<table class="hours"><caption class="vh">{say("hours.caption")}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _row(scene: Scene, place: int, day: Sequence[int], refused: Sequence[Sequence[int]], most: int) -> str:
    stopped = refused[place] if place < len(refused) else ()
    cells = "".join(
        _cell(requests, stopped[hour] if hour < len(stopped) else 0, level(requests, most))
        for hour, requests in enumerate(day[:24])
    )
    return f'<tr><th scope="row">{scene.speech.say(f"day.{DAYS[place]}")}</th>{cells}</tr>'


def _cell(requests: int, refused: int, strength: int) -> str:
    number = f"<span>{escaped(requests)}</span>" if requests else ""
    return f'<td class="h{strength}{" stop" if refused else ""}">{number}<b>{refused or ""}</b></td>'

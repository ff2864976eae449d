"""The foot of the page: exchange rates that were used, how the figures came about, and what the words mean.

Owns those sections alone.
"""

from __future__ import annotations

from faregate.comparison.page.detail import linked
from faregate.comparison.page.scene import Scene
from faregate.comparison.page.speech import escaped
from faregate.comparison.page.tables import row, table
from faregate.comparison.result import RateUsed

_METHOD = ("replay", "everything", "blocked", "stand_in", "month", "leverage", "bands", "list", "combined")


def notes(scene: Scene) -> str:
    """Rates and method."""
    say = scene.speech.say
    terms = "".join(
        f"<div>{say(f'method.{key}', tag='dt')}{say(f'method.{key}.text', tag='dd')}</div>" for key in _METHOD
    )
    return (
        f'<section id="method" aria-labelledby="method-title"><h2 id="method-title">{say("method.title")}</h2>'
        f'<dl class="method">{terms}</dl>{_rates(scene)}</section>'
    )


def footer(scene: Scene) -> str:
    """Who made the page, and when."""
    made = f"{scene.day(scene.comparison['made_at'])} ({escaped(scene.comparison['zone'])})"
    return (
        f"<footer><p>{scene.speech.say('foot.made', scene.comparison['version'])} · {made}</p>"
        f"<p>{scene.speech.say('foot.private')}</p></footer>"
    )


def _rates(scene: Scene) -> str:
    say = scene.speech.say
    title = f"<h3>{say('rates.title')}</h3>"
    if not scene.comparison["rates"]:
        return f"{title}<p>{say('rates.none', scene.comparison['currency'])}</p>"
    rows = (_rate_row(scene, rate) for rate in scene.comparison["rates"])
    return title + table(scene, "rates", ("rate", "since", "source"), frozenset(), rows)


def _rate_row(scene: Scene, rate: RateUsed) -> str:
    # A rate holds for a date, which has no time zone, or from an instant.
    since = scene.day(rate["since"]) if "T" in rate["since"] else escaped(rate["since"])
    equation = f"1 {escaped(rate['base'])} = {escaped(rate['rate'])} {escaped(rate['quote'])}"
    return row("", ((equation, False), (since, False), (linked(rate["source"]), False)))

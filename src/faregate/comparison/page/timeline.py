"""How the windows of one plan filled and blocked over the period, as one drawing.

Owns the chart: a lane for the blocked stretches, and a lane of steps for each window. Shapes are stretched to the
room there is, words are not: they stand on percentages.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from faregate.comparison.page import figures, step_paths
from faregate.comparison.page.scene import Scene
from faregate.comparison.page.time_axis import COLUMNS, TimeAxis
from faregate.comparison.result import PlanOutcome, WindowSeries

# In pixels. A lane is its words and then its steps; the top line of the steps is the limit.
BLOCKED_LANE = 12
WORDS = 24
STEPS = 52
AXIS = 22
_TOP = WORDS + BLOCKED_LANE


def height_of(lanes: int) -> int:
    """The height of a chart of so many windows, in pixels."""
    return _TOP + lanes * (WORDS + STEPS) + AXIS


def axis_of(scene: Scene) -> TimeAxis:
    """The time that all timelines of the page show."""
    usage = scene.comparison["usage"]
    return TimeAxis(usage["begins"], usage["ends"], scene.zone)


def timeline(scene: Scene, plan: PlanOutcome, axis: TimeAxis) -> str:
    """The chart of a plan; empty where it has no window to show."""
    lanes = plan["series"]
    if not lanes:
        return f'<p class="muted">{scene.speech.say("timeline.none")}</p>'
    height = height_of(len(lanes))
    floor = height - AXIS
    blocked = [(axis.column(begins), axis.column(ends)) for begins, ends in plan["blocked_spans"]]
    parts = [
        scene.speech.say("timeline.words", plan["id"], plan["blocks"], tag="title"),
        _grid(floor),
        _words(scene.speech.say("timeline.blocked", tag="tspan"), 0),
        _stretched(WORDS, BLOCKED_LANE, f'<path class="t-none" d="M0 0h{COLUMNS}v{BLOCKED_LANE}H0z"/>'),
    ]
    if blocked:
        stripes = step_paths.stripes(blocked, BLOCKED_LANE)
        parts.append(_stretched(WORDS, BLOCKED_LANE, f'<path class="t-stop" d="{stripes}"/>'))
        shade = step_paths.stripes(blocked, floor - _TOP)
        parts.append(_stretched(_TOP, floor - _TOP, f'<path class="t-shade" d="{shade}"/>'))
    parts.extend(_lane(scene, plan, lane, _TOP + place * (WORDS + STEPS), axis) for place, lane in enumerate(lanes))
    parts.append(_dates(floor))
    return f'<svg class="timeline" width="100%" height="{height}" role="img">{"".join(parts)}</svg>'


def _lane(scene: Scene, plan: PlanOutcome, lane: WindowSeries, top: int, axis: TimeAxis) -> str:
    outcome = next(
        (one for one in plan["windows"] if (one["id"], one["plan"]) == (lane["window"], lane["plan"])), None
    )
    words = scene.speech.name(lane["names"], "tspan", ' class="t-name"')
    if outcome is not None:
        words += (
            f'<tspan dx="8">{figures.compact(outcome["limit"])} </tspan>{unit_name(scene, outcome["unit"], "tspan")}'
        )
        if outcome["refusals"]:
            binding = figures.share(outcome["binding"])
            words += scene.speech.say("timeline.binding", binding, tag="tspan", extra=' dx="8" class="t-bind"')
    points = step_paths.thinned((axis.column(at), height_at(share)) for at, share in lane["points"])
    steps = step_paths.area(points, COLUMNS, STEPS)
    drawn = (
        f'<path class="t-limit" d="M0 0H{COLUMNS}"/><path class="t-area" d="{steps}"/>'
        f'<path class="t-floor" d="M0 {STEPS}H{COLUMNS}"/>'
    )
    return _words(words, top) + _stretched(top + WORDS, STEPS, drawn)


def height_at(share: str) -> int:
    """How high a share of a limit stands in its lane, in pixels; beyond the limit is drawn at the limit."""
    return int((min(max(Decimal(share), Decimal(0)), Decimal(1)) * STEPS).quantize(Decimal(1), ROUND_HALF_UP))


def unit_name(scene: Scene, unit: str, tag: str = "span") -> str:
    """The word for a unit of a window, where there is one, else the unit as the plan writes it."""
    key = f"unit.{unit.lower()}"
    if scene.speech.knows(key):
        return scene.speech.say(key, tag=tag)
    return scene.speech.name({"en": unit}, tag)


def _words(content: str, top: int) -> str:
    return f'<text x="0" y="{top + WORDS - 7}">{content}</text>'


def _stretched(top: int, height: int, shapes: str) -> str:
    return (
        f'<svg y="{top}" width="100%" height="{height}" viewBox="0 0 {COLUMNS} {height}" preserveAspectRatio="none">'
        f"{shapes}</svg>"
    )


def shared_shapes(axis: TimeAxis) -> str:
    """What all timelines of the page have in common, once: grid and dates, for the ``defs`` of the page."""
    ticks = axis.ticks()
    grid = "".join(f"M{tick.column} 0v1" for tick in ticks)
    dates = "".join(
        f'<text class="t-date{" odd" if place % 2 else ""}" x="{tick.percent}%"{_anchored(tick.percent)}>'
        f"{tick.text}</text>"
        for place, tick in enumerate(ticks)
    )
    return f'<path id="grid" class="t-grid" d="{grid}"/><g id="dates">{dates}</g>'


def _grid(floor: int) -> str:
    room = f'y="{WORDS}" width="100%" height="{floor - WORDS}" viewBox="0 0 {COLUMNS} 1"'
    return f'<svg {room} preserveAspectRatio="none"><use href="#grid"/></svg>'


def _dates(floor: int) -> str:
    return f'<use href="#dates" y="{floor + 16}"/>'


def _anchored(percent: str) -> str:
    place = Decimal(percent)
    if place < 3:
        return ' text-anchor="start"'
    return ' text-anchor="end"' if place > 96 else ""

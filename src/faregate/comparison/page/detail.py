"""One plan looked at closely: its timeline, its windows, its worst blocks, what a month of it holds, its sources.

Owns the articles and the chooser above them. Without script each article opens by its summary; with script the
chooser shows one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import zip_longest

from faregate.comparison.page import figures
from faregate.comparison.page.board import anchor
from faregate.comparison.page.cost_bars import meter
from faregate.comparison.page.scene import Scene, is_zero
from faregate.comparison.page.speech import escaped
from faregate.comparison.page.tables import row, table
from faregate.comparison.page.time_axis import TimeAxis
from faregate.comparison.page.timeline import axis_of, timeline, unit_name
from faregate.comparison.result import Block, MonthHolds, PlanOutcome, WindowOutcome

_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)，。；：！？）]")


_PAGE_BYTES = 960_000
"""What a page may weigh, so that it can be sent to a friend: from here on plans are named and not drawn."""
_BYTES_AROUND = 40_000
_BYTES_OF_EACH = 3_600
"""What a plan takes elsewhere on the page (its rows and hours), and here where it is only named."""
_LEAST_BYTES = 120_000


def details(scene: Scene) -> str:
    """The section of all plans; the plan of the verdict (else the first) stands open.

    The best are drawn, as many as the page has room for; of the others it says how they are seen.
    """
    if not scene.replayed:
        return ""
    say = scene.speech.say
    axis = axis_of(scene)
    shown = scene.best or scene.replayed[0]
    room = max(_PAGE_BYTES - _BYTES_AROUND - _BYTES_OF_EACH * len(scene.replayed), _LEAST_BYTES)
    articles: list[str] = []
    for plan in scene.replayed:
        article = _article(scene, plan, axis, plan is shown) if room > 0 or plan is shown else ""
        room -= len(article.encode())
        articles.append(article or _named(scene, plan))
    return (
        f'<section id="plans" aria-labelledby="plans-title"><h2 id="plans-title">{say("plans.title")}</h2>'
        f'<p class="sub">{say("plans.sub")}</p>{_chooser(scene, shown)}{"".join(articles)}</section>'
    )


def _chooser(scene: Scene, shown: PlanOutcome) -> str:
    options = "".join(
        scene.speech.name(
            {language: f"{scene.rank(plan)} · {name}" for language, name in plan["names"].items()},
            "option",
            f' value="{anchor(scene, plan)}"{" selected" if plan is shown else ""}',
        )
        for plan in scene.replayed
    )
    return (
        f'<div class="chooser js" hidden><label for="chosen">{scene.speech.say("plans.choose")}</label>'
        f'<button type="button" id="before"{scene.speech.label("plans.before")}>‹</button>'
        f'<select id="chosen">{options}</select>'
        f'<button type="button" id="after"{scene.speech.label("plans.after")}>›</button></div>'
    )


def _named(scene: Scene, plan: PlanOutcome) -> str:
    """A plan that is not drawn, and the command that draws it."""
    words = scene.speech.say("plans.left_out")
    command = f"faregate compare --plans {plan['id']} --html FILE"
    return f"{_opening(scene, plan, is_open=False)}<p>{words} <code>{escaped(command)}</code></p></details>"


def _opening(scene: Scene, plan: PlanOutcome, *, is_open: bool) -> str:
    name = scene.speech.name(plan["names"])
    return (
        f'<details class="plan" id="{anchor(scene, plan)}"{" open" if is_open else ""}>'
        f'<summary><span class="roundel">{scene.rank(plan)}</span>{name}'
        f"<b>{scene.money(plan['everything_cost'])}</b></summary>"
        f'<div class="head"><h3>{name}{scene.mark(plan["mark"])}</h3>'
        f'<p class="muted"><code>{escaped(plan["id"])}</code> · '
        f"{escaped(plan['printed_price'])}</p></div>"
    )


def _article(scene: Scene, plan: PlanOutcome, axis: TimeAxis, is_open: bool) -> str:
    say = scene.speech.say
    return (
        f"{_opening(scene, plan, is_open=is_open)}{_figures(scene, plan)}"
        f"<h4>{say('timeline.title')}</h4>{timeline(scene, plan, axis)}"
        f'<div class="columns"><div>{_blocks(scene, plan)}{_stand_ins(scene, plan)}</div>'
        f"<div>{_month(scene, plan['holds'])}</div></div>"
        f"{_windows(scene, plan)}{_sources(scene, plan)}</details>"
    )


def _figures(scene: Scene, plan: PlanOutcome) -> str:
    say = scene.speech.say
    usage = f"{figures.grouped(plan['admitted'])} / {figures.grouped(plan['requests'])}"
    band = scene.band_of_shares(plan["admitted_band"])
    known = [
        ("figure.everything", scene.money(plan["everything_cost"]), scene.band_of_money(plan["everything_band"])),
        ("figure.price", scene.money(plan["price"]), scene.counted("figure.months", scene.comparison["months"])),
        ("figure.overflow", scene.money(plan["overflow_cost"]), scene.counted("figure.refused", plan["refused"])),
        ("figure.admitted", escaped(figures.share(plan["admitted_share"])), band or usage),
        ("figure.blocked", scene.span(plan["blocked_hours"]), scene.counted("figure.blocks", plan["blocks"])),
    ]
    if plan["binds"] is not None:
        known.append(("figure.binds", scene.speech.name(_window_names(plan, plan["binds"])), ""))
    if plan["not_offered"]:
        known.append(("figure.not_offered", figures.grouped(plan["not_offered"]), say("figure.not_offered.sub")))
    if not is_zero(plan["wallet_cost"]):
        known.append(("figure.wallet", scene.money(plan["wallet_cost"]), ""))
    if plan["wasted"] is not None:
        known.append(("figure.wasted", escaped(figures.share(plan["wasted"])), ""))
    if plan["money_per_million_tokens"] is not None:
        known.append(("figure.tokens", scene.money(plan["money_per_million_tokens"]), say("figure.tokens.sub")))
    if plan["leverage"] is not None:
        known.append(("figure.leverage", escaped(figures.times(plan["leverage"])), say("figure.leverage.sub")))
    items = "".join(
        f"<div><dt>{say(key)}</dt><dd>{figure}{f'<small>{more}</small>' if more else ''}</dd></div>"
        for key, figure, more in known
    )
    return f'<dl class="figures">{items}</dl>'


def _window_names(plan: PlanOutcome, window: str) -> Mapping[str, str]:
    return next((one["names"] for one in plan["windows"] if one["id"] == window), {"en": window})


def _blocks(scene: Scene, plan: PlanOutcome) -> str:
    say = scene.speech.say
    title = f"<h4>{say('blocks.title')}</h4>"
    if not plan["worst_blocks"]:
        return f'{title}<p class="good">{say("blocks.none")}</p>'
    columns = ("begins", "ends", "hours", "window", "requests")
    rows = (_block_row(scene, plan, block) for block in plan["worst_blocks"])
    return title + table(scene, "blocks", columns, frozenset(("hours", "requests")), rows)


def _block_row(scene: Scene, plan: PlanOutcome, block: Block) -> str:
    cells = (
        (scene.clock(block["begins"]), False),
        (scene.clock(block["ends"]), False),
        (scene.span(block["hours"]), True),
        (scene.speech.name(_window_names(plan, block["window"])), False),
        (figures.grouped(block["requests"]), True),
    )
    return row("", cells)


def _stand_ins(scene: Scene, plan: PlanOutcome) -> str:
    if not plan["stand_ins"]:
        return ""
    items = "".join(
        f'<li><code>{escaped(wanted)}</code> <span aria-hidden="true">→</span>'
        f"{scene.speech.say('stand_ins.by', extra=' class=vh')} <code>{escaped(given)}</code></li>"
        for wanted, given in plan["stand_ins"].items()
    )
    return f'<h4>{scene.speech.say("stand_ins.title")}</h4><ul class="plain">{items}</ul>'


def _month(scene: Scene, holds: MonthHolds) -> str:
    say = scene.speech.say
    held = [
        (key, figures.compact(amount))
        for key, amount in (
            ("prompts", holds["prompts"]),
            ("requests", holds["requests"]),
            ("tokens", holds["tokens"]),
        )
        if amount is not None
    ]
    if holds["list_value"] is not None:
        held.append(("list_value", scene.money(holds["list_value"])))
    title = f"<h4>{say('month.title')}</h4>"
    if not held:
        return f"{title}<p>{say('month.unlimited')}</p>"
    items = "".join(f"<div><dt>{say(f'month.{key}')}</dt><dd>{amount}</dd></div>" for key, amount in held)
    low, high = holds["band"]["low"], holds["band"]["high"]
    band = (
        f'<p class="muted">{say("month.band", figures.times(low), figures.times(high))}</p>'
        if Decimal(low) != Decimal(high)
        else ""
    )
    return f'{title}<dl class="held">{items}</dl>{band}{_derivation(scene, holds)}'


def _derivation(scene: Scene, holds: MonthHolds) -> str:
    mine = holds["derivation"].get(scene.speech.language) or holds["derivation"].get("en") or []
    theirs = holds["derivation"].get(scene.speech.other) or mine
    if not mine:
        return ""
    # Both languages say the same sum; should one need a line more, it is lost in neither.
    pairs = zip_longest(mine, theirs, fillvalue="")
    steps = "".join(
        scene.speech.name({scene.speech.language: one, scene.speech.other: other}, "li") for one, other in pairs
    )
    return f'<p class="how">{scene.speech.say("month.how")}</p><ol class="steps">{steps}</ol>'


def _windows(scene: Scene, plan: PlanOutcome) -> str:
    if not plan["windows"]:
        return ""
    columns = ("name", "limit", "known", "fullest", "wasted", "refusals", "binding")
    rows = (_window_row(scene, window) for window in plan["windows"])
    title = f"<h4>{scene.speech.say('windows.title')}</h4>"
    return title + table(scene, "windows", columns, frozenset(columns) - {"name", "known"}, rows)


def _window_row(scene: Scene, window: WindowOutcome) -> str:
    limit = f"{figures.compact(window['limit'])} {unit_name(scene, window['unit'])}"
    sign = f'<span class="mark {escaped(window["mark"])}" aria-hidden="true"></span>'
    fullest = escaped(figures.share(window["fullest"])) + meter(window["fullest"], kind="price")
    cells = (
        (limit, True),
        (sign + scene.speech.say(f"mark.{window['mark']}"), False),
        (fullest, True),
        (escaped(figures.share(window["wasted"])), True),
        (figures.grouped(window["refusals"]), True),
        (escaped(figures.share(window["binding"])) if window["refusals"] else "–", True),
    )
    return row(scene.speech.name(window["names"]), cells)


def _sources(scene: Scene, plan: PlanOutcome) -> str:
    if not plan["sources"]:
        return ""
    items = "".join(f"<li>{linked(source)}</li>" for source in plan["sources"])
    return f'<h4>{scene.speech.say("sources.title")}</h4><ul class="plain sources">{items}</ul>'


def linked(text: str) -> str:
    """``text`` escaped, its web addresses as links. Nothing else becomes a link."""
    parts: list[str] = []
    done = 0
    for found in _ADDRESS.finditer(text):
        parts.append(escaped(text[done : found.start()]))
        address = escaped(found[0])
        parts.append(f'<a href="{address}" rel="noopener noreferrer">{address}</a>')
        done = found.end()
    return "".join([*parts, escaped(text[done:])])

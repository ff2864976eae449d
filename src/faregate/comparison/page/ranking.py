"""The ranking: every plan with what it really costs to get everything done, in bars on one scale.

Owns the table, its legend and the row of no plan at all. The order is the comparison's.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from faregate.comparison.page import figures
from faregate.comparison.page.board import anchor
from faregate.comparison.page.cost_bars import PARTS, CostBars, meter
from faregate.comparison.page.scene import Scene, is_zero
from faregate.comparison.page.speech import escaped
from faregate.comparison.result import PlanOutcome

_COLUMNS = ("rank", "plan", "cost", "price", "admitted", "blocked", "leverage", "tokens")
# What may be sorted by, and how at first: the better end comes first.
_SORTED = {
    "cost": "ascending",
    "price": "ascending",
    "admitted": "descending",
    "blocked": "ascending",
    "leverage": "descending",
    "tokens": "ascending",
}
_LAST = "99999999999999"


def ranking(scene: Scene) -> str:
    """The section of the ranking."""
    say = scene.speech.say
    bars = _bars(scene)
    rows = [(Decimal(plan["everything_cost"]), _row(scene, plan, bars)) for plan in scene.replayed]
    listed = Decimal(scene.comparison["usage"]["list_value"])
    if listed > 0:
        place = sum(1 for cost, _ in rows if cost <= listed)
        rows.insert(place, (listed, _row_of_no_plan(scene, listed, bars)))
    head = "".join(_heading(scene, column) for column in _COLUMNS)
    return (
        f'<section id="ranking" aria-labelledby="ranking-title"><h2 id="ranking-title">{say("ranking.title")}</h2>'
        f'<p class="sub">{say("ranking.sub", figures.grouped(len(scene.replayed)))}</p>{_legend(scene, bars)}'
        f'<table class="rank" role="table"><caption class="vh">{say("ranking.caption")}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(row for _, row in rows)}</tbody></table>'
        f'<button type="button" class="more js" id="more" hidden>{say("ranking.more", len(rows))}</button>'
        f"{_unplayed(scene)}</section>"
    )


def _bars(scene: Scene) -> CostBars:
    costs = [Decimal(plan["everything_cost"]) for plan in scene.replayed]
    return CostBars(costs, Decimal(scene.comparison["usage"]["list_value"]))


def _heading(scene: Scene, column: str) -> str:
    words = scene.speech.say(f"column.{column}")
    if column not in _SORTED:
        return f'<th scope="col" role="columnheader" class="c-{column}">{words}</th>'
    order = ' aria-sort="ascending"' if column == "cost" else ""
    keys = f' data-sort="{column}" data-first="{_SORTED[column]}"{scene.speech.hint("ranking.sort")}'
    button = f'<button type="button"{keys}>{words}</button>'
    return f'<th scope="col" role="columnheader" class="c-{column}"{order}>{button}</th>'


def _row(scene: Scene, plan: PlanOutcome, bars: CostBars) -> str:
    place = scene.rank(plan)
    band = plan["everything_band"]
    costs = (plan["price"], plan["wallet_cost"], plan["overflow_cost"])
    shown = (figures.money(cost, scene.comparison["currency"]) for cost in (*costs, plan["everything_cost"]))
    words = scene.speech.say("bar.words", *shown, tag="title")
    bar = bars.bar([Decimal(cost) for cost in costs], (Decimal(band["low"]), Decimal(band["high"])), words)
    sorted_by = {
        "cost": plan["everything_cost"],
        "price": plan["price_per_month"],
        "admitted": plan["admitted_share"],
        "blocked": plan["blocked_hours"],
        "leverage": plan["leverage"] or "0",
        "tokens": plan["money_per_million_tokens"] or _LAST,
    }
    keys = "".join(f' data-{column}="{escaped(value)}"' for column, value in sorted_by.items())
    cells = {
        "rank": f'<span class="roundel">{place}</span>',
        "plan": _name(scene, plan),
        "cost": f'<div class="cost"><b class="sum">{scene.money(plan["everything_cost"])}</b>{bar}</div>',
        "price": scene.money(plan["price_per_month"]),
        "admitted": _admitted(scene, plan),
        "blocked": _blocked(scene, plan),
        "leverage": escaped(figures.times(plan["leverage"])) if plan["leverage"] else _nothing(scene),
        "tokens": scene.money(plan["money_per_million_tokens"])
        if plan["money_per_million_tokens"]
        else _nothing(scene),
    }
    kind = "best" if scene.best is plan else "idle" if _adds_nothing(scene, plan) else "other"
    return f'<tr role="row" class="{kind}"{keys}>{_cells(scene, cells)}</tr>'


def _cells(scene: Scene, cells: dict[str, str]) -> str:
    parts = []
    for column, content in cells.items():
        if column == "plan":
            parts.append(f'<th scope="row" role="rowheader" class="c-plan">{content}</th>')
            continue
        short = "" if column in ("rank", "cost") else scene.speech.say(f"short.{column}", extra=' class="short"')
        parts.append(f'<td role="cell" class="c-{column}">{short}{content}</td>')
    return "".join(parts)


def _name(scene: Scene, plan: PlanOutcome) -> str:
    tags = []
    if plan["stand_ins"]:
        tags.append("ranking.stand_in")
    if _adds_nothing(scene, plan):
        tags.append("ranking.idle")
    shown = "".join(scene.speech.say(key, extra=f' class="tag"{scene.speech.hint(f"{key}.hint")}') for key in tags)
    return (
        f'<a href="#{anchor(scene, plan)}">{scene.speech.name(plan["names"])}</a>'
        f"<small>{scene.mark(plan['mark'])}<code>{escaped(plan['id'])}</code>{shown}</small>"
    )


def _adds_nothing(scene: Scene, plan: PlanOutcome) -> bool:
    """Whether a combination did no better than a plan that is part of it."""
    parts = set(plan["plans"])
    return any(
        set(other["plans"]) < parts and Decimal(other["everything_cost"]) <= Decimal(plan["everything_cost"])
        for other in scene.replayed
    )


def _admitted(scene: Scene, plan: PlanOutcome) -> str:
    band = scene.band_of_shares(plan["admitted_band"])
    ends = (plan["admitted_band"]["low"], plan["admitted_band"]["high"]) if band else None
    return (
        f'<b class="nowrap">{escaped(figures.share(plan["admitted_share"]))}</b>{meter(plan["admitted_share"], ends)}'
        + (f'<small class="nowrap">{band}</small>' if band else "")
    )


def _blocked(scene: Scene, plan: PlanOutcome) -> str:
    if not plan["blocks"]:
        return scene.speech.say("ranking.never", extra=' class="good nowrap"')
    return f'<span class="nowrap">{scene.span(plan["blocked_hours"])}</span>'


def _nothing(scene: Scene) -> str:
    return f'<span aria-hidden="true">–</span>{scene.speech.say("nothing", extra=" class=vh")}'


def _row_of_no_plan(scene: Scene, listed: Decimal, bars: CostBars) -> str:
    value = scene.comparison["usage"]["list_value"]
    words = scene.speech.say("bar.list", figures.money(value, scene.comparison["currency"]), tag="title")
    tokens = scene.comparison["usage"]["tokens"]["total"]
    each = str(listed * 1_000_000 / tokens) if tokens else None
    bar = bars.bar((Decimal(0), Decimal(0), listed), (listed, listed), words)
    cells = {
        "rank": '<span class="roundel none" aria-hidden="true">–</span>',
        "plan": f"{scene.speech.say('ranking.no_plan')}<small>{scene.speech.say('ranking.no_plan.sub')}</small>",
        "cost": f'<div class="cost"><b class="sum">{scene.money(value)}</b>{bar}</div>',
        "price": scene.money("0"),
        "admitted": f'<b class="nowrap">{figures.share("1")}</b>',
        "blocked": scene.speech.say("ranking.never", extra=' class="good nowrap"'),
        "leverage": escaped(figures.times("1")),
        "tokens": scene.money(each) if each else _nothing(scene),
    }
    keys = f' data-cost="{escaped(value)}" data-price="0" data-admitted="1" data-blocked="0" data-leverage="1"'
    return f'<tr role="row" class="no-plan"{keys} data-tokens="{escaped(each or _LAST)}">{_cells(scene, cells)}</tr>'


def _legend(scene: Scene, bars: CostBars) -> str:
    say = scene.speech.say
    items = [
        f'<li><svg width="18" height="12" aria-hidden="true"><rect class="b-{part}" width="18" height="12"/></svg>'
        f"{say(f'legend.{part}')}</li>"
        for part in PARTS
        if part != "wallet" or any(not is_zero(plan["wallet_cost"]) for plan in scene.replayed)
    ]
    if bars.shows_list:
        line = '<svg width="18" height="14" aria-hidden="true"><line class="b-list" x1="9" x2="9" y2="14"/></svg>'
        value = figures.money(scene.comparison["usage"]["list_value"], scene.comparison["currency"])
        items.append(f"<li>{line}{say('legend.list', value)}</li>")
    if any(plan["everything_band"]["low"] != plan["everything_band"]["high"] for plan in scene.replayed):
        whisker = (
            '<svg width="18" height="12" aria-hidden="true"><path class="b-band" d="M1 6h16M1 2v8M17 2v8"/></svg>'
        )
        items.append(f"<li>{whisker}{say('legend.band')}</li>")
    marks = "".join(
        f'<li><span class="mark {mark}" aria-hidden="true"></span>{say(f"legend.{mark}")}</li>'
        for mark in ("official", "measured", "estimated")
    )
    return f'<ul class="legend"{scene.speech.label("legend.label")}>{"".join(items)}{marks}</ul>'


def _unplayed(scene: Scene) -> str:
    """Plans that could not be replayed, those of one reason together."""
    if not scene.unplayed:
        return ""
    reasons: dict[str, list[PlanOutcome]] = {}
    for plan in scene.unplayed:
        reasons.setdefault(scene.speech.name_text(plan["problem"] or {}), []).append(plan)
    items = "".join(
        f"<li>{scene.speech.name(plans[0]['problem'] or {})}<br>{_listed(scene, plans)}</li>"
        for plans in reasons.values()
    )
    return f'<div class="unplayed"><h3>{scene.speech.say("unplayed.title")}</h3><ul class="plain">{items}</ul></div>'


def _listed(scene: Scene, plans: Sequence[PlanOutcome]) -> str:
    return ", ".join(scene.speech.name(plan["names"], "b") for plan in plans)

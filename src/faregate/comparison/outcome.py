"""A trial in the shape that is shown.

Owns which figures stand where, and their rounding. Works nothing out by itself but shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from faregate.comparison.money import nano, text
from faregate.comparison.month import Limit, limits_of
from faregate.comparison.monthly import shown_month, sums_of
from faregate.comparison.offers import Offer
from faregate.comparison.opening import is_pack
from faregate.comparison.profile import Profile
from faregate.comparison.result import Block, PlanOutcome, WindowOutcome, WindowSeries
from faregate.comparison.stretches import Stretch, spans, worst
from faregate.comparison.trial import Run, Tried
from faregate.comparison.words import price_words, rounded
from faregate.comparison.workload import Workload
from faregate.core.amounts import MILLI, decimal_text, render, round_half_even
from faregate.core.billing import covers
from faregate.core.instants import HOUR, render_instant
from faregate.planfile import MARKS, Mark, Plan

_PLACES = 10**6


def share_text(part: Fraction) -> str:
    """A share to six places, downwards: what is not all of it never looks like all."""
    return decimal_text(Fraction(int(part * _PLACES), _PLACES))


def outcome_of(tried: Tried, workload: Workload, profile: Profile, currency: str) -> PlanOutcome:
    """The trial as it is shown."""
    offer, run, counts = tried.offer, tried.run, tried.run.counts
    asked = len(workload.requests)
    blocks = counts.stretches
    served = [by for by in tried.served.values() if by is not None]
    names = _Names(offer, run, served)
    return {
        "id": offer.id,
        "plans": [plan.id for plan in offer.plans],
        "names": {language: offer.names(language) for language in ("en", "zh")},
        "printed_price": " + ".join(price_words(plan) for plan in offer.subscriptions),
        "price": text(run.price),
        "price_per_month": text(nano(tried.month.price)),
        "holds": shown_month(tried.month, profile, currency, names.public),
        "leverage": tried.month.leverage,
        "money_per_million_tokens": _per_million(tried, profile),
        "requests": asked,
        "admitted": counts.admitted,
        "admitted_share": share_text(Fraction(counts.admitted, asked)),
        "admitted_band": {
            "low": share_text(Fraction(tried.low.counts.admitted, asked)),
            "high": share_text(Fraction(tried.high.counts.admitted, asked)),
        },
        "refused": counts.refused,
        "not_offered": counts.not_offered,
        "blocked_hours": _hours(sum(each.length for each in blocks)),
        "worst_blocks": [_block(each, names) for each in worst(blocks)],
        "blocks": len(blocks),
        "blocked_spans": [(render_instant(begins), render_instant(ends)) for begins, ends in spans(blocks)],
        "windows": _windows(tried, workload, names),
        "binds": _binds(run, names),
        "wallet_cost": text(counts.wallet),
        "overflow_cost": text(counts.overflow),
        "everything_cost": text(run.cost),
        "everything_band": {
            "low": text(min(tried.low.cost, run.cost, tried.high.cost)),
            "high": text(max(tried.low.cost, run.cost, tried.high.cost)),
        },
        "wasted": _wasted(tried, workload, profile),
        "stand_ins": {model: by for model, by in tried.served.items() if by is not None and by != model},
        "series": _series(run, names),
        "blocked_by_hour": [counts.refused_slots[day * 24 : day * 24 + 24] for day in range(7)],
        "mark": _mark(offer),
        "sources": _sources(offer),
        "problem": _problem(counts.admitted, bool(served), counts.refused),
    }


_NOTHING_SERVED = {
    "en": "It offers none of these models, and no model of it can stand in.",
    "zh": "该套餐不含这些模型，也没有可以替代的模型。",
}
_NOT_FOR_THEM = {
    "en": "It is not for these requests: for other tools, or nothing prices their models there.",
    "zh": "该套餐不适用于这些请求：只供其他工具使用，或其模型没有价格。",
}
_NONE_ADMITTED = {
    "en": "It admits none of these requests.",
    "zh": "该套餐没有放行任何请求。",
}


def _problem(admitted: int, served: bool, refused: int) -> dict[str, str] | None:
    """Why a plan is no answer at all; None where it admits something."""
    if admitted:
        return None
    if not served:
        return _NOTHING_SERVED
    return _NONE_ADMITTED if refused else _NOT_FOR_THEM


class _Names:
    """Public ids and names of the windows and pools of an account, by key."""

    def __init__(self, offer: Offer, run: Run, served: Sequence[str]) -> None:
        plans = {plan.id: plan for plan in offer.plans}
        self._served = served
        self.plans: dict[str, Plan] = {}
        for key, subscription in run.account.state.subscriptions.items():
            if subscription.terms.plan in plans:
                self.plans[key] = plans[subscription.terms.plan]

    def plan(self, key: str) -> Plan | None:
        return self.plans.get(key.rpartition(":")[0])

    def public(self, key: str) -> str:
        """``88code/plus:day``; what is no key of a window or pool stays as it is, less the number of its plan."""
        plan = self.plan(key)
        if plan is not None:
            return f"{plan.id}:{key.rpartition(':')[2]}"
        return key.replace(key.partition("#")[2].partition("/")[0], "").replace("#", "") if "#" in key else key

    def concerns(self, key: str) -> bool:
        """Whether a window or pool counts anything of the models served, and not, say, tools alone."""
        plan, id = self.plan(key), key.rpartition(":")[2]
        sources = plan.terms.sources if plan is not None else ()
        return any(
            id in (*source.windows, source.pool) and any(covers(source, model) for model in self._served)
            for source in sources
        )

    def names(self, key: str) -> dict[str, str]:
        plan, id = self.plan(key), key.rpartition(":")[2]
        part = (plan.windows.get(id) or plan.pools.get(id)) if plan is not None else None
        if part is None or part.names is None:
            return {"en": id, "zh": id}
        return part.names._asdict()

    def mark(self, key: str) -> Mark:
        plan = self.plan(key)
        return plan.known(key.rpartition(":")[2]) if plan is not None else "official"


# ---- what a month holds


def _per_million(tried: Tried, profile: Profile) -> str | None:
    """What a million tokens cost to somebody who uses all that a month holds."""
    holding = tried.month.holding
    if not holding.share:
        return None
    tokens = sums_of(profile, holding)[2] * holding.share
    return text(nano(tried.month.price * 10**6 / tokens)) if tokens else None


# ---- windows, pools and blocks


def _windows(tried: Tried, workload: Workload, names: _Names) -> list[WindowOutcome]:
    run, counts = tried.run, tried.run.counts
    limits = limits_of(run.account.state)
    fullest = {curve.key: max(curve.peaks) for curve in run.fullness.curves}
    return [
        {
            "id": names.public(key),
            "plan": _plan_id(key, names),
            "names": names.names(key),
            "unit": limit.unit,
            "limit": render(limit.size, limit.unit),
            "refusals": counts.refusals.get(key, 0),
            "binding": share_text(Fraction(counts.refusals.get(key, 0), max(counts.refused, 1))),
            "wasted": share_text(1 - _used_share(limit, run, workload)),
            "fullest": share_text(min(Fraction(fullest.get(key, limit.size), limit.size or 1), Fraction(1))),
            "mark": names.mark(key),
        }
        for key, limit in limits.items()
        # A guard is shown where it refused something: how full it was for a minute tells nothing else.
        if limit.size and ((key in fullest and names.concerns(key)) or counts.refusals.get(key))
    ]


def _plan_id(key: str, names: _Names) -> str:
    plan = names.plan(key)
    return plan.id if plan is not None else ""


def _used_share(limit: Limit, run: Run, workload: Workload) -> Fraction:
    """How much of what a limit would have let through in the whole time was used."""
    drawn = run.counts.drawn.get(limit.key)
    if drawn is None:
        return Fraction(0) if run.counts.refusals.get(limit.key) is None else Fraction(run.counts.admitted * MILLI)
    plan = limit.key.partition("#")[0]
    pack = next((each for each in run.account.offer.plans if each.id == plan and is_pack(each)), None)
    whole = limit.size * (1 + run.account.packs.get(plan, 0)) if pack else limit.total * workload.months
    return min(Fraction(drawn) / whole, Fraction(1))


def _binds(run: Run, names: _Names) -> str | None:
    refusals = run.counts.refusals
    if not refusals:
        return None
    return names.public(max(sorted(refusals), key=lambda key: refusals[key]))


def _block(block: Stretch, names: _Names) -> Block:
    return {
        "begins": render_instant(block.begins),
        "ends": render_instant(block.ends),
        "hours": _hours(block.length),
        "window": names.public(block.window),
        "requests": block.requests,
    }


def _hours(length: int) -> str:
    return rounded(Fraction(length, HOUR), 2)


def _series(run: Run, names: _Names) -> list[WindowSeries]:
    return [
        {
            "window": names.public(curve.key),
            "plan": _plan_id(curve.key, names),
            "names": names.names(curve.key),
            "points": [
                (_instant(at), _part(min(used, curve.limit), curve.limit)) for at, used in run.fullness.points(curve)
            ],
        }
        for curve in run.fullness.curves
        if names.concerns(curve.key)
    ]


@lru_cache(maxsize=1024)
def _instant(at: int) -> str:
    """The curves of all plans have the same instants."""
    return render_instant(at)


def _part(used: int, limit: int) -> str:
    """A share to four places."""
    if used <= 0 or used >= limit:
        # Half of the points of most curves.
        return "0" if used <= 0 else "1"
    places = round_half_even(used * 10_000, limit)
    whole, rest = divmod(places, 10_000)
    return f"{whole}.{rest:04}".rstrip("0") if rest else str(whole)


def _wasted(tried: Tried, workload: Workload, profile: Profile) -> str | None:
    """The share of what the plan holds over the whole time that was never used."""
    holding = tried.month.holding
    if not holding.share or any(is_pack(plan) for plan in tried.offer.plans):
        return None
    held = sums_of(profile, holding)[1] * holding.share * workload.months
    return share_text(1 - min(Fraction(tried.run.counts.covered) / held, Fraction(1))) if held else None


# ---- how it is known


def _mark(offer: Offer) -> Mark:
    marks: list[Mark] = ["official"]
    for plan in offer.subscriptions:
        marks += [part.known for part in (*plan.windows.values(), *plan.pools.values())]
        marks += [price.known for price in plan.prices[:1]]
    return max(marks, key=MARKS.index)


def _sources(offer: Offer) -> list[str]:
    """Title, address and date of every source of the figures, the file's own first."""
    own = offer.family.source
    lines = [f"{own.title} ({own.as_of})"]
    for plan in offer.subscriptions:
        keys = [part.source for part in (*plan.windows.values(), *plan.pools.values())]
        keys += [price.source for price in plan.prices]
        places = [plan.sources[key] for key in dict.fromkeys(keys) if key is not None]
        lines += [f"{place.title}{f', {place.url}' if place.url else ''} ({place.as_of})" for place in places]
    return list(dict.fromkeys(lines))

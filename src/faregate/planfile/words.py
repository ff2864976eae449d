"""A plan in plain sentences, English or Chinese: what it costs, what it holds, what binds, what it is for.

Owns which sentences a plan needs. The wording stands in phrases.py. Every figure comes from the plan.
"""

from __future__ import annotations

from collections.abc import Iterable

from faregate.core.instants import render_instant
from faregate.core.market import Market
from faregate.core.terms import MeterVersion
from faregate.core.usage import USAGE_CLASSES
from faregate.planfile.document_base import Bilingual
from faregate.planfile.document_limits import (
    CalendarRefill,
    MultiplierByModel,
    MultiplierBySchedule,
    MultiplierBySegment,
    MultiplierByUse,
    PoolDocument,
    RenewalRefill,
    SourceDocument,
    WindowDocument,
)
from faregate.planfile.family import Family, Plan
from faregate.planfile.figure_words import figure_text
from faregate.planfile.figures import facts_at
from faregate.planfile.phrases import (
    PHRASES,
    every_words,
    length_words,
    number_words,
    unit_words,
    usage_words,
)
from faregate.planfile.scalars import Quantity
from faregate.planfile.units import COUNTING_METERS
from faregate.planfile.values import Names

_MOST_MODELS = 12


def explain_in_words(
    family: Family, plan: Plan, language: str = "en", at: int = 0, market: Market | None = None
) -> list[str]:
    """The terms of ``plan`` in sentences, in ``language`` (``en`` or ``zh``), with the rates in force at ``at``.

    Figures that need list prices are said where ``market`` knows them.
    """
    speaker = Speaker(family, plan, language, at, market)
    return [sentence for sentence in speaker.sentences() if sentence]


class Speaker:
    """Says one plan in one language."""

    def __init__(self, family: Family, plan: Plan, language: str, at: int, market: Market | None = None) -> None:
        self.family, self.plan, self.language, self.at, self.market = family, plan, language, at, market
        self.written = plan.document
        self.phrases = PHRASES[language]
        self.space = "" if language == "zh" else " "

    def sentences(self) -> Iterable[str]:
        """Everything, in reading order."""
        yield self.say("title", name=self.text(self.plan.names), id=self.plan.id, version=self.family.version)
        if self.written.about:
            yield self.text(self.written.about)
        yield from self.prices()
        yield from self.beside()
        yield from self.meters()
        yield from self.sources()
        for id, pool in self.written.pools.items():
            yield self.pool(id, pool)
        for id, window in self.written.windows.items():
            yield self.window(id, window)
        yield from self.multipliers()
        yield from self.scope()
        yield self.admission()
        yield self.away()
        yield from self.facts()
        yield from self.policies()

    def say(self, phrase: str, **words: object) -> str:
        return self.phrases[phrase].format(**words)

    def text(self, names: Bilingual | Names | None, otherwise: str = "") -> str:
        return names.text(self.language) if names else otherwise

    def joined(self, words: Iterable[str]) -> str:
        return self.phrases["joint"].join(words)

    def quantity(self, quantity: Quantity) -> str:
        own = self.family.document.units.get(quantity.unit)
        unit = f" {self.text(own.names)}" if own else unit_words(quantity.unit, self.language, quantity.amount)
        return number_words(quantity.amount) + unit

    def plan_names(self, ids: Iterable[str]) -> str:
        plans = self.family.document.plans
        return self.joined(self.text(plans[id].names) for id in ids)

    def prices(self) -> Iterable[str]:
        providers = self.family.document.payments
        for index, price in enumerate(self.written.prices):
            if price.amount.amount == 0:
                yield self.phrases["free"]
                continue
            days = price.period.removesuffix("d")
            named = f"period_{price.period}"
            period = self.say(named if named in self.phrases else "period_days", days=days)
            endless = price.period == "none"
            renews = "" if endless else self.phrases["renews" if price.renews else "once"]
            said = self.say(
                "price_or" if index else "price", amount=self.quantity(price.amount), period=period, renews=renews
            )
            if price.pay_with:
                named_providers = self.joined(self.text(providers[id].names) for id in price.pay_with)
                said += self.say("pay_with", providers=named_providers)
            yield said

    def beside(self) -> Iterable[str]:
        document = self.family.document
        name = self.plan.id.partition("/")[2]
        for members in document.one_of.values():
            if name in members and len(members) > 1:
                yield self.say("one_of", plans=self.plan_names(members))
        if len(document.order) > 1:
            groups = [document.one_of.get(step, [step]) for step in document.order]
            steps = [" / ".join(self.text(document.plans[id].names) for id in group) for group in groups]
            yield self.say("order", plans=" → ".join(steps))
        if self.written.companions:
            yield self.say("companions", plans=self.plan_names(self.written.companions))
        if self.written.opt_in:
            yield self.phrases["opt_in"]
        if self.written.keys:
            yield self.say("keys", kind=self.text(document.key_kinds[self.written.keys].names))
        if self.written.extra_usage:
            yield self.say("extra_usage", plan=self.plan_names([self.written.extra_usage]))

    def meters(self) -> Iterable[str]:
        meters = {source.meter.name: source.meter for source in self.plan.terms.sources}
        for meter in meters.values():
            own = self.family.document.units.get(meter.unit)
            unit = self.text(own.names) if own else unit_words(meter.unit, self.language).strip()
            if meter.name in COUNTING_METERS:
                yield self.say("counted", unit=unit)
                continue
            parts = self.joined(self.meter_parts(meter.version_at(self.at)))
            yield self.say("meter", unit=unit, parts=parts)

    def meter_parts(self, version: MeterVersion) -> Iterable[str]:
        if version.cost == 1:
            yield self.phrases["cost_only"]
        elif version.cost:
            yield self.say("cost_part", times=number_words(version.cost), currency=version.currency)
        for usage_class, weight in zip(USAGE_CLASSES, version.weights, strict=True):
            if weight:
                usage = usage_words(usage_class, self.language)
                yield self.say("weight_part", times=number_words(weight), usage=usage)

    def sources(self) -> Iterable[str]:
        alone = len(self.written.sources) == 1
        for index, source in enumerate(self.written.sources):
            phrase = "place_only" if alone else "place_next" if index else "place_first"
            place = self.say(phrase, source=self.text(source.names, source.id))
            yield self.source(place, source)

    def source(self, place: str, source: SourceDocument) -> str:
        windows = self.joined(self.window_name(id) for id in source.windows)
        if source.pool is None:
            return self.say("source_windows", place=place, windows=windows)
        within = self.say("within", windows=windows) if windows else ""
        pool = self.text(self.written.pools[source.pool].names, source.pool)
        return self.say("source", place=place, pool=pool, windows=within)

    def window_name(self, id: str) -> str:
        return self.text(self.written.windows[id].names, id)

    def pool(self, id: str, pool: PoolDocument) -> str:
        name = self.text(pool.names, id)
        name = _capital(name)
        sureness = self._sureness(pool).lstrip(", ，")
        if sureness:
            name += self.say("pool_known", sureness=sureness)
        granted = self.say("pool_granted", pool=name, amount=self.quantity(pool.granted)) if pool.granted else ""
        refill = pool.refill
        if refill is None:
            return granted or self.say("pool_empty", pool=name)
        if isinstance(refill, RenewalRefill):
            bonus = refill.bonus or 0
            full = Quantity(refill.amount.amount * (1 + bonus), refill.amount.unit)
            extra = Quantity(refill.amount.amount * bonus, refill.amount.unit)
            share = self.say("bonus", share=self.quantity(extra)) if bonus else ""
            said = self.say("pool_renewal", pool=name, amount=self.quantity(full), bonus=share)
            return self.together(granted, said)
        zone, every = refill.zone or self.family.document.zone, every_words(refill.every, self.language)
        amount = self.quantity(refill.amount)
        if isinstance(refill, CalendarRefill):
            said = self.say("pool_calendar", pool=name, amount=amount, every=every, zone=zone)
            return self.together(granted, said)
        how = self.phrases["restore_automatic" if refill.automatic else "restore_manual"]
        said = self.say("pool_restore", pool=name, amount=amount, times=refill.times, every=every, zone=zone, how=how)
        return self.together(granted, said)

    def _sureness(self, limit: WindowDocument | PoolDocument) -> str:
        """How surely a limit is known, where the seller does not print it, with its band."""
        said = "" if limit.known == "official" else self.phrases[f"known_{limit.known}"]
        if limit.between is not None:
            low, high = map(self.quantity, limit.between)
            said += self.say("band", low=low, high=high)
        return said

    def together(self, *sentences: str) -> str:
        return self.space.join(sentence for sentence in sentences if sentence)

    def window(self, id: str, window: WindowDocument) -> str:
        counts = self.phrases["cost"] if window.meter == "cost" else window.meter
        counting = window.meter != "drawn" and not window.guard
        meter = self.say("counts", meter=counts) if counting else ""
        if not window.multiplied:
            meter += self.phrases["unmultiplied"]
        meter += self._sureness(window)
        said = self.say(
            f"window_{window.kind}",
            limit=self.quantity(window.limit),
            length=length_words(window.length or 0, self.language),
            every=every_words(window.every, self.language) if window.every else "",
            zone=window.zone or self.family.document.zone,
            name=self.text(window.names, id),
            meter=meter,
        )
        waits = self.written.when_exhausted == "wait"
        effect = self.phrases["guard"] if window.guard else "" if waits else self.phrases["funding"]
        if window.lifted_by:
            effect += self.say("lifted", wallet=self.plan_names([window.lifted_by]))
        if window.by == "key":
            effect += self.phrases["by_key"]
        return said + effect

    def multipliers(self) -> Iterable[str]:
        named = dict.fromkeys(name for source in self.written.sources for name in source.multipliers)
        for id in named:
            rule = self.family.document.multipliers[id]
            name = self.text(rule.names, id)
            name = _capital(name)
            if isinstance(rule, MultiplierByUse):
                yield self.say(
                    "by_use",
                    name=name,
                    every=every_words(rule.every, self.language),
                    zone=rule.zone or self.family.document.zone,
                    parts=self.joined(self.brackets(rule)),
                )
            else:
                yield self.say(f"by_{rule.by}", name=name, parts=self.joined(self.multiplier_parts(rule)))

    def brackets(self, rule: MultiplierByUse) -> Iterable[str]:
        for bracket in rule.brackets:
            times = number_words(bracket.times)
            if bracket.up_to is None:
                yield self.say("beyond", times=times)
            else:
                yield self.say("up_to", times=times, bound=self.quantity(bracket.up_to))

    def multiplier_parts(self, rule: MultiplierByModel | MultiplierBySchedule | MultiplierBySegment) -> Iterable[str]:
        if isinstance(rule, MultiplierByModel):
            for by_model in rule.values:
                who = self.joined(item.id for item in by_model.models)
                yield self.say("times_of", who=who, times=number_words(by_model.times))
        elif isinstance(rule, MultiplierBySegment):
            segments = self.family.document.segments
            for by_segment in rule.values:
                who = self.text(segments[by_segment.segment].names)
                yield self.say("times_of", who=who, times=number_words(by_segment.times))
        else:
            for band in rule.bands:
                start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (band.from_, band.until))
                days = f" ({', '.join(band.days)})" if band.days else ""
                times = number_words(band.times)
                yield self.say("times_band", times=times, start=start, end=end, days=days)
            for dated in rule.values:
                times = number_words(dated.times)
                if dated.since is None:
                    yield self.say("times_now", times=times)
                else:
                    yield self.say("times_since", times=times, since=render_instant(dated.since))

    def scope(self) -> Iterable[str]:
        available = [entry.id for entry in self.plan.models if entry.available]
        coming = [entry.id for entry in self.plan.models if not entry.available]
        if available == ["*"]:
            yield self.phrases["all_models"]
        elif available:
            shown = self.joined(available[:_MOST_MODELS])
            more = "" if len(available) <= _MOST_MODELS else self.phrases["joint"] + "…"
            yield self.say("models", count=len(available), models=shown + more)
        if coming:
            yield self.say("coming", models=self.joined(coming))
        clients = self.written.clients
        if clients:
            others = self.phrases[clients.others]
            yield self.say("clients", clients=self.joined(clients.allowed), others=others)
        if self.written.when_exhausted == "wait":
            yield self.phrases["wait"]
        if self.written.calls_per_prompt:
            yield self.say("calls_per_prompt", calls=self.written.calls_per_prompt)

    def admission(self) -> str:
        if self.written.admission == "fits":
            return self.phrases["fits"]
        debts = {pool.debt for pool in self.written.pools.values()}
        return self.say("open", debt=self.phrases["carry" if "carry" in debts else "forgive"])

    def away(self) -> str:
        """How far requests go on while the books are away; nothing where they do not."""
        rule = self.written.while_books_are_away
        if rule is None:
            return ""
        bounds = [self.say("away_requests", count=rule.requests)] if rule.requests is not None else []
        bounds += [self.say("away_draw", amount=self.quantity(rule.draw))] if rule.draw is not None else []
        return self.say("away", length=length_words(rule.grace, self.language), most=self.joined(bounds))

    def facts(self) -> Iterable[str]:
        for figure in facts_at(self.family.document, self.written, self.at, self.market):
            value = figure_text(self.family.document, figure, self.language)
            value += self.phrases[f"fact_{figure.kind}"]
            yield self.say("fact", name=_capital(self.text(figure.names)), value=value)

    def policies(self) -> Iterable[str]:
        refund = self.written.refund
        if refund is not None:
            text = self.text(refund.text)
            yield self.say("refund", text=text) if refund.allowed else self.phrases["no_refund"]
        policy = self.written.use_policy
        for key in ("allowed", "forbidden"):
            uses = getattr(policy, key, [])
            if uses:
                yield self.say(key, uses=self.phrases["joint_uses"].join(map(self.text, uses)))
        sharing = self.written.sharing
        if sharing is not None and not sharing.allowed:
            yield self.text(sharing.text, self.phrases["no_sharing"])
        if self.written.support:
            yield self.say("support", text=self.text(self.written.support.names))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]

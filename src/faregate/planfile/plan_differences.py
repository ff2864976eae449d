"""What differs between two versions of a plan or family, in words of both languages.

Owns which parts are compared and under which subject a difference is told. The sentences are those in which each
version is explained; a field that no sentence tells is told as it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from faregate.planfile.differences import FieldChange, field_changes, shown_value
from faregate.planfile.family import Family, Plan
from faregate.planfile.figures import facts_at
from faregate.planfile.offer_words import OfferSpeaker
from faregate.planfile.phrases import PHRASES
from faregate.planfile.scalars import Quantity
from faregate.planfile.words import Speaker

LANGUAGES = ("en", "zh")
Key = tuple[str, str]
"""(subject, id within it)."""
Sentences = dict[Key, dict[str, str]]
"""What is said of each part, by language."""

SUBJECT_OF = {
    "prices": "price",
    "pools": "pool",
    "windows": "window",
    "sources": "source",
    "facts": "fact",
    "models": "models",
    "clients": "clients",
    "when_exhausted": "exhausted",
    "calls_per_prompt": "prompts",
    "admission": "admission",
    "while_books_are_away": "admission",
    "refund": "refund",
    "switch": "switch",
    "renewal": "renewal",
    "companions": "beside",
    "opt_in": "beside",
    "keys": "beside",
    "extra_usage": "beside",
    "sale": "sale",
    "cohort": "cohort",
    "former": "former",
    "exchange": "exchange",
    "rates": "list_price",
    "order": "beside",
    "one_of": "beside",
    "multipliers": "multiplier",
    "meters": "meter",
    "model_mapping": "mapping",
}
"""Field of a document -> the subject under which its changes are told."""
_TOLD_BY_PLANS = frozenset({"plans", "version", "models", "multipliers", "meters", "templates", "order", "one_of"})
_ORIGINS = frozenset({"source", "sources", "known"})
"""Fields that say where figures are from: no terms."""
_BY_ID = frozenset({"price", "pool", "window", "source", "fact"})


class Difference(NamedTuple):
    """One difference. ``change``: added, removed or changed; ``old`` and ``new`` say each side by language.

    ``percent`` is by how much its amount rose, to a tenth, where both sides have one in the same unit.
    """

    subject: str
    id: str
    change: str
    old: dict[str, str] | None
    new: dict[str, str] | None
    percent: str | None = None

    def data(self) -> dict[str, Any]:
        return self._asdict()


def plan_differences(old: tuple[Family, Plan], new: tuple[Family, Plan], at: int) -> list[Difference]:
    """What differs between two plans, or two versions of one, with rates as of ``at``."""
    found = list(_compared(_said_of_plan(*old, at), _said_of_plan(*new, at)))
    amounts = _amounts(old[1]), _amounts(new[1])
    found = [each._replace(percent=_percent(amounts, each)) for each in found]
    found += _models(old[1], new[1])
    return [*found, *_untold(field_changes(old[1].document, new[1].document), found, frozenset({"models", "checks"}))]


def family_differences(old: Family, new: Family) -> list[Difference]:
    """What differs between two versions of a family beside their plans: sale, cohorts, rates and whatever else."""
    found = list(_compared(_said_of_family(old), _said_of_family(new)))
    return [*found, *_untold(field_changes(old.document, new.document), found, _TOLD_BY_PLANS)]


def _compared(old: Sentences, new: Sentences) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before != after:
            change = "added" if before is None else "removed" if after is None else "changed"
            yield Difference(*key, change, before, after)


def _said_of_plan(family: Family, plan: Plan, at: int) -> Sentences:
    said: Sentences = {}
    for language in LANGUAGES:
        for key, words in _plan_sentences(Speaker(family, plan, language, at), OfferSpeaker(language)):
            if words:
                said.setdefault(key, {})[language] = words
    return said


def _plan_sentences(speaker: Speaker, offer: OfferSpeaker) -> Iterator[tuple[Key, str]]:
    written = speaker.written
    yield from _keyed("price", (price.id for price in written.prices), speaker.prices())
    yield ("beside", ""), speaker.together(*speaker.beside())
    meters = dict.fromkeys(source.meter.name for source in speaker.plan.terms.sources)
    yield from _keyed("meter", meters, speaker.meters())
    yield from _keyed("source", (source.id for source in written.sources), speaker.sources())
    for id, pool in written.pools.items():
        yield ("pool", id), speaker.pool(id, pool)
    for id, window in written.windows.items():
        yield ("window", id), speaker.window(id, window)
    named = dict.fromkeys(name for source in written.sources for name in source.multipliers)
    yield from _keyed("multiplier", named, speaker.multipliers())
    yield from _scope_sentences(speaker)
    for each in written.model_mapping:
        yield ("mapping", each.from_), offer.mapping(each)
    yield ("admission", ""), speaker.together(speaker.admission(), speaker.away())
    figures = facts_at(speaker.family.document, written, speaker.at)
    yield from _keyed("fact", (figure.id for figure in figures), speaker.facts())
    if written.refund is not None:
        yield ("refund", ""), offer.refund(written.refund)
    if written.switch is not None:
        yield ("switch", "upgrade"), offer.switch("upgrade", written.switch.upgrade)
        yield ("switch", "downgrade"), offer.switch("downgrade", written.switch.downgrade)
    if written.renewal is not None:
        yield ("renewal", ""), offer.renewal(written.renewal)


def _scope_sentences(speaker: Speaker) -> Iterator[tuple[Key, str]]:
    written = speaker.written
    if written.clients is not None:
        others = PHRASES[speaker.language][written.clients.others]
        clients = speaker.joined(written.clients.allowed)
        yield ("clients", ""), speaker.say("clients", clients=clients, others=others)
    if written.when_exhausted == "wait":
        yield ("exhausted", ""), speaker.say("wait")
    if written.calls_per_prompt:
        yield ("prompts", ""), speaker.say("calls_per_prompt", calls=written.calls_per_prompt)


def _keyed(subject: str, ids: Iterable[str], sentences: Iterable[str]) -> Iterator[tuple[Key, str]]:
    for id, sentence in zip(ids, sentences, strict=True):
        yield (subject, id), sentence


def _said_of_family(family: Family) -> Sentences:
    document, said = family.document, Sentences()
    for language in LANGUAGES:
        offer = OfferSpeaker(language)
        parts: list[tuple[Key, Any, Callable[[Any], str]]] = [
            (("sale", ""), document.sale, offer.sale),
            (("cohort", ""), document.cohort, offer.cohort),
            (("former", ""), document.former, offer.former),
            *((("exchange", f"{each.from_}/{each.to}"), each, offer.exchange) for each in document.exchange),
            *((("list_price", f"{each.model}@{each.since or 0}"), each, offer.card) for each in document.rates),
        ]
        for key, part, say in parts:
            if part is not None:
                said.setdefault(key, {})[language] = say(part)
    return said


def _models(old: Plan, new: Plan) -> Iterator[Difference]:
    """Models that came, went, or became available."""
    before = {entry.id: entry.available for entry in old.models}
    after = {entry.id: entry.available for entry in new.models}
    for id in dict.fromkeys((*before, *after)):
        states = [_model_state(id, each.get(id)) for each in (before, after)]
        if states[0] != states[1]:
            change = "added" if id not in before else "removed" if id not in after else "changed"
            yield Difference("model", id, change, states[0], states[1])


def _model_state(id: str, available: bool | None) -> dict[str, str] | None:
    if available is None:
        return None
    return dict.fromkeys(LANGUAGES, id) if available else {"en": f"{id} (coming soon)", "zh": f"{id}（即将上线）"}


def _untold(changes: Iterable[FieldChange], told: list[Difference], leave: frozenset[str]) -> Iterator[Difference]:
    """Changes of fields that none of ``told`` is about, as they are written."""
    subjects = {each.subject for each in told}
    parts = {(each.subject, each.id) for each in told}
    for change in changes:
        section = change.path[0]
        subject = SUBJECT_OF.get(section)
        by_id = subject in _BY_ID and len(change.path) > 1
        if section in leave or ((subject, change.path[1]) in parts if by_id else subject in subjects):
            continue
        kind = "added" if change.old is None else "removed" if change.new is None else "changed"
        origin = section in _ORIGINS or change.path[-1] in _ORIGINS
        told_as = "origin" if origin else "field"
        yield Difference(told_as, change.place, kind, _as_written(change.old), _as_written(change.new))


def _as_written(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    if isinstance(value, dict) and set(value) == set(LANGUAGES):
        return {language: str(value[language]) for language in LANGUAGES}
    if isinstance(value, dict) and value.get("names"):
        # A part that is new or gone and that no sentence tells: what it is called.
        return _as_written(value["names"])
    return dict.fromkeys(LANGUAGES, shown_value(value))


def _amounts(plan: Plan) -> Mapping[Key, Quantity]:
    written = plan.document
    amounts: dict[Key, Quantity] = {("price", price.id): price.amount for price in written.prices}
    amounts |= {("window", id): window.limit for id, window in written.windows.items()}
    for id, pool in written.pools.items():
        amount = pool.refill.amount if pool.refill is not None else pool.granted
        if amount is not None:
            amounts["pool", id] = amount
    return amounts


def _percent(amounts: tuple[Mapping[Key, Quantity], Mapping[Key, Quantity]], difference: Difference) -> str | None:
    before, after = (each.get((difference.subject, difference.id)) for each in amounts)
    if before is None or after is None or before.unit != after.unit or before.amount in (0, after.amount):
        return None
    tenths = round(Fraction(after.amount - before.amount, before.amount) * 1000)
    return f"{'+' if tenths > 0 else '-'}{abs(tenths) // 10}.{abs(tenths) % 10}"

"""What must hold in the offer of one plan: prices, wallets, references to payments, checks and facts.

Owns these checks. Does not know limits, except through figures.
"""

from __future__ import annotations

from faregate.core.instants import DAY
from faregate.planfile.document import PlanDocument
from faregate.planfile.document_offer import Check, Fact
from faregate.planfile.problem import did_you_mean
from faregate.planfile.report import Report
from faregate.planfile.scalars import CURRENCIES
from faregate.planfile.units import is_currency, pool_unit
from faregate.planfile.yaml_tree import Path


def check_offer(report: Report, path: Path, plan: PlanDocument) -> None:
    """Note every problem in what is said about selling ``plan``."""
    _check_prices(report, path, plan)
    _check_wallet(report, path, plan)
    _check_references(report, path, plan)
    for index, check in enumerate(plan.checks):
        _check_names(report, (*path, "checks", index), plan, check)
    seen: set[str] = set()
    for index, fact in enumerate(plan.facts):
        place = (*path, "facts", index)
        if fact.id in seen:
            what = f"There are two facts {fact.id!r}"
            report.wrong((*place, "id"), "name_twice", what, "Rename one")
        seen.add(fact.id)
        _check_fact(report, place, fact)
        _check_names(report, place, plan, fact)


def _check_prices(report: Report, path: Path, plan: PlanDocument) -> None:
    seen: set[str] = set()
    for index, price in enumerate(plan.prices):
        place = (*path, "prices", index)
        if price.id in seen:
            what = f"There are two prices {price.id!r}"
            report.wrong((*place, "id"), "name_twice", what, "Rename one")
        seen.add(price.id)
        _check_money(report, (*place, "amount"), price.amount.unit)
        if price.period == "none" and price.renews:
            what, mend = "A price without an end cannot renew", "Add `renews: false`, or a period"
            report.wrong((*place, "period"), "endless_renewal", what, mend)
        if price.trial is not None and (price.trial % DAY or price.period == "none"):
            what, mend = "A trial lasts whole days, and a paid period follows it", "Write `trial: 7d`"
            report.wrong((*place, "trial"), "bad_trial", what, mend)
        for position, name in enumerate(price.pay_with):
            if name not in report.document.payments:
                report.unknown((*place, "pay_with", position), "payment", name, report.document.payments)
    if not plan.prices and not plan.wallet:
        what, mend = f"Plan {path[1]!r} has no price", "Add `prices:`; a free plan costs 0 USD"
        report.wrong(path, "no_price", what, mend, at_key=True)


def _check_money(report: Report, path: Path, unit: str) -> None:
    if not is_currency(unit):
        what = f"{unit!r} is not a currency"
        known = CURRENCIES if len(unit) == 3 else ()
        mend = did_you_mean(unit, known, "Write a price in a currency: 20 USD")
        report.wrong(path, "wrong_unit", what, mend)


def _check_wallet(report: Report, path: Path, plan: PlanDocument) -> None:
    for index, top_up in enumerate(plan.top_up):
        place = (*path, "top_up", index)
        _check_money(report, (*place, "minimum"), top_up.minimum.unit)
        if top_up.pay_with not in report.document.payments:
            report.unknown((*place, "pay_with"), "payment", top_up.pay_with, report.document.payments)
    if plan.wallet and not plan.pools:
        what = "A wallet needs a pool to hold the money"
        report.wrong((*path, "wallet"), "wallet_without_pool", what, "Add `pools:`")
    for id, pool in plan.pools.items():
        if pool.purse is not None and not (plan.wallet and is_currency(pool_unit(pool) or "")):
            what, mend = "Only a wallet's balance of money pays orders", "Remove `purse:`, or add `wallet: true`"
            report.wrong((*path, "pools", id, "purse"), "no_purse", what, mend)
    plans = report.document.plans
    for index, name in enumerate(plan.companions):
        if name not in plans:
            report.unknown((*path, "companions", index), "plan", name, plans)
        elif not plans[name].wallet:
            what = f"{name!r} is not a wallet"
            mend = "Only wallets come along: name a plan with `wallet: true`"
            report.wrong((*path, "companions", index), "not_a_wallet", what, mend)
    _check_keys(report, path, plan)


def _check_keys(report: Report, path: Path, plan: PlanDocument) -> None:
    kinds = report.document.key_kinds
    if plan.keys is not None and plan.keys not in kinds:
        report.unknown((*path, "keys"), "kind of key", plan.keys, kinds)
    extra = plan.extra_usage
    if extra is not None and extra not in plan.companions:
        what = f"{extra!r} does not come with this plan"
        report.wrong((*path, "extra_usage"), "not_a_companion", what, f"Add {extra!r} to `companions:`")


def _check_references(report: Report, path: Path, plan: PlanDocument) -> None:
    plans = report.document.plans
    if plan.refund is not None and plan.refund.falls_to not in {None, *plans}:
        report.unknown((*path, "refund", "falls_to"), "plan", str(plan.refund.falls_to), plans)
    for direction in ("upgrade", "downgrade"):
        rule = getattr(plan.switch, direction, None)
        if rule is None or rule.credit is None:
            continue
        place = (*path, "switch", direction, "credit")
        if rule.credit.into not in plans:
            report.unknown((*place, "into"), "plan", rule.credit.into, plans)
        for pool_id in rule.credit.pool_weights:
            if pool_id not in plan.pools:
                report.unknown((*place, "pool_weights", pool_id), "pool", pool_id, plan.pools)


def _check_fact(report: Report, path: Path, fact: Fact) -> None:
    if fact.kind == "computed":
        lacking = None if fact.of else "of"
        needless = [key for key in ("value", "text", "between", "ratio") if getattr(fact, key) is not None]
    else:
        lacking = None if fact.value or fact.text or fact.between or fact.ratio else "value"
        needless = [key for key in ("of", "over", "in_", "priced") if getattr(fact, key) is not None]
    if lacking:
        what, mend = f"A {fact.kind} fact needs {lacking!r}", f"Add `{lacking}:`"
        report.wrong(path, "missing_key", what, mend)
    for key in needless:
        name = key.rstrip("_")
        what, mend = f"A {fact.kind} fact has no {name!r}", "Remove it"
        report.wrong((*path, name), "needless_key", what, mend, at_key=True)
    if fact.value is not None and not all(part in report.units.known() for part in fact.value.unit.split("/")):
        report.unit((*path, "value"), fact.value.unit)
    if fact.in_ is not None:
        report.unit((*path, "in"), fact.in_)
    if fact.priced is not None and fact.priced.mix not in report.document.mixes:
        report.unknown((*path, "priced", "mix"), "mix", fact.priced.mix, report.document.mixes)


def _check_names(report: Report, path: Path, plan: PlanDocument, named: Check | Fact) -> None:
    known = figure_names(plan)
    if isinstance(named, Fact):
        earlier = plan.facts[: plan.facts.index(named)]
        known = [name for name in known if not name.startswith("facts.")]
        known += [f"facts.{fact.id}" for fact in earlier if _is_number(fact)]
        known += [name for id in report.document.mixes for name in (f"mixes.{id}", f"mixes.{id}.uncached")]
        for index, factor in enumerate(named.times):
            if isinstance(factor, str) and factor not in known:
                report.unknown((*path, "times", index), "figure", factor, known)
    for key in ("figure", "of", "over"):
        name = getattr(named, key, None)
        if name is not None and name not in known:
            report.unknown((*path, key), "figure", name, known)


def figure_names(plan: PlanDocument) -> list[str]:
    """Every figure that checks and facts of ``plan`` may name."""
    return [
        *(["price"] if plan.prices else []),
        *(f"windows.{name}" for name in plan.windows),
        *(f"pools.{name}" for name, pool in plan.pools.items() if pool.granted or pool.refill),
        *(f"facts.{fact.id}" for fact in plan.facts if _is_number(fact)),
    ]


def _is_number(fact: Fact) -> bool:
    return any((fact.value, fact.of, fact.between, fact.ratio))

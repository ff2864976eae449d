"""Operator and owner events of a usage file, carried out on a replay.

Owns which plan an event means where it names none, and the translation of fields to core's commands. What cannot be
carried out as written is a BadLine; a restore that cannot be had is an outcome.
"""

from __future__ import annotations

from collections.abc import Callable

from faregate.app.shelf import NotOnSale, UnknownPlan
from faregate.core import commands
from faregate.core.account import Subscription
from faregate.core.amounts import parse
from faregate.core.errors import AmountOverflow, BadAmount, BadCommand
from faregate.core.extra_usage import set_extra_usage
from faregate.core.instants import render_instant
from faregate.core.pool import Pool
from faregate.core.terms import BySchedule, Terms
from faregate.simulator.phrase import Phrase, hint
from faregate.simulator.problem import BadLine
from faregate.simulator.reading import OperatorEvent
from faregate.simulator.replay import Replay
from faregate.simulator.result import EventRow

Fits = Callable[[Subscription], bool]


def carry_out(replay: Replay, event: OperatorEvent) -> EventRow:
    """The event applied to the replay's account or market. Raises BadLine where it cannot be meant."""
    replay.reach(event.at)
    try:
        problem = _EVENTS[event.event](replay, event, f"line-{event.line}")
    except (BadCommand, NotOnSale) as failure:
        raise BadLine("cannot", problem=str(failure)) from failure
    except UnknownPlan as failure:
        raise BadLine("unknown_plan", plan=failure.name, hint=hint(failure.name, _plan_names(replay))) from failure
    return {
        "line": event.line,
        "at": render_instant(event.at),
        "event": event.event,
        "applied": problem is None,
        "problem": problem,
    }


def _plan_names(replay: Replay) -> list[str]:
    return [plan.id for plan in replay.shelf.catalogue]


# ---- which plan, pool or window is meant


def _meant(replay: Replay, event: OperatorEvent, fits: Fits, first_of_family: bool = False) -> Subscription:
    """The running subscription that ``plan`` names; where it names none, the only one that ``fits``."""
    named = event.fields.get("plan")
    running = replay.state.burn_order()
    if named is not None:
        found = replay.state.of_plan(named)
        if found is None:
            raise BadLine("plan_not_running", plan=named, hint=hint(named, [each.terms.plan for each in running]))
        return found
    fitting = [each for each in running if fits(each)]
    if len(fitting) == 1 or (fitting and first_of_family and len({each.terms.family for each in fitting}) == 1):
        return fitting[0]
    if fitting:
        plans = ", ".join(each.terms.plan for each in fitting)
        raise BadLine("name_a_plan", shape=Phrase(event.event), plans=plans)
    plans = ", ".join(each.terms.plan for each in running) or "–"
    raise BadLine("nothing_to_do_it_to", shape=Phrase(event.event), plans=plans)


def _pool(subscription: Subscription, name: str | None, fits: Callable[[Pool], bool] = bool) -> Pool:
    pools = {id: pool for id, pool in subscription.pools.items() if fits(pool)}
    if name is None and pools:
        return next(iter(pools.values()))
    plan = subscription.terms.plan
    short = (name or "(any)").removeprefix(f"{plan}:")
    if short not in pools:
        raise BadLine("unknown_pool", plan=plan, name=short, hint=hint(short, pools))
    return pools[short]


def _not_wallet(subscription: Subscription) -> bool:
    return not subscription.terms.wallet


def _restores(pool: Pool) -> bool:
    return pool.terms.refill is not None and pool.terms.refill.kind == "restore"


def _has_restore(subscription: Subscription) -> bool:
    return any(_restores(pool) for pool in subscription.pools.values())


def _schedules(terms: Terms) -> list[str]:
    return list(
        dict.fromkeys(
            rule.name for source in terms.sources for rule in source.multipliers if isinstance(rule, BySchedule)
        )
    )


# ---- one function an event; each returns why it was not applied, or None


def _grant(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    has_plan = any(_not_wallet(each) and each.pools for each in replay.state.subscriptions.values())
    fits = (lambda each: _not_wallet(each) and bool(each.pools)) if has_plan else (lambda each: bool(each.pools))
    subscription = _meant(replay, event, fits, first_of_family=True)
    get = event.fields.get
    pool = _pool(subscription, get("pool"))
    written, unit = event.fields["amount"], pool.terms.unit
    if written.unit is not None and written.unit.removesuffix("s").casefold() != unit.casefold():
        raise BadLine("bad_amount", amount=f"{written.text} {written.unit}", problem="of another unit", unit=unit)
    try:
        amount = parse(written.text, unit)
    except (BadAmount, AmountOverflow) as failure:
        problem = failure.problem if isinstance(failure, BadAmount) else "too large for the books"
        raise BadLine("bad_amount", amount=written.text, problem=problem, unit=unit) from failure
    entry = commands.grant(
        replay.state,
        subscription,
        pool,
        amount,
        event.at,
        key,
        get("expires_at"),
        get("priority", 0),
        get("reason", ""),
    )
    replay.apply(entry)
    return None


def _reset(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    subscription = _meant(replay, event, lambda each: any(not window.guard for window in each.terms.windows))
    terms, window = subscription.terms, event.fields.get("window")
    if window is not None:
        window = window.removeprefix(f"{terms.plan}:")
        known = [each.id for each in terms.windows]
        if window not in known:
            raise BadLine("unknown_window", plan=terms.plan, name=window, hint=hint(window, known))
    replay.apply(commands.reset_windows(replay.state, subscription, window, event.at, key))
    return None


def _renew(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    subscription = _meant(replay, event, lambda each: each.period is not None)
    if subscription.period is None:
        raise BadLine("no_period", plan=subscription.terms.plan)
    replay.apply(commands.renew(replay.state, subscription, event.at, key, replay.market))
    return None


def _restore(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    subscription = _meant(replay, event, _has_restore)
    pool = _pool(subscription, event.fields.get("pool"), _restores)
    try:
        entry = commands.restore(replay.state, subscription, pool, event.at, key)
    except BadCommand as refusal:
        return str(refusal)
    replay.apply(entry)
    return None


def _restore_mode(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    subscription = _meant(replay, event, _has_restore)
    pool = _pool(subscription, event.fields.get("pool"), _restores)
    replay.apply(commands.set_restore_mode(replay.state, pool, event.fields["mode"], event.at, key))
    return None


def _multiplier(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    terms = _meant(replay, event, lambda each: bool(_schedules(each.terms))).terms
    known = _schedules(terms)
    name = event.fields.get("name")
    if name is None and len(known) == 1:
        name = known[0]
    if name not in known:
        shown = name or "(any)"
        raise BadLine("unknown_multiplier", plan=terms.plan, name=shown, hint=hint(shown, known))
    replay.set_schedule(terms.plan, name, event.at, event.fields["value"])
    return None


def _segment(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    fields, state = event.fields, replay.state
    known = sorted({name for each in state.subscriptions.values() for name in each.terms.segments})
    name = fields["segment"]
    if name not in known:
        plans = ", ".join(each.terms.plan for each in state.subscriptions.values())
        raise BadLine("unknown_segment", plan=plans, name=name, hint=hint(name, known))
    until, reason = fields.get("until"), fields["reason"]
    replay.apply(commands.set_segment(state, name, event.at, until, reason, event.at, key))
    return None


def _cancel(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    subscription = _meant(replay, event, _not_wallet)
    replay.apply(commands.cancel(replay.state, subscription, event.at, key, event.fields.get("at_once", False)))
    replay.reach(event.at)
    return None


def _subscribe(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    plan = replay.shelf.sold(event.fields["plan"], event.at, early=True)
    terms, price = plan.terms, event.fields.get("price")
    if price is not None:
        known = [each.id for each in plan.prices]
        if price not in known:
            raise BadLine("unknown_price", plan=plan.id, name=price, hint=hint(price, known))
        terms = plan.terms_for(price)
    replay.buy(terms, event.at, key, event.fields.get("once", False))
    return None


def _switch(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    subscription = _meant(replay, event, lambda each: each.terms.opt_in)
    replay.apply(commands.switch(replay.state, subscription, event.fields["on"], event.at, key))
    return None


def _extra_usage(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    subscription = _meant(replay, event, lambda each: each.terms.extra_usage is not None)
    chosen = event.fields.get("key")
    if chosen is None and subscription.extra is None:
        chosen = "extra"
    on = event.fields["on"]
    replay.apply(set_extra_usage(replay.state, subscription, on, chosen, event.at, key))
    return None


def _terms(replay: Replay, event: OperatorEvent, key: str) -> str | None:
    terms = replay.shelf.sold(event.fields["to"], event.at, early=True).terms
    subscription = _meant(replay, event, lambda each: _not_wallet(each) and each.terms.family == terms.family)
    replay.apply(commands.change_terms(replay.state, subscription, terms, event.at, key))
    return None


_EVENTS: dict[str, Callable[[Replay, OperatorEvent, str], str | None]] = {
    "grant": _grant,
    "reset": _reset,
    "renew": _renew,
    "restore": _restore,
    "restore_mode": _restore_mode,
    "multiplier": _multiplier,
    "segment": _segment,
    "cancel": _cancel,
    "subscribe": _subscribe,
    "switch": _switch,
    "extra_usage": _extra_usage,
    "terms": _terms,
}

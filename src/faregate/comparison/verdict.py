"""The verdict: which plan fits, and why not the next one, in two sentences of either language.

Owns the choice of reasons and the words. Reads finished outcomes; the first of them is the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from faregate.comparison.result import PlanOutcome, UsageFacts, Verdict
from faregate.comparison.words import Line, grouped, money, percent


def verdict_on(outcomes: Sequence[PlanOutcome], usage: UsageFacts, currency: str) -> Verdict:
    """``outcomes`` as sorted. Where no plan could be replayed ``best`` is empty."""
    fitting = [each for each in outcomes if each["problem"] is None]
    if not fitting:
        return {
            "best": "",
            "en": "None of these plans offers a model of this usage. Paying list prices is what is left.",
            "zh": "这些套餐都不提供该用量所用的模型。只能按官方 API 价格付费。",
        }
    best = fitting[0]
    first = _best_line(best, usage, currency)
    # The best with something beside it that it never needed is no other answer.
    others = [each for each in fitting[1:] if not set(best["plans"]) <= set(each["plans"])]
    second = _next_line(best, others[0], currency) if others else _alone_line(best, usage, currency)
    return {"best": best["id"], "en": f"{first.en} {second.en}", "zh": first.zh + second.zh}


def _money(amount: str, currency: str) -> str:
    return f"{money(amount)} {currency}"


def _share(outcome: PlanOutcome) -> str:
    return percent(Fraction(outcome["admitted"], max(outcome["requests"], 1)))


def _best_line(best: PlanOutcome, usage: UsageFacts, currency: str) -> Line:
    cost, price = _money(best["everything_cost"], currency), _money(best["price"], currency)
    share, name = _share(best), best["names"]
    stand_in = sorted(set(best["stand_ins"].values()))
    en_models = f", with {_joined(stand_in)} as the model" if stand_in else ""
    zh_models = f"（以 {_joined(stand_in, '、')} 代替原模型）" if stand_in else ""
    asked = f"{usage['requests']:,}"
    alone = best["price"] == best["everything_cost"]
    en = f"{name['en']} fits best{en_models}: all {asked} requests cost {cost}"
    zh = f"{name['zh']} 最合适{zh_models}：完成全部 {asked} 个请求共需 {cost}"
    if not alone:
        en, zh = f"{en}, {price} of it for the plan", f"{zh}，其中套餐费 {price}"
    if best["admitted"] == best["requests"]:
        return Line(f"{en}, and none is refused.", f"{zh}，没有请求被拒绝。")
    rest = _money(best["overflow_cost"], currency)
    lack = _lack(best)
    return Line(
        f"{en}; it admits {share}% and the rest is {rest} at API prices ({lack.en}).",
        f"{zh}；放行 {share}%，其余按 API 价格需 {rest}（{lack.zh}）。",
    )


def _lack(outcome: PlanOutcome) -> Line:
    """What a plan refuses, and why."""
    if not outcome["refused"]:
        asked = f"{outcome['not_offered']:,}"
        return Line(f"{asked} requests are for models it has not", f"{asked} 个请求的模型不在套餐内")
    hours, binds = grouped(Fraction(outcome["blocked_hours"]), 1), outcome["binds"] or "–"
    return Line(f"{binds} blocks {hours} hours", f"{binds} 共阻断 {hours} 小时")


def _next_line(best: PlanOutcome, following: PlanOutcome, currency: str) -> Line:
    """Why the next one is not the best."""
    more = Fraction(following["everything_cost"]) - Fraction(best["everything_cost"])
    name, share = following["names"], _share(following)
    cost = _money(following["everything_cost"], currency)
    if more == 0:
        return Line(
            f"{name['en']} costs the same, and admits {share}%.",
            f"{name['zh']}费用相同，放行 {share}%。",
        )
    price, rest = _money(following["price"], currency), _money(following["overflow_cost"], currency)
    if Fraction(following["price"]) >= Fraction(best["everything_cost"]):
        if following["price"] == following["everything_cost"]:
            return Line(
                f"{name['en']} comes next: it admits {share}% too, but its fee is {price}."
                if share == _share(best)
                else f"{name['en']} comes next: it admits {share}%, but its fee is {price}.",
                f"其次是 {name['zh']}：放行 {share}%，但套餐费要 {price}。",
            )
        return Line(
            f"{name['en']} comes next at {cost}: it admits {share}%, but its fee alone is {price}.",
            f"其次是 {name['zh']}，共 {cost}：放行 {share}%，但仅套餐费就要 {price}。",
        )
    lack = _lack(following)
    if Fraction(following["wallet_cost"]) > Fraction(following["overflow_cost"]):
        wallet = _money(following["wallet_cost"], currency)
        return Line(
            f"{name['en']} comes next at {cost}: it admits {share}%, {wallet} of it out of the wallet.",
            f"其次是 {name['zh']}，共 {cost}：放行 {share}%，其中 {wallet} 由钱包支付。",
        )
    return Line(
        f"{name['en']} comes next at {cost}: its fee is {price}, and what it refuses costs {rest} more ({lack.en}).",
        f"其次是 {name['zh']}，共 {cost}：套餐费 {price}，被拒部分另需 {rest}（{lack.zh}）。",
    )


def _alone_line(best: PlanOutcome, usage: UsageFacts, currency: str) -> Line:
    value = _money(usage["list_value"], currency)
    return Line(
        f"At list price alone this usage is worth {value}.",
        f"全部按官方 API 价格计算，该用量价值 {value}。",
    )


def _joined(names: Sequence[str], joint: str = ", ") -> str:
    return joint.join(names)

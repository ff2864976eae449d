"""Numbers and sentences of a comparison in both languages.

Owns how derivations and verdicts are worded. Rounds for showing only.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from faregate.core.amounts import decimal_text, scale
from faregate.planfile import Plan

Bilingual = dict[str, str]


class Line(NamedTuple):
    """The same line in English and Chinese."""

    en: str
    zh: str


def rounded(value: Fraction, places: int = 3) -> str:
    """``value`` to at most ``places`` decimals, without needless zeros."""
    return decimal_text(Fraction(round(value * 10**places), 10**places))


def grouped(value: Fraction, places: int = 2) -> str:
    """``value`` for people: thousands set apart, fewer decimals the larger it is."""
    whole, dot, rest = rounded(value, 0 if abs(value) >= 1000 else places).partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").isdigit() else whole + dot + rest


def money(amount: str) -> str:
    """An exact amount with two decimals, from a thousand on without."""
    value = Fraction(amount)
    if abs(value) >= 1000:
        return grouped(value)
    whole, _, cents = grouped(value, 2).partition(".")
    return f"{whole}.{cents.ljust(2, '0')}"


def small(value: Fraction) -> str:
    """A small number by its first figures: 0.093, 0.0000127."""
    if value == 0 or abs(value) >= 1:
        return grouped(value, 3)
    places = 3
    while abs(value) * 10 ** (places - 2) < 1 and places < 12:
        places += 1
    return rounded(value, places)


def quantity(amount: Fraction, unit: str) -> str:
    """Smallest parts as ``17,280 prompt``."""
    return f"{grouped(amount / scale(unit))} {unit}"


def percent(share: Fraction) -> str:
    """``97.4``: a share in hundredths, to one decimal; what is not all of it is never shown as all."""
    shown = rounded(share * 100, 1)
    if shown == "100" and share < 1:
        return "99.9"
    return "0.1" if shown == "0" and share > 0 else shown


def limit_line(id: str, size: int, times: Fraction, unit: str, need: Fraction, requests: Fraction) -> Line:
    """How many requests a month one limit lets through; ``need`` is what a request draws, in smallest parts."""
    total = f"{quantity(Fraction(size), unit)} × {grouped(times, 3)}"
    sum_up = f"{quantity(size * times, unit)} ÷ {small(need / scale(unit))}"
    held = grouped(requests, 1)
    return Line(
        f"{id}: {total} in 30 days = {sum_up} a request = {held} requests",
        f"{id}：{total}（30 天）= {sum_up}（每个请求）= {held} 个请求",
    )


def no_need_line(id: str) -> Line:
    return Line(f"{id}: this usage draws nothing of it", f"{id}：该用量不消耗此额度")


def unlimited_line(id: str) -> Line:
    return Line(f"{id}: no limit that this usage meets", f"{id}：该用量没有遇到任何限制")


def source_line(id: str, binding: str, requests: Fraction) -> Line:
    """What a source holds where there are several."""
    held = grouped(requests, 1)
    return Line(f"{id} pays {held} requests; {binding} binds", f"{id} 支付 {held} 个请求；受限于 {binding}")


def month_line(prompts: Fraction, requests: Fraction, tokens: Fraction, binding: str) -> Line:
    a, b, c = grouped(prompts, 1), grouped(requests, 1), grouped(tokens, 0)
    each = grouped(tokens / requests, 0) if requests else "0"
    return Line(
        f"a month: {a} prompts, {b} requests × {each} tokens = {c} tokens; {binding} binds",
        f"每月：{a} 个 prompt，{b} 个请求 × {each} token = {c} token；受限于 {binding}",
    )


def worth_line(value: Fraction, price: Fraction, currency: str) -> Line:
    """List value over price."""
    held, paid, leverage = grouped(value), grouped(price), grouped(value / price)
    return Line(
        f"worth {held} {currency} at list price ÷ {paid} {currency} a month = {leverage} times",
        f"按官方 API 价值 {held} {currency} ÷ 月费 {paid} {currency} = {leverage} 倍",
    )


def price_words(plan: Plan) -> str:
    """The usual price as printed: ``49 CNY/month``, ``98 CNY`` (once)."""
    if not plan.prices:
        return "–"
    price = plan.prices[0]
    amount = f"{grouped(price.amount)} {price.currency}"
    if price.period is None:
        return amount
    return f"{amount}/{price.period}"

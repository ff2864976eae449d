"""The terms of selling in words, English and Chinese: sale, cohorts, refunds, changes of plan, renewals, list prices.

Owns these sentences; words.py says what a plan enforces.
"""

from __future__ import annotations

from collections.abc import Iterable

from faregate.core.amounts import decimal_text
from faregate.core.instants import render_instant
from faregate.planfile.document_limits import ExchangeDocument, RateCardDocument
from faregate.planfile.document_offer import (
    CohortDocument,
    FormerDocument,
    ModelMapping,
    RefundDocument,
    RenewalDocument,
    SaleDocument,
    SwitchRule,
)
from faregate.planfile.phrases import length_words, number_words

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "joint": ", ",
        "stop": ".",
        "sold": "Sold{since}{until}",
        "since": " from {at}",
        "until": " until {at}",
        "cohort_while_renewed": "Kept, as long as they renew, by those who bought before {before}",
        "cohort_period": "Kept to the end of the paid period",
        "former_while_renewed": "Who has an earlier version keeps it as long as it renews",
        "former_before": "Who bought an earlier version before {before} keeps it while renewing; the others move",
        "former_period": "Who has an earlier version moves to this one at the next renewal",
        "no_refund": "No refunds",
        "refund": "Refunds",
        "within": "within {length} of the payment",
        "deducts_usage_value": "less the value used",
        "deducts_refunded_before": "less what was refunded before",
        "fee": "less {share} of the rest",
        "refused_when": "none once the value used is above the price",
        "falls_to": "the plan falls to {plan} then",
        "upgrade": "Upgrade",
        "downgrade": "Downgrade",
        "now": "at once",
        "period_end": "at the period's end",
        "never": "not possible",
        "full_price": "for the full price",
        "difference": "for the difference",
        "difference_of_period_left": "for the difference of what is left of the period",
        "nothing": "for nothing",
        "keeps_period": "the period and what was used stay",
        "credit": "what is unused of the old plan goes to {wallet}",
        "paid_from": "Renewals are paid from {places}",
        "gift": "gift balance",
        "cash": "cash",
        "provider": "the payment method bound",
        "cancel_before": "cancel at least {length} before the charge",
        "exchange": "1 {base} = {rates}",
        "rate": "{rate} {quote}",
        "from": "{what} from {at}",
        "card": "List price of {model}: {prices} {currency} for {per} ({since})",
        "class": "{name} {price}",
        "always": "always",
        "mapping": "{asked} is served by {served}",
        "no_override": "also where the client names a real model",
    },
    "zh": {
        "joint": "，",
        "stop": "。",
        "sold": "销售时间：{since}{until}",
        "since": "自 {at} 起",
        "until": "至 {at} 止",
        "cohort_while_renewed": "{before} 之前购买者，在持续续费期间保留此版本",
        "cohort_period": "保留至当前付费周期结束",
        "former_while_renewed": "旧版本用户在持续续费期间保留原版本",
        "former_before": "{before} 之前购买旧版本者，在持续续费期间保留原版本；其他用户换到此版本",
        "former_period": "旧版本用户在下次续费时换到此版本",
        "no_refund": "不支持退款",
        "refund": "退款",
        "within": "付款后 {length} 内",
        "deducts_usage_value": "扣除已用价值",
        "deducts_refunded_before": "扣除先前已退金额",
        "fee": "再扣除余额的 {share}",
        "refused_when": "已用价值超过实付时不退",
        "falls_to": "退款后套餐变为 {plan}",
        "upgrade": "升级",
        "downgrade": "降级",
        "now": "立即生效",
        "period_end": "周期结束时生效",
        "never": "不支持",
        "full_price": "支付全价",
        "difference": "支付差价",
        "difference_of_period_left": "支付剩余周期的差价",
        "nothing": "无需支付",
        "keeps_period": "周期和已用量不变",
        "credit": "旧套餐未用部分转入 {wallet}",
        "paid_from": "续费依次从{places}支付",
        "gift": "赠送余额",
        "cash": "现金余额",
        "provider": "绑定的支付方式",
        "cancel_before": "须在扣费前至少 {length} 取消",
        "exchange": "1 {base} = {rates}",
        "rate": "{rate} {quote}",
        "from": "{at} 起 {what}",
        "card": "{model} 官方价：每 {per} {prices} {currency}（{since}）",
        "class": "{name} {price}",
        "always": "一直有效",
        "mapping": "{asked} 由 {served} 提供",
        "no_override": "客户端指定真实模型时也一样",
    },
}


_CLASSES = {
    "input": "输入",
    "cached": "缓存命中",
    "cache_write_5m": "5 分钟缓存写入",
    "cache_write_1h": "1 小时缓存写入",
    "output": "输出",
    "image": "图片",
    "tool_call": "工具调用",
    "request": "请求",
}


class OfferSpeaker:
    """Says terms of selling in one language."""

    def __init__(self, language: str) -> None:
        self.language, self.words = language, _WORDS[language]

    def say(self, key: str, **fields: object) -> str:
        return self.words[key].format(**fields)

    def sentence(self, parts: Iterable[str]) -> str:
        return self.words["joint"].join(part for part in parts if part) + self.words["stop"]

    def sale(self, sale: SaleDocument) -> str:
        since = self.say("since", at=render_instant(sale.since)) if sale.since is not None else ""
        until = self.say("until", at=render_instant(sale.until)) if sale.until is not None else ""
        return self.sentence([self.say("sold", since=since, until=until)])

    def cohort(self, cohort: CohortDocument) -> str:
        return self.sentence([self.say(f"cohort_{cohort.keep}", before=render_instant(cohort.bought_before))])

    def former(self, former: FormerDocument) -> str:
        if former.keep == "while_renewed" and former.bought_before is not None:
            return self.sentence([self.say("former_before", before=render_instant(former.bought_before))])
        return self.sentence([self.words[f"former_{former.keep}"]])

    def refund(self, refund: RefundDocument) -> str:
        if not refund.allowed:
            return self.sentence([self.words["no_refund"]])
        parts = [self.words["refund"]]
        if refund.within is not None:
            parts.append(self.say("within", length=length_words(refund.within, self.language)))
        parts += [self.words[f"deducts_{each}"] for each in refund.deducts]
        if refund.fee is not None:
            parts.append(self.say("fee", share=f"{decimal_text(refund.fee * 100)}%"))
        if refund.refused_when_usage_exceeds_paid:
            parts.append(self.words["refused_when"])
        if refund.falls_to is not None:
            parts.append(self.say("falls_to", plan=refund.falls_to))
        return self.sentence(parts)

    def switch(self, direction: str, rule: SwitchRule) -> str:
        parts = [self.words[direction], self.words[rule.when]]
        if rule.when != "never":
            parts.append(self.words[rule.charges])
            parts.append(self.words["keeps_period"] if rule.keeps_period else "")
            parts.append(self.say("credit", wallet=rule.credit.into) if rule.credit is not None else "")
        return self.sentence(parts)

    def renewal(self, renewal: RenewalDocument) -> str:
        parts = []
        if renewal.paid_from:
            places = self.words["joint"].join(self.words[place] for place in renewal.paid_from)
            parts.append(self.say("paid_from", places=places))
        if renewal.cancel_before is not None:
            parts.append(self.say("cancel_before", length=length_words(renewal.cancel_before, self.language)))
        return self.sentence(parts) if parts else ""

    def mapping(self, mapping: ModelMapping) -> str:
        always = "" if mapping.client_may_override else self.words["no_override"]
        return self.sentence([self.say("mapping", asked=mapping.from_, served=mapping.to), always])

    def exchange(self, exchange: ExchangeDocument) -> str:
        rates = [
            self.dated(self.say("rate", rate=number_words(each.rate), quote=exchange.to), each.since)
            for each in exchange.rates
        ]
        return self.sentence([self.say("exchange", base=exchange.from_, rates=self.words["joint"].join(rates))])

    def dated(self, what: str, since: int | None) -> str:
        return what if since is None else self.say("from", what=what, at=render_instant(since))

    def card(self, card: RateCardDocument) -> str:
        prices = self.words["joint"].join(
            self.say("class", name=self.class_name(name), price=number_words(price))
            for name, price in card.prices
            if price is not None
        )
        since = render_instant(card.since) if card.since is not None else self.words["always"]
        said = self.say("card", model=card.model, prices=prices, currency=card.currency, per=card.per, since=since)
        return self.sentence([said])

    def class_name(self, name: str) -> str:
        return _CLASSES[name] if self.language == "zh" else name.replace("_", " ")

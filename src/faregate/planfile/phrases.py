"""The sentences of a plan in words, in English and Chinese.

Owns the wording only; words.py decides which sentences a plan needs.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import decimal_text

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "title": "{name} ({id}, version {version}).",
        "free": "It costs nothing.",
        "price": "Price: {amount} {period}{renews}.",
        "price_or": "Or: {amount} {period}{renews}.",
        "period_month": "a month",
        "period_year": "a year",
        "period_days": "for {days} days",
        "period_none": "once, without an end",
        "renews": ", renewing until it is cancelled",
        "once": ", without renewal",
        "pay_with": " Paid by {providers}.",
        "one_of": "An account has one of these at a time: {plans}.",
        "order": "Where plans stand side by side, they pay in this order: {plans}.",
        "companions": "With it comes {plans}.",
        "opt_in": "It pays only once its owner has switched it on.",
        "keys": "Keys of the kind {kind} draw on it, no others.",
        "extra_usage": "While it is used up {plan} pays, where its owner has switched Extra Usage on.",
        "by_key": " Each API key counts for itself.",
        "meter": "Use is charged in {unit}: {parts}.",
        "counted": "Use is counted in {unit}.",
        "cost": "list value",
        "cost_part": "{times} for each {currency} of list value",
        "cost_only": "its list value",
        "weight_part": "{times} for each {usage}",
        "source": "{place} pays from {pool}{windows}.",
        "source_windows": "{place} pays within its limits ({windows}).",
        "place_first": "First, {source}",
        "place_next": "Then {source}",
        "place_only": "The plan",
        "within": ", within its limits ({windows})",
        "pool_known": " ({sureness})",
        "pool_granted": "{pool} is filled once with {amount}.",
        "pool_renewal": "{pool} is filled to {amount}{bonus} at the start of each paid period; what is left lapses.",
        "pool_calendar": "{pool} is filled to {amount} each calendar {every} ({zone}).",
        "pool_restore": "{pool} holds at most {amount} and is restored to that up to {times} times each "
        "calendar {every} ({zone}), {how}.",
        "pool_empty": "{pool} is filled by top-ups and gifts.",
        "restore_automatic": "by itself when it is empty or when its owner asks",
        "restore_manual": "when its owner asks",
        "bonus": " ({share} of it as a bonus)",
        "window_first-use": "At most {limit} within {length} of the first request ({name}{meter}).",
        "window_sliding": "At most {limit} in any stretch of {length} ({name}{meter}).",
        "window_calendar": "At most {limit} each calendar {every} in {zone} ({name}{meter}).",
        "window_purchase": "At most {limit} each {every} counted from the purchase ({name}{meter}).",
        "window_lifetime": "At most {limit} in all ({name}{meter}).",
        "window_concurrency": "At most {limit} open at once ({name}{meter}).",
        "counts": ", counted in {meter}",
        "unmultiplied": ", before multipliers",
        "known_measured": ", measured",
        "known_estimated": ", estimated",
        "band": ", somewhere between {low} and {high}",
        "guard": " A request beyond it is refused.",
        "lifted": " It does not bind while {wallet} holds money.",
        "funding": " A request beyond it goes on to what pays next.",
        "by_model": "{name}: {parts}, other models ×1.",
        "by_segment": "{name}: {parts}, everybody else ×1.",
        "by_schedule": "{name}: {parts}; the operator may change it at any time.",
        "by_use": "{name} by what was paid that {every} ({zone}): {parts}.",
        "times_now": "×{times}",
        "times_since": "×{times} from {since}",
        "times_band": "×{times} from {start} to {end}{days}",
        "times_of": "{who} ×{times}",
        "up_to": "×{times} up to {bound}",
        "beyond": "×{times} beyond",
        "models": "Models ({count}): {models}.",
        "all_models": "All models.",
        "coming": "Coming soon: {models}.",
        "clients": "Only for {clients}; others are {others}.",
        "refuse": "refused",
        "bill_as_api": "billed as plain API use",
        "wait": "When it is used up, requests wait for it: no other balance pays for them.",
        "calls_per_prompt": "A prompt covers at most {calls} calls, then counts again.",
        "open": "A request is admitted while anything is left; what nobody covers afterwards is {debt}.",
        "fits": "A request is admitted only when all of it is covered.",
        "away": "While the books are away requests go on for {length} after they were last reached, {most} by each "
        "worker; then they wait.",
        "away_requests": "at most {count} of them",
        "away_draw": "drawing at most {amount}",
        "forgive": "forgiven",
        "carry": "owed, and repaid first by the next top-up",
        "fact": "{name}: {value}.",
        "fact_computed": " (computed, not enforced)",
        "fact_claim": " (claimed)",
        "fact_measured": " (measured)",
        "refund": "Refunds: {text}",
        "no_refund": "No refunds by default.",
        "support": "Support: {text}.",
        "allowed": "Allowed: {uses}.",
        "forbidden": "Forbidden: {uses}.",
        "no_sharing": "Sharing and forwarding are forbidden.",
        "joint": ", ",
        "joint_uses": "; ",
    },
    "zh": {
        "title": "{name}（{id}，版本 {version}）。",
        "free": "免费。",
        "price": "价格：{amount} {period}{renews}。",
        "price_or": "或：{amount} {period}{renews}。",
        "period_month": "每月",
        "period_year": "每年",
        "period_days": "有效 {days} 天",
        "period_none": "一次性，不过期",
        "renews": "，自动续费，可取消",
        "once": "，不续费",
        "pay_with": "支付方式：{providers}。",
        "one_of": "同一账号同一时间只能有其中一个：{plans}。",
        "order": "多个套餐并存时，扣费顺序：{plans}。",
        "companions": "附带 {plans}。",
        "opt_in": "由用户开启后才会扣费。",
        "keys": "只有「{kind}」类密钥从这里扣用量。",
        "extra_usage": "用户开启 Extra Usage 后，额度用尽时由 {plan} 扣费。",
        "by_key": "每个 API 密钥单独计数。",
        "meter": "用量按 {unit} 计费：{parts}。",
        "counted": "用量按{unit}计数。",
        "cost": "官方价",
        "cost_part": "官方价每 {currency} 计 {times}",
        "cost_only": "官方价",
        "weight_part": "每{usage}计 {times}",
        "source": "{place}从{pool}扣除{windows}。",
        "source_windows": "{place}受上限（{windows}）约束。",
        "place_first": "首先，{source} ",
        "place_next": "其次，{source} ",
        "place_only": "套餐",
        "within": "，受上限（{windows}）约束",
        "pool_known": "（{sureness}）",
        "pool_granted": "{pool}一次性充入 {amount}。",
        "pool_renewal": "{pool}在每个付费周期开始时补满至 {amount}{bonus}，剩余部分作废。",
        "pool_calendar": "{pool}每个自然{every}（{zone}）补满至 {amount}。",
        "pool_restore": "{pool}上限 {amount}，每个自然{every}（{zone}）最多恢复至上限 {times} 次，{how}。",
        "pool_empty": "{pool}由充值和赠送存入。",
        "restore_automatic": "用尽时自动恢复，也可手动恢复",
        "restore_manual": "由用户手动恢复",
        "bonus": "（其中 {share} 为奖励）",
        "window_first-use": "自首次请求起 {length} 内最多 {limit}（{name}{meter}）。",
        "window_sliding": "任意 {length} 内最多 {limit}（{name}{meter}）。",
        "window_calendar": "每个自然{every}最多 {limit}（{zone}，{name}{meter}）。",
        "window_purchase": "自购买起每{every}最多 {limit}（{name}{meter}）。",
        "window_lifetime": "总共最多 {limit}（{name}{meter}）。",
        "window_concurrency": "同时进行的最多 {limit}（{name}{meter}）。",
        "counts": "，按 {meter} 计",
        "unmultiplied": "，不计倍率",
        "known_measured": "，实测",
        "known_estimated": "，估计",
        "band": "，在 {low} 与 {high} 之间",
        "guard": "超出的请求会被拒绝。",
        "lifted": "{wallet}有余额时不受此限。",
        "funding": "超出部分由下一个来源支付。",
        "by_model": "{name}：{parts}，其他模型 ×1。",
        "by_segment": "{name}：{parts}，其他用户 ×1。",
        "by_schedule": "{name}：{parts}；运营方可随时调整。",
        "by_use": "{name}（按当{every}已支付金额，{zone}）：{parts}。",
        "times_now": "×{times}",
        "times_since": "{since} 起 ×{times}",
        "times_band": "{start} 至 {end}{days} ×{times}",
        "times_of": "{who} ×{times}",
        "up_to": "{bound} 以内 ×{times}",
        "beyond": "超出部分 ×{times}",
        "models": "模型（{count} 个）：{models}。",
        "all_models": "支持所有模型。",
        "coming": "即将上线：{models}。",
        "clients": "仅限 {clients}；其他调用{others}。",
        "refuse": "会被拒绝",
        "bill_as_api": "按普通 API 计费",
        "wait": "额度用尽后需等待恢复，不会消耗其他余额。",
        "calls_per_prompt": "一次 prompt 最多包含 {calls} 次调用，超出后重新计数。",
        "open": "只要还有额度就会放行；事后无人承担的部分{debt}。",
        "fits": "只有全部额度足够时才会放行。",
        "away": "账本暂时不可用时，自最后一次连通起 {length}内请求继续放行，每个工作进程{most}；之后需等待。",
        "away_requests": "最多放行 {count} 次",
        "away_draw": "最多消耗 {amount}",
        "forgive": "予以免除",
        "carry": "记为欠款，由下次充值优先偿还",
        "fact": "{name}：{value}。",
        "fact_computed": "（计算值，不作限制）",
        "fact_claim": "（官方说法）",
        "fact_measured": "（实测）",
        "refund": "退款：{text}",
        "no_refund": "默认不支持退款。",
        "support": "技术支持：{text}。",
        "allowed": "允许：{uses}。",
        "forbidden": "禁止：{uses}。",
        "no_sharing": "严禁共享与转发。",
        "joint": "、",
        "joint_uses": "；",
    },
}

_USAGE = {
    "input": ("uncached input token", "个未缓存输入 token"),
    "cached": ("cached input token", "个缓存命中 token"),
    "cache_write_5m": ("token written to the 5-minute cache", "个 5 分钟缓存写入 token"),
    "cache_write_1h": ("token written to the 1-hour cache", "个 1 小时缓存写入 token"),
    "output": ("output token", "个输出 token"),
    "images": ("image", "张图片"),
    "tool_calls": ("tool call", "次工具调用"),
    "requests": ("request", "次请求"),
    "prompts": ("prompt", "次 prompt"),
}
_UNITS = {
    "credit": (" credits", " 积分"),
    "request": (" requests", " 次请求"),
    "prompt": (" prompts", " 次 prompt"),
    "token": (" tokens", " token"),
    "image": (" images", " 张图片"),
    "call": (" calls", " 次调用"),
}
_EVERY = {"day": ("day", "日"), "week": ("week", "周"), "month": ("month", "月")}
_LENGTHS = ((86_400, ("day", "天")), (3600, ("hour", "小时")), (60, ("minute", "分钟")), (1, ("second", "秒")))


def usage_words(usage_class: str, language: str) -> str:
    """One of a usage class."""
    return _USAGE[usage_class][language == "zh"]


def every_words(every: str, language: str) -> str:
    """A calendar period."""
    return _EVERY[every][language == "zh"]


def unit_words(unit: str, language: str, amount: Fraction | None = None) -> str:
    """A unit after ``amount``, with the space before it."""
    if unit not in _UNITS:
        return f" {unit}"
    words = _UNITS[unit][language == "zh"]
    return words[:-1] if amount == 1 and language == "en" else words


def length_words(microseconds: int, language: str) -> str:
    """A length of time in its largest whole unit."""
    seconds = microseconds // 1_000_000
    size, words = next(step for step in _LENGTHS if seconds % step[0] == 0)
    count = seconds // size
    if language == "zh":
        return f"{count} {words[1]}"
    return f"{count} {words[0]}{'' if count == 1 else 's'}"


def number_words(number: Fraction) -> str:
    """An exact number with its thousands apart; a fraction as n/d."""

    whole, point, rest = decimal_text(number).partition(".")
    return whole if "/" in whole else f"{int(whole):,}{point}{rest}"

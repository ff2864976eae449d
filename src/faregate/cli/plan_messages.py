"""What `faregate plan show` says of figures, in both languages, under the same keys."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "plan.show.explain": "Show every figure with its source, and every computed one as its sum in steps.",
    "plan.row.or": "or",
    "plan.row.support": "support",
    "plan.restored.day": ", refilled {times}× a day",
    "plan.restored.week": ", refilled {times}× a week",
    "plan.restored.month": ", refilled {times}× a month",
    "plan.unsure": "≈ measured or estimated, not the seller's own: --explain says by whom.",
    "plan.known.official": "official",
    "plan.known.measured": "measured",
    "plan.known.estimated": "estimated",
    "plan.known.claim": "claimed",
    "plan.known.computed": "computed",
    "plan.sum.mix": "{mix}: tokens a request",
    "plan.sum.uncached": "{mix}: share of tokens that are no cache hits",
    "plan.sum.price": "list price of {model} for that mix",
    "plan.sum.exchange": "by the meters and rates of the file",
}
CHINESE: Mapping[str, str] = {
    "plan.show.explain": "显示每个数字的来源，以及每个计算值的分步算式。",
    "plan.row.or": "或",
    "plan.row.support": "技术支持",
    "plan.restored.day": "，每日恢复 {times} 次",
    "plan.restored.week": "，每周恢复 {times} 次",
    "plan.restored.month": "，每月恢复 {times} 次",
    "plan.unsure": "≈ 表示实测或估计值，并非厂商公布：--explain 会说明来源。",
    "plan.known.official": "官方公布",
    "plan.known.measured": "实测",
    "plan.known.estimated": "估计",
    "plan.known.claim": "官方说法",
    "plan.known.computed": "计算值",
    "plan.sum.mix": "{mix}：每次请求 token",
    "plan.sum.uncached": "{mix}：未命中缓存的 token 占比",
    "plan.sum.price": "{model} 按此构成的官方价",
    "plan.sum.exchange": "按文件中的计量和汇率",
}

"""The words of letters, in English and Chinese.

Owns them. Plain text; no picture, no tracking, no link but to this server.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Letter(NamedTuple):
    """What a letter says."""

    subject: str
    text: str


_SUBJECTS: dict[str, dict[str, str]] = {
    "en": {
        "verify": "Verify your e-mail address",
        "reset": "Set your password",
        "window_80": "{plan}: {window} is at 80%",
        "window_100": "{plan}: {window} is full",
        "renewal_coming": "{plan} renews on {at}",
        "renewal_paid": "{plan} was renewed",
        "payment_failed": "{plan}: a payment failed",
        "test": "A test of your notifications",
    },
    "zh": {
        "verify": "验证您的邮箱地址",
        "reset": "设置密码",
        "window_80": "{plan}：{window} 已用 80%",
        "window_100": "{plan}：{window} 已用完",
        "renewal_coming": "{plan} 将于 {at} 续费",
        "renewal_paid": "{plan} 已续费",
        "payment_failed": "{plan}：扣款失败",
        "test": "通知测试",
    },
}
_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "verify": "Open this link to verify your address. It works once, for seven days:\n\n{link}\n\n"
        "If you did not sign up, ignore this letter.",
        "reset": "Open this link to set a password. It works once, for a day:\n\n{link}\n\n"
        "If you did not ask for it, ignore this letter; nothing was changed.",
        "window_80": "{used} of {limit} {unit} are used. The window reopens at {reopens_at}.",
        "window_100": "{used} of {limit} {unit} are used. The window reopens at {reopens_at}.",
        "renewal_coming": "On {at} it renews{price}, paid by {payer}.",
        "renewal_paid": "The next period has begun{price}, paid by {payer}. It runs until {at}.",
        "payment_failed": "Charging {payer} failed (attempt {tries}). Please look at how you pay.",
        "test": "Notifications by e-mail reach you.",
        "price": " for {amount} {currency}",
        "footer": "\n\n{url}\n",
    },
    "zh": {
        "verify": "打开以下链接验证邮箱。链接七天内有效，仅可使用一次：\n\n{link}\n\n如果您没有注册，请忽略此邮件。",
        "reset": "打开以下链接设置密码。链接一天内有效，仅可使用一次：\n\n{link}\n\n"
        "如果不是您本人操作，请忽略此邮件；没有任何改动。",
        "window_80": "已使用 {used} / {limit} {unit}。窗口将于 {reopens_at} 重新开放。",
        "window_100": "已使用 {used} / {limit} {unit}。窗口将于 {reopens_at} 重新开放。",
        "renewal_coming": "将于 {at} 续费{price}，付款方式：{payer}。",
        "renewal_paid": "新的周期已开始{price}，付款方式：{payer}，有效期至 {at}。",
        "payment_failed": "通过 {payer} 扣款失败（第 {tries} 次）。请检查付款方式。",
        "test": "邮件通知可以正常送达。",
        "price": "，金额 {amount} {currency}",
        "footer": "\n\n{url}\n",
    },
}
BY_NOBODY = {"en": "you", "zh": "手动支付"}


def letter(language: str, kind: str, facts: dict[str, Any], url: str) -> Letter:
    """The letter of ``kind`` with ``facts``; ``url`` is where the console stands."""
    subjects, texts = _SUBJECTS.get(language, _SUBJECTS["en"]), _TEXTS.get(language, _TEXTS["en"])
    name = f"{kind}_{facts['state']}" if kind == "renewal" else kind
    price = texts["price"].format(**facts) if facts.get("amount") else ""
    payer = facts.get("payer") or BY_NOBODY.get(language, BY_NOBODY["en"])
    told = {**facts, "price": price, "payer": payer}
    subject, text = subjects[name].format(**told), texts[name].format(**told)
    return Letter(" ".join(subject.split()), text + texts["footer"].format(url=url))

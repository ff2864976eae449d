"""The words on invoices, in each language."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "zh")

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "invoice": "Invoice",
        "credit_note": "Credit note",
        "number": "Number",
        "issued": "Issued",
        "corrects": "Corrects invoice",
        "order": "Order",
        "seller": "Seller",
        "buyer": "Customer",
        "tax_number": "Tax number",
        "description": "Description",
        "amount": "Amount",
        "net": "Net",
        "tax": "{name} {percent}%",
        "total": "Total",
        "paid": "Paid by {who}",
        "page": "Page {page}",
        "price": "Price",
        "credit": "Credit for what was unused",
        "difference": "Difference to the price before",
        "difference_of_period_left": "Difference to the price before, for the time left",
        "trial": "Trial",
        "top_up": "Top-up",
        "renewal": "Renewal",
        "refund": "Refund",
        "first_order": "Discount on the first order",
        "friend": "Discount for a friend",
        "coupon": "Coupon {name}",
        "gift": "gift balance",
        "cash": "cash balance",
        "manual": "bank transfer",
    },
    "zh": {
        "invoice": "账单",
        "credit_note": "贷记单",
        "number": "编号",
        "issued": "开具日期",
        "corrects": "冲减账单",
        "order": "订单",
        "seller": "销售方",
        "buyer": "购买方",
        "tax_number": "税号",
        "description": "项目",
        "amount": "金额",
        "net": "不含税金额",
        "tax": "{name} {percent}%",
        "total": "合计",
        "paid": "支付方式:{who}",
        "page": "第 {page} 页",
        "price": "价格",
        "credit": "未用部分抵扣",
        "difference": "与原价的差额",
        "difference_of_period_left": "剩余周期的差价",
        "trial": "试用",
        "top_up": "充值",
        "renewal": "续费",
        "refund": "退款",
        "first_order": "首单优惠",
        "friend": "好友优惠",
        "coupon": "优惠券 {name}",
        "gift": "赠送余额",
        "cash": "现金余额",
        "manual": "银行转账",
    },
}


def said(language: str, code: str) -> str:
    """What ``code`` is called: ``coupon:SPRING`` by its first part; a code without words by itself."""
    words = WORDS[language]
    head, _, name = code.partition(":")
    return words[head].format(name=name) if head in words else code

"""What each role of operators may do: one total table over the operations of the operator API.

Owns the table. An admin token may do all. A test demands that every operation has its row.
"""

from __future__ import annotations

_READ = ("owner", "finance", "support", "read_only")
_OWNER = ("owner",)
_MONEY = ("owner", "finance")
_SUPPORT = ("owner", "support")

READS = (
    "list_accounts",
    "get_account",
    "list_keys",
    "get_usage",
    "list_upstreams",
    "explain_request",
    "list_plans",
    "preview_plans",
    "diff_plans",
    "impact_plans",
    "get_plan",
    "list_versions",
    "list_multipliers",
    "preview_order",
    "list_orders",
    "get_order",
    "preview_change",
    "preview_refund",
    "list_refunds",
    "get_coupon",
    "get_invitations",
    "list_matters",
    "get_test_clock",
    "list_flags",
    "list_account_flags",
    "get_flag",
    "list_documents",
    "get_document",
    "get_document_pdf",
    "get_seller",
    "get_statement",
    "get_statement_csv",
    "list_deeds",
    "list_entries",
    "get_plan_document",
    "get_trial_balance",
    "get_revenue",
    "get_system",
    "list_coupons",
    "list_gift_codes",
    "list_all_documents",
    "list_rates",
    "list_subscriptions",
)
MONEY = (
    "place_order",
    "withdraw_order",
    "confirm_payment",
    "resolve_order",
    "settle_matter",
    "top_up",
    "change_plan",
    "change_agreement",
    "cancel",
    "ask_refund",
    "make_coupon",
    "make_gift_code",
    "redeem_gift_code",
    "join",
    "decide_reward",
    "set_buyer",
    "set_seller",
)
SUPPORT = (
    "create_account",
    "reset_windows",
    "restore",
    "set_restore_mode",
    "revoke_key",
    "limit_key",
    "review_flag",
)
OWNER = (
    "subscribe",
    "grant",
    "renew",
    "switch_wallet",
    "change_terms",
    "set_segment",
    "create_key",
    "rotate_key",
    "set_extra_usage",
    "publish_plans",
    "change_multiplier",
    "move_test_clock",
    "add_user",
    "set_user_role",
    "reset_user",
    "disable_user",
    "enable_user",
)

ROLES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(READS, _READ),
    **dict.fromkeys(MONEY, _MONEY),
    **dict.fromkeys(SUPPORT, _SUPPORT),
    **dict.fromkeys(OWNER, _OWNER),
    "list_users": _SUPPORT,
}
"""Name of an operation -> roles that may."""


def is_allowed(operation: str, role: str) -> bool:
    """Whether ``role`` may; nobody may what stands in no row."""
    return role in ROLES.get(operation, ())


def may(role: str) -> list[str]:
    """Names of the operations that ``role`` may, in order of name."""
    return sorted(name for name, roles in ROLES.items() if role in roles)

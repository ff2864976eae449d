"""Failures of the core, typed, each with a stable code.

An expected outcome (a refusal) is a value, not one of these. These know no HTTP.
"""

from __future__ import annotations


class CoreError(Exception):
    """Base of the core's failures. ``code`` is stable and documented in docs/errors.md."""

    code = "core_error"


class BadAmount(CoreError):
    code = "bad_amount"

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(f"{text!r} is {problem}")
        self.text = text
        self.problem = problem


class AmountOverflow(CoreError):
    code = "amount_overflow"

    def __init__(self, amount: int) -> None:
        super().__init__(f"{amount} does not fit a signed 64-bit amount")
        self.amount = amount


class UnknownSubject(CoreError):
    """A command names a plan, pool, window or wallet that the account does not have."""

    code = "unknown_subject"

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        have = ", ".join(known) if known else "none"
        super().__init__(f"this account has no {kind} {name!r}; it has: {have}")
        self.kind, self.name, self.known = kind, name, known


RULES = {
    "not_unicode": "a text that was given is not Unicode: write it in UTF-8",
    "no_schedule": "{plan} has no multiplier schedule {schedule!r}; it has: {have}",
    "multiplier_not_positive": "a multiplier is more than zero; {value} is not",
    "multiplier_in_the_past": "a multiplier never changes the past: give a time from now on",
    "no_name": "an account needs a name: give at least one character",
    "name_of_several": "{count} accounts are named {name!r}: give one of their ids: {ids}",
    "no_period": "{price} has no period: it cannot be bought for one",
    "key_revoked": "key {key} is revoked already: create a new one instead",
    "one_of_its_kind": (
        "{running} is running and only one of its kind may: cancel it or wait for its end before {plan}"
    ),
    "which_plan": "several plans run; name one of them in `plan`: {plans}",
    "grant_not_positive": "a grant is more than zero; {amount} is not",
    "grant_ends_first": "the grant would expire before it begins: give a later expires_at",
    "no_restore": "{pool} has no restore in its plan",
    "restored_enough": "{pool} was restored {times} times this {every} already",
    "at_its_cap": "{pool} is at its cap: nothing to restore",
    "key_or_new_key": "name a key or a new one, not both",
    "no_extra_usage": "{plan} has no Extra Usage",
    "extra_usage_needs_key": "name the key that Extra Usage of {plan} is billed to",
    "extra_usage_wrong_key": "key {key} cannot be billed for Extra Usage: it takes a live key of the kind {kind}",
    "unknown_kind": "this account's plans have no keys of the kind {kind}; they have: {have}",
    "no_limit_by_key": "{plan} has no one limit by key",
    "limit_not_positive": "a limit is at least one request a minute",
    "always_on": "{plan} is always on: there is nothing to switch",
    "segment_ends_first": "the segment would end before it begins",
    "flag_closed": "flag {flag} is {state} already: there is nothing left to review",
    "flag_not_confirmed": "flag {flag} is not confirmed: confirm or dismiss it",
    "flag_confirmed": "flag {flag} is confirmed: lift it instead",
    "action_of_closed_flag": "only a confirmed flag does anything: give no action to {verdict} it",
    "another_family": "{plan} is of another family than {running}",
    "no_price_to_pay": "{plan} has no price {price!r}: name one of its prices",
    "no_such_top_up": "{plan} takes no money through {payer!r}; it takes it through: {have}",
    "top_up_too_small": "the smallest top-up here is {minimum} {currency}",
    "not_payable": "{amount} {currency} is not a sum of whole coins above zero",
    "not_bought": "{plan} was not bought here: its operator put it on the account",
    "same_plan": "{plan} runs already at that price",
    "another_currency": "what runs was paid in {old}, and that one costs {new}",
    "no_change": "{running} cannot be changed to {plan} by its terms",
    "not_an_order": "a change to {plan} at the period's end is not ordered but scheduled",
    "who_is_paid": "{plan} is paid through somebody: name one of: {have}",
    "not_paid_there": "{plan} is not paid through {payer!r}; it is through: {have}",
    "no_such_order": "this account has no order {order!r}",
    "order_is_over": "order {order} is {state}: nothing more can be done to it",
    "renewal_withdrawn": "order {order} renews {plan}: call the renewal off instead",
    "not_its_currency": "order {order} is in {currency}, and money of another currency came: give it back",
    "no_referral": "{family} rewards no invitations",
    "invited_by_oneself": "nobody invites themselves",
    "invited_before": "this account joined by an invitation already",
    "not_a_new_customer": "invitations are for new customers, and this account paid before",
    "no_open_reward": "this account has no reward on its way that could be decided about",
    "no_gift_balance": "{family} has no gift balance in {currency}",
    "no_purse": "this account has no {purse} balance of {family}",
    "gift_code_unknown": "there is no such gift code",
    "gift_code_used": "this gift code was used before, or is over",
    "gift_code_redeemed": "this account redeemed this gift code already, at {at}",
    "coupon_worth": "a coupon takes a share up to 1 off, or an amount of a currency",
    "coupon_taken": "there is a coupon {code!r} already",
    "coupon_unknown": "there is no coupon {code!r}",
    "coupon_over": "coupon {code!r} is not valid now",
    "coupon_used_up": "coupon {code!r} was used as often as it may be",
    "coupon_not_for": "coupon {code!r} is not for {plan}",
    "coupon_never": "coupon {code!r} would be over before it begins",
    "coupon_currency": "coupon {code!r} takes off {old}, and this price is in {new}",
    "coupon_first_order": "coupon {code!r} is for an account's first order",
    "coupon_for_nothing": "coupon {code!r} takes nothing off {plan} now: order without it, it is not used up",
    "tax_rate": "a tax rate is a share from 0 to 1 (0.06); {rate} is not",
    "over_meanwhile": "{subscription} is over meanwhile",
    "no_refunds": "{plan} is not refunded by its terms",
    "refund_under_way": "refund {refund} is on its way already",
    "refund_too_late": "{plan} is refunded within {hours} hours of the payment, and those are over",
    "used_above_paid": "what was used of {plan} is worth more than was paid for it: nothing is refunded",
    "nothing_to_refund": "nothing is left to refund of {plan}",
    "not_returnable": "{amount} {currency} cannot go back where they came from: that wallet is gone",
    "no_such_refund": "this account has no refund {refund!r}",
    "called_off_before": "the renewal of {plan} was called off already",
    "not_called_off": "{plan} renews: nothing to take back",
    "does_not_renew": "{plan} was bought once and does not renew",
    "paused_before": "{plan} is paused already",
    "not_paused": "{plan} is not paused",
    "not_bound_there": "{payer} charges by itself, from its own first payment: order anew when the period is over",
    "payment_disputed": "the payment of {plan} is disputed: it is not refunded another time",
    "no_such_case": "this account has no open matter {case!r} of that kind",
    "not_paused_now": "{plan} cannot be paused while a payment, a refund or its payment provider is at work on it",
}
"""What keeps a command from being carried out, and its words."""


class BadCommand(CoreError):
    """A command that cannot be carried out as it stands: ``rule`` of RULES says why, with ``fields``."""

    code = "bad_command"

    def __init__(self, rule: str, **fields: object) -> None:
        super().__init__(RULES[rule].format(**fields))
        self.rule, self.fields = rule, fields


class UnknownHold(CoreError):
    code = "unknown_hold"

    def __init__(self, request: str) -> None:
        super().__init__(f"no open hold for request {request!r}: it was settled, released or never made")
        self.request = request


class JournalGap(CoreError):
    """An entry that is not the next one of its account."""

    code = "journal_gap"

    def __init__(self, account: str, expected: int, got: int) -> None:
        super().__init__(f"account {account!r}: entry {expected} expected, entry {got} given")
        self.account, self.expected, self.got = account, expected, got

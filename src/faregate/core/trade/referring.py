"""Referral: friends who join by an invitation, and the reward of who invited them.

Owns the rules of one side at a time: the friend's books say who invited them and what their first order earns, the
inviter's books receive it. Money moves between the two through the outbox. Only cash counts, never coupons,
discounts, gift or what was paid back.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.trade.book import Book, Order
from faregate.core.trade.ordering import ACCOUNT, book_of, effect
from faregate.core.trade.payable import payable
from faregate.core.trade.purse import sums
from faregate.core.trade.quote import Discount
from faregate.core.trade.terms import CASH, ReferralTerms

OPEN_REWARDS = ("waiting", "review", "held")
"""waiting: too early to tell; review: people may look; held: somebody wants it looked at."""


def invitation(account: str) -> str:
    """The code with which the account invites."""
    return account.removeprefix(ACCOUNT)


def inviter_of(code: str) -> str:
    """The account that a code is of, whether or not there is one."""
    return ACCOUNT + code.strip().lower()


def join(state: AccountState, inviter: str, family: str, terms: ReferralTerms | None, now: int, key: str) -> Entry:
    """The account joins by the invitation of ``inviter``, for the plans of ``family``.

    Raises BadCommand for an invitation of oneself, a second one, or a customer who paid before.
    """
    book = book_of(state)
    if terms is None:
        raise BadCommand("no_referral", family=family)
    if inviter == state.account:
        raise BadCommand("invited_by_oneself")
    if "invited" in book.facts:
        raise BadCommand("invited_before")
    if terms.new_customers_only and book.paid:
        raise BadCommand("not_a_new_customer")
    invited = {"by": inviter, "family": family, "at": now, "pays_until": now + terms.pays_within}
    return _facts(state, now, key, invited=invited)


def _facts(
    state: AccountState, now: int, key: str, effects: list[dict[str, Any]] | None = None, **book: Any
) -> Entry:
    data: dict[str, Any] = {"book": book}
    if effects:
        data["effects"] = effects
    return Entry(state.account, state.seq + 1, now, "trade", key, [], [], data)


def first_order_discounts(state: AccountState, family: str, terms: ReferralTerms | None, now: int) -> list[Discount]:
    """What is taken off the first order of a family: for everybody new, and for who was invited."""
    book = book_of(state)
    if terms is None or family in book.paid or any(_stands(order, family) for order in book.orders.values()):
        return []
    off = []
    if terms.first_order_discount:
        off.append(Discount("first_order", terms.first_order_discount))
    invited = book.facts.get("invited")
    if invited is not None and invited["family"] == family and now <= invited["pays_until"] and terms.friend_discount:
        off.append(Discount("friend", terms.friend_discount))
    return off


def _stands(order: Order, family: str) -> bool:
    """Whether an order of the family was delivered, for money or for nothing but a trial."""
    same = order.facts["plan"].partition("/")[0] == family
    return same and order.state == "done" and order.facts["what"] in ("buy", "switch") and order.facts["total"] > 0


def earned(state: AccountState, order: Order, terms: ReferralTerms | None, now: int) -> dict[str, Any] | None:
    """The reward that the delivery of ``order`` earns the inviter, as it is kept; None where it earns none."""
    book = book_of(state)
    invited = book.facts.get("invited")
    if terms is None or invited is None or "reward" in book.facts or order.facts["what"] != "buy":
        return None
    family = order.facts["plan"].partition("/")[0]
    if invited["family"] != family or now > invited["pays_until"] or book.paid:
        return None
    cash = order.outside + sums(order.facts["parts"])[CASH]
    amount = payable(terms.reward * cash, order.currency)
    if amount <= 0:
        return None
    first, last = (*terms.review, *terms.review, 0)[:2] if terms.review else (0, 0)
    return {
        "to": invited["by"],
        "family": family,
        "into": terms.into,
        "order": order.id,
        "cash": cash,
        "amount": amount,
        "currency": order.currency,
        "at": now,
        "review_from": now + max(first, terms.no_refund_for),
        "given_at": now + max(last, first, terms.no_refund_for),
        "state": "waiting",
        "reason": "",
    }


def reward_due(state: AccountState) -> int | None:
    """When a reward on its way moves on by itself."""
    reward = book_of(state).facts.get("reward")
    if reward is None or reward["state"] not in ("waiting", "review"):
        return None
    return int(reward["review_from"] if reward["state"] == "waiting" else reward["given_at"])


def reward_step(state: AccountState, now: int) -> Entry | None:
    """What time does to a reward: the review opens, and ends by giving it."""
    due = reward_due(state)
    if due is None or due > now:
        return None
    reward = book_of(state).facts["reward"]
    if reward["state"] == "waiting":
        return _facts(state, due, f"reward:{reward['order']}:review", reward={**reward, "state": "review"})
    return give(state, due, f"reward:{reward['order']}:given")


def give(state: AccountState, now: int, key: str, reason: str = "") -> Entry:
    """The reward goes to the inviter, through the outbox."""
    reward = _open_reward(state)
    order = book_of(state).orders.get(reward["order"])
    if order is not None and order.refunded:
        return refuse(state, now, key, "refunded")
    row = effect(f"{reward['order']}:reward", "give", reward["order"], now, payer=None)
    row |= {name: reward[name] for name in ("to", "family", "into", "amount", "currency")}
    return _facts(
        state, now, key, [{**row, "source": "referral"}], reward={**reward, "state": "given", "reason": reason}
    )


def refuse(state: AccountState, now: int, key: str, reason: str) -> Entry:
    """The reward is not given, or was given and goes back."""
    reward = book_of(state).facts.get("reward")
    if reward is None or reward["state"] in ("refused", "reversed"):
        raise BadCommand("no_open_reward")
    if reward["state"] != "given":
        return _facts(state, now, key, reward={**reward, "state": "refused", "reason": reason})
    row = effect(f"{reward['order']}:reversal", "take", reward["order"], now, payer=None)
    row |= {name: reward[name] for name in ("to", "family", "into", "amount", "currency")}
    changed = {**reward, "state": "reversed", "reason": reason}
    return _facts(state, now, key, [{**row, "source": "referral"}], reward=changed)


def hold_back(state: AccountState, now: int, key: str, reason: str) -> Entry:
    """Somebody looks at it first: it is not given by itself any more."""
    reward = _open_reward(state)
    return _facts(state, now, key, reward={**reward, "state": "held", "reason": reason})


def _open_reward(state: AccountState) -> dict[str, Any]:
    reward = book_of(state).facts.get("reward")
    if reward is None or reward["state"] not in OPEN_REWARDS:
        raise BadCommand("no_open_reward")
    return dict(reward)


def on_refund(book: Book, order: str) -> bool:
    """Whether a refund of ``order`` takes its reward back."""
    reward = book.facts.get("reward")
    return reward is not None and reward["order"] == order and reward["state"] not in ("refused", "reversed")

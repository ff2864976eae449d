"""Promotions: coupons, gift codes and invitations, with the limits that hold for all customers together.

Owns the journals of coupons and codes: each is a small account of its own, so that the conditional append keeps its
limits exact without a row that is hot for all. Only hashes of gift codes are kept. What a promotion is worth on an
order is the shop's; what a reward is, core's.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from hashlib import sha256
from typing import Any

from faregate.app.coupon import (
    Uses,
    check,
    counted,
    coupon_account,
    coupon_of,
    coupon_view,
    discount,
    worth,
)
from faregate.app.ids import Randomness, base32
from faregate.app.office_errors import NotFound, SecretShownBefore
from faregate.app.receipts import Write
from faregate.app.till import Till
from faregate.core.account import AccountState
from faregate.core.amounts import parse, render
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.instants import render_instant
from faregate.core.trade import giving, referring
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of, effect
from faregate.core.trade.payable import is_payable
from faregate.core.trade.quote import Discount
from faregate.core.trade.terms import ReferralTerms

GIFT_BOOKS = "gift_"


class Promotions:
    """Over one till. ``randomness(n)`` gives n bytes that nobody can guess."""

    def __init__(self, till: Till, randomness: Randomness) -> None:
        self._till = till
        self._randomness = randomness

    # ---- coupons

    async def make_coupon(
        self,
        code: str,
        write: Write,
        *,
        share: str | None = None,
        amount: str | None = None,
        currency: str | None = None,
        plans: list[str] | None = None,
        begins: int | None = None,
        until: int | None = None,
        uses: int | None = None,
        per_account: int = 1,
        first_order_only: bool = False,
    ) -> dict[str, Any]:
        """A coupon: a ``share`` off (an exact number up to 1), or an ``amount`` of ``currency``.

        Raises UnknownPlan, and BadCommand for a code that is taken, for one that takes nothing or more than all off,
        and for one that is over before it begins.
        """
        code = code.strip()
        for plan in plans or ():
            self._till.shelf.newest(plan)
        if begins is not None and until is not None and until <= begins:
            raise BadCommand("coupon_never", code=code)
        facts = {
            **worth(code, share, amount, currency),
            "plans": plans or [],
            "begins": begins,
            "until": until,
            "uses": uses,
            "per_account": per_account,
            "first_order_only": first_order_only,
        }

        def act(draft: Draft) -> dict[str, Any]:
            if draft.state.seq:
                raise BadCommand("coupon_taken", code=code)
            _fact(draft, write, coupon=facts, taken={})
            return {"code": code}

        await self._till.once("coupon", coupon_account(code), write, facts, act, known=False)
        return self.coupon(code, write.now)

    def coupon(self, code: str, now: int) -> dict[str, Any]:
        """A coupon and how often it was used. Raises BadCommand."""
        state = self._till.state(coupon_account(code), now)
        coupon_of(state, code)
        return coupon_view(state, now, self._is_open(now))

    async def take_coupon(
        self, code: str, account: str, order: str, plan: str, write: Write, given_up: Container[str] = ()
    ) -> Discount:
        """Take one use of a coupon for ``order``; the same order takes one use only. Orders ``given_up`` are those
        that it takes the place of. Raises BadCommand.
        """
        is_open = self._is_open(write.now)

        def act(draft: Draft) -> dict[str, Any]:
            facts, taken = coupon_of(draft.state, code), self._taken(draft.state)
            if order in taken:
                return {}
            check(facts, counted(taken, write.now, is_open), account, plan, write.now, given_up)
            _fact(draft, write, taken={**taken, order: [account, write.now, None]})
            return {}

        await self._till.act(coupon_account(code), write.now, act)
        return discount(coupon_of(self._till.state(coupon_account(code), write.now), code))

    def coupon_discount(
        self, code: str, account: str, plan: str, now: int, given_up: Container[str] = ()
    ) -> Discount:
        """What a coupon would take off, without taking it. Raises BadCommand."""
        state = self._till.state(coupon_account(code), now)
        facts = coupon_of(state, code)
        check(facts, counted(self._taken(state), now, self._is_open(now)), account, plan, now, given_up)
        return discount(facts)

    @staticmethod
    def _taken(coupon: AccountState) -> Uses:
        return dict(book_of(coupon).facts["taken"])

    def _is_open(self, now: int) -> Callable[[str, str], bool]:
        def is_open(account: str, order: str) -> bool:
            found = book_of(self._till.state(account, now)).order(order)
            return found is not None and found.done_at is None

        return is_open

    async def end_coupon(self, code: str, order: str, used: bool, write: Write) -> None:
        """The order is over: its use of the coupon stands, or is given back."""

        def act(draft: Draft) -> dict[str, Any]:
            taken = self._taken(draft.state)
            if order in taken and not used:
                del taken[order]
            elif order in taken:
                taken[order] = [*taken[order][:2], write.now]
            _fact(draft, write, taken=taken)
            return {}

        await self._till.act(coupon_account(code), write.now, act)

    # ---- gift codes

    async def make_gift_code(
        self, family: str, amount: str, currency: str, write: Write, until: int | None = None, note: str = ""
    ) -> dict[str, Any]:
        """A code worth ``amount`` of gift balance, shown this once. Raises SecretShownBefore when written before,
        BadCommand where no customer could have such a gift.
        """
        currency = currency.strip().upper()
        body = {"family": family, "amount": amount, "currency": currency, "until": until, "note": note}
        if self._till.begun("gift_code", write, body):
            raise SecretShownBefore("gift code")
        worth_of_it = parse(amount, currency)
        if worth_of_it <= 0 or not is_payable(worth_of_it, currency):
            raise BadCommand("not_payable", amount=amount, currency=currency)
        if giving.wallet_with(self._till.shelf.market, family, "gift", currency, write.now) is None:
            raise BadCommand("no_gift_balance", family=family, currency=currency)
        code = base32(int.from_bytes(self._randomness(13), "big") >> 4, 20)
        facts = {
            "family": family,
            "amount": worth_of_it,
            "currency": currency,
            "until": until,
            "note": note,
            "made_at": write.now,
        }

        def act(draft: Draft) -> dict[str, Any]:
            _fact(draft, write, gift=facts, redeemed=None)
            return {}

        self._till.keep("gift_code", write, body, {"family": family})
        await self._till.act(gift_account(code), write.now, act)
        return {"code": code, "family": family, "amount": amount, "currency": currency}

    async def redeem(self, account: str, code: str, write: Write) -> dict[str, Any]:
        """The gift goes to ``account``, once. Raises BadCommand, also where it is this very account that had it: only
        the same write again is told once more what it did.
        """
        place = gift_account(code.strip().lower())
        scope, body = f"redeem:{account}", {"gift": place}
        if (answer := self._till.first_answer(scope, write, body)) is not None:
            await self._till.asked(place)
            return answer

        def act(draft: Draft) -> dict[str, Any]:
            facts = book_of(draft.state).facts
            gift, redeemed = facts.get("gift"), facts.get("redeemed")
            if gift is None:
                raise BadCommand("gift_code_unknown")
            if (answer := self._till.first_answer(scope, write, body)) is not None:
                return answer  # The same write came twice at once.
            if redeemed is not None and redeemed["to"] == account:
                raise BadCommand("gift_code_redeemed", at=render_instant(redeemed["at"]))
            if redeemed is not None or (gift["until"] is not None and gift["until"] <= write.now):
                raise BadCommand("gift_code_used")
            row = effect(f"{place}:gift", "give", place, write.now, payer=None)
            row |= {"to": account, "into": "gift", "source": "gift_code"}
            row |= {name: gift[name] for name in ("family", "amount", "currency")}
            _fact(draft, write, [row], redeemed={"to": account, "at": write.now})
            amount = render(int(gift["amount"]), gift["currency"])
            return {"account": account, "amount": amount, "currency": gift["currency"]}

        answer = dict(await self._till.act(place, write.now, act, (scope, write, body)))
        await self._till.asked(place)
        return answer

    # ---- invitations

    async def join(self, account: str, code: str, family: str, write: Write) -> dict[str, Any]:
        """The account joins by an invitation. Raises NotFound for a code of nobody, BadCommand."""
        inviter = referring.inviter_of(code)
        if not self._till.knows(inviter):
            raise NotFound("invitation", code)
        terms = self.referral_terms(family, write.now)
        body = {"code": code, "family": family}

        def act(draft: Draft) -> dict[str, Any]:
            draft.add(referring.join(draft.state, inviter, family, terms, write.now, write.key))
            return {"account": account, "family": family, "done": "join"}

        answer = await self._till.once("join", account, write, body, act)

        def note(draft: Draft) -> dict[str, Any]:
            friends = [*book_of(draft.state).facts.get("friends", ())]
            if account not in friends:
                _fact(draft, write, friends=[*friends, account])
            return {}

        await self._till.act(inviter, write.now, note)
        return answer

    def referral_terms(self, family: str, now: int) -> ReferralTerms | None:
        """What ``family`` promises for invitations now."""
        return self._till.referral_terms(family, now)

    def friends(self, account: str, now: int) -> list[dict[str, Any]]:
        """Who joined by the account's invitation, and what became of each reward; no names."""
        rows = []
        for friend in book_of(self._till.state(account, now)).facts.get("friends", ()):
            facts = book_of(self._till.state(friend, now)).facts
            rows.append({"joined_at": render_instant(facts["invited"]["at"]), **reward_view(facts.get("reward"))})
        return rows

    async def decide(self, friend: str, how: str, reason: str, write: Write) -> dict[str, Any]:
        """Give, refuse, or hold back the reward that the first order of ``friend`` earned."""
        acts = {"give": referring.give, "refuse": referring.refuse, "hold": referring.hold_back}

        def act(draft: Draft) -> dict[str, Any]:
            draft.add(acts[how](draft.state, write.now, write.key, reason))
            return reward_view(book_of(draft.state).facts["reward"])

        return dict(await self._till.once("reward", friend, write, {"how": how, "reason": reason}, act))


def gift_view(state: AccountState, now: int) -> dict[str, Any]:
    """The gift code whose books these are: what it is worth and who had it, never the code."""
    facts = book_of(state).facts
    gift, redeemed = facts["gift"], facts["redeemed"]
    over = gift["until"] is not None and gift["until"] <= now
    return {
        "id": state.account,
        "family": gift["family"],
        "amount": render(int(gift["amount"]), gift["currency"]),
        "currency": gift["currency"],
        "note": gift["note"],
        "made_at": render_instant(gift["made_at"]),
        "until": render_instant(gift["until"]) if gift["until"] is not None else None,
        "state": "redeemed" if redeemed is not None else "over" if over else "open",
        "redeemed_by": redeemed["to"] if redeemed is not None else None,
        "redeemed_at": render_instant(redeemed["at"]) if redeemed is not None else None,
    }


def reward_view(reward: dict[str, Any] | None) -> dict[str, Any]:
    """A reward as people see it; ``none`` before a first order."""
    if reward is None:
        return {"state": "none", "amount": None, "currency": None}
    return {
        "state": reward["state"],
        "reason": reward["reason"],
        "order": reward["order"],
        "cash": render(int(reward["cash"]), reward["currency"]),
        "amount": render(int(reward["amount"]), reward["currency"]),
        "currency": reward["currency"],
        "review_from": render_instant(reward["review_from"]),
        "given_at": render_instant(reward["given_at"]),
    }


def gift_account(code: str) -> str:
    """The books of a gift code: they know its hash alone."""
    return GIFT_BOOKS + sha256(code.encode()).hexdigest()[:32]


def _fact(draft: Draft, write: Write, effects: list[dict[str, Any]] | None = None, **book: Any) -> None:
    data: dict[str, Any] = {"book": book}
    if effects:
        data["effects"] = effects
    state = draft.state
    draft.add(Entry(state.account, state.seq + 1, write.now, "trade", write.key, [], [], data))

"""Promotions: coupons, gift codes and invitations, with the limits that hold for all customers together.

Owns the journals of coupons and codes: each is a small account of its own, so that the conditional append keeps its
limits exact without a row that is hot for all. Only hashes of gift codes are kept. What a promotion is worth on an
order is the shop's; what a reward is, core's.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from faregate.app.ids import Randomness, base32
from faregate.app.office_errors import NotFound, SecretShownBefore
from faregate.app.receipts import Write
from faregate.app.till import Till
from faregate.core.account import AccountState
from faregate.core.amounts import decimal_text, fraction, parse, render
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.instants import DAY, render_instant
from faregate.core.trade import referring
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of, effect
from faregate.core.trade.quote import Discount
from faregate.core.trade.terms import ReferralTerms

COUPON_BOOKS, GIFT_BOOKS = "coupon_", "gift_"
KEPT_FOR = 2 * DAY
"""How long a coupon stays taken by an order that never told its end."""
SHOWN_USES = 100


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

        Raises BadCommand for a code that is taken, and for one that takes nothing or more than all off.
        """
        off = fraction(share) if share is not None else None
        if (off is None) == (amount is None) or (amount is not None and currency is None):
            raise BadCommand("coupon_worth")
        if off is not None and not 0 < off <= 1:
            raise BadCommand("coupon_worth")
        facts = {
            "code": code,
            "share": decimal_text(off) if off is not None else None,
            "amount": parse(amount, currency) if amount is not None and currency is not None else 0,
            "currency": currency,
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
        _coupon_of(state, code)
        return coupon_view(state, now)

    async def take_coupon(self, code: str, account: str, order: str, plan: str, write: Write) -> Discount:
        """Take one use of a coupon for ``order``; the same order takes one use only. Raises BadCommand."""

        def act(draft: Draft) -> dict[str, Any]:
            facts, taken = _coupon_of(draft.state, code), dict(book_of(draft.state).facts["taken"])
            if order in taken:
                return {}
            _check(facts, _alive(taken, write.now), code, account, plan, write.now)
            _fact(draft, write, taken={**taken, order: [account, write.now, None]})
            return {}

        await self._till.act(coupon_account(code), write.now, act)
        return _discount(_coupon_of(self._till.state(coupon_account(code), write.now), code))

    def coupon_discount(self, code: str, account: str, plan: str, now: int) -> Discount:
        """What a coupon would take off, without taking it. Raises BadCommand."""
        state = self._till.state(coupon_account(code), now)
        facts = _coupon_of(state, code)
        _check(facts, _alive(book_of(state).facts["taken"], now), code, account, plan, now)
        return _discount(facts)

    async def end_coupon(self, code: str, order: str, used: bool, write: Write) -> None:
        """The order is over: its use of the coupon stands, or is given back."""

        def act(draft: Draft) -> dict[str, Any]:
            taken = dict(book_of(draft.state).facts["taken"])
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
        """A code worth ``amount`` of gift balance, shown this once. Raises SecretShownBefore when written before."""
        body = {"family": family, "amount": amount, "currency": currency, "until": until, "note": note}
        if self._till.begun("gift_code", write, body):
            raise SecretShownBefore("gift code")
        code = base32(int.from_bytes(self._randomness(13), "big") >> 4, 20)
        facts = {
            "family": family,
            "amount": parse(amount, currency),
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
        """The gift goes to ``account``, once. Raises BadCommand."""
        place = gift_account(code.strip().lower())

        def act(draft: Draft) -> dict[str, Any]:
            facts = book_of(draft.state).facts
            gift, redeemed = facts.get("gift"), facts.get("redeemed")
            if gift is None:
                raise BadCommand("gift_code_unknown")
            if redeemed is not None and redeemed["to"] == account:
                return {}
            if redeemed is not None or (gift["until"] is not None and gift["until"] <= write.now):
                raise BadCommand("gift_code_used")
            row = effect(f"{place}:gift", "give", place, write.now, payer=None)
            row |= {"to": account, "into": "gift", "source": "gift_code"}
            row |= {name: gift[name] for name in ("family", "amount", "currency")}
            _fact(draft, write, [row], redeemed={"to": account, "at": write.now})
            return {}

        await self._till.act(place, write.now, act)
        await self._till.asked(place)
        gift = book_of(self._till.state(place, write.now)).facts["gift"]
        return {
            "account": account,
            "amount": render(int(gift["amount"]), gift["currency"]),
            "currency": gift["currency"],
        }

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


def coupon_view(state: AccountState, now: int) -> dict[str, Any]:
    """The coupon whose books these are; ``uses_by`` are those that count, the last first."""
    facts = book_of(state).facts
    alive = _alive(facts["taken"], now)
    shown = {**facts["coupon"], "used": len(alive)}
    shown["amount"] = render(int(shown["amount"]), shown["currency"]) if shown["currency"] else None
    for name in ("begins", "until"):
        shown[name] = render_instant(shown[name]) if shown[name] is not None else None
    rows = sorted(alive.items(), key=lambda item: int(item[1][1]), reverse=True)
    shown["uses_by"] = [
        {"account": account, "order": order, "at": render_instant(taken_at), "done": done_at is not None}
        for order, (account, taken_at, done_at) in rows[:SHOWN_USES]
    ]
    return shown


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


def coupon_account(code: str) -> str:
    """The books of a coupon."""
    return COUPON_BOOKS + sha256(code.encode()).hexdigest()[:24]


def gift_account(code: str) -> str:
    """The books of a gift code: they know its hash alone."""
    return GIFT_BOOKS + sha256(code.encode()).hexdigest()[:32]


def _fact(draft: Draft, write: Write, effects: list[dict[str, Any]] | None = None, **book: Any) -> None:
    data: dict[str, Any] = {"book": book}
    if effects:
        data["effects"] = effects
    state = draft.state
    draft.add(Entry(state.account, state.seq + 1, write.now, "trade", write.key, [], [], data))


def _coupon_of(state: AccountState, code: str) -> dict[str, Any]:
    facts = book_of(state).facts.get("coupon")
    if facts is None:
        raise BadCommand("coupon_unknown", code=code)
    return dict(facts)


def _alive(taken: dict[str, Any], now: int) -> dict[str, Any]:
    """Uses that count: those of finished orders, and those of orders that may still be paid."""
    return {order: row for order, row in taken.items() if row[2] is not None or row[1] + KEPT_FOR > now}


def _check(facts: dict[str, Any], taken: dict[str, Any], code: str, account: str, plan: str, now: int) -> None:
    begins, until = facts["begins"], facts["until"]
    if (begins is not None and now < begins) or (until is not None and now >= until):
        raise BadCommand("coupon_over", code=code)
    if facts["plans"] and plan.partition("@")[0] not in facts["plans"]:
        raise BadCommand("coupon_not_for", code=code, plan=plan)
    mine = sum(row[0] == account for row in taken.values())
    if (facts["uses"] is not None and len(taken) >= facts["uses"]) or mine >= facts["per_account"]:
        raise BadCommand("coupon_used_up", code=code)


def _discount(facts: dict[str, Any]) -> Discount:
    code = str(facts["code"])
    share = fraction(facts["share"]) if facts["share"] is not None else fraction(0)
    return Discount(f"coupon:{code}", share, int(facts["amount"]), code, facts["currency"])

"""Impact: what a version of a family would have meant for the real traffic of its accounts.

Owns the pairing of the two replays, the sums over accounts and who would be hurt. Reads the books as they stand and
writes nothing. What each replay does stands in impact_run.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faregate.app.shelf import Shelf
from faregate.app.store_port import Books
from faregate.comparison.impact_run import Counts, Run
from faregate.comparison.impact_traffic import Happened, Span, Traffic, traffic_of
from faregate.comparison.money import Money, nano, rates_used, text
from faregate.core.amounts import decimal_text, render
from faregate.core.explain import window_name
from faregate.core.instants import DAY, HOUR, render_instant
from faregate.planfile import Family

MOST_HURT = 20
DEFAULT_DAYS = 30


@dataclass(slots=True)
class Hurt:
    """An account and what changes for it. ``worth`` is the list value of its new refusals, by currency."""

    account: str
    plans: str
    requests: int = 0
    new_refusals: int = 0
    fewer_refusals: int = 0
    first_at: int | None = None
    worth: Counter[str] = field(default_factory=Counter)
    binding: Counter[tuple[str, str]] = field(default_factory=Counter)


class Pair(NamedTuple):
    """Sums under the terms accounts have, and under those of the version; ``accounts`` is how many."""

    now: Counts
    then: Counts
    accounts: list[Hurt]


class Impact:
    """One comparison over a span of the journal. ``shelf`` has the version of ``family`` on it."""

    def __init__(self, books: Books, shelf: Shelf, family: Family, span: Span, names: Callable[[str], str]) -> None:
        self._books, self._shelf, self._family, self._span, self._names = books, shelf, family, span, names
        self._by_plan: dict[str, Pair] = {}

    def run(self, currency: str, seen: Callable[[int, int], None] | None = None) -> dict[str, Any]:
        """The result, JSON-able, sums in ``currency``. ``seen`` is told accounts and requests done, now and then.

        Raises NoRate where no rate leads to ``currency``.
        """
        requests = 0
        for accounts, head in enumerate(self._books.heads(), 1):
            traffic = traffic_of(head.account, self._books.entries(head.account), self._span, self._shelf)
            if self._concerned(traffic):
                requests += self._account(head.account, traffic)
            if seen is not None:
                seen(accounts, requests)
        return self._result(currency)

    def _concerned(self, traffic: Traffic) -> bool:
        """Whether the account held a plan of the family in the span."""
        family = self._family.id
        if any(each.terms.family == family for each in traffic.state.subscriptions.values()):
            return True
        bought = (
            each.entry for each in traffic.happened if each.entry is not None and each.entry.kind == "subscribe"
        )
        return any(entry.data["plan"].partition("/")[0] == family for entry in bought)

    def _account(self, account: str, traffic: Traffic) -> int:
        own = Run(traffic.state, self._shelf, self._family.id, None, self._span)
        other = Run(traffic.state, self._shelf, self._family.id, self._family.version, self._span)
        hurt = Hurt(account, "")
        for happened in traffic.happened:
            if happened.request is None:
                own.command(happened)
                other.command(happened)
            else:
                self._request(own, other, happened, hurt)
        own.finish()
        other.finish()
        hurt.plans = " + ".join(sorted(own.plans)) or "–"
        pair = self._by_plan.setdefault(hurt.plans, Pair(Counts(), Counts(), []))
        pair.now.add(own.counts)
        pair.then.add(other.counts)
        pair.accounts.append(hurt)
        return hurt.requests

    def _request(self, own: Run, other: Run, happened: Happened, hurt: Hurt) -> None:
        request = happened.request
        assert request is not None
        hurt.requests += 1
        now, then = own.request(request, happened.at), other.request(request, happened.at)
        if then is not None and now is None:
            hurt.new_refusals += 1
            hurt.binding[then.reason, window_name(then.subject)] += 1
            hurt.worth.update(dict(happened.worth))
            if hurt.first_at is None:
                hurt.first_at = happened.at
        elif now is not None and then is None:
            hurt.fewer_refusals += 1

    # ---- the result

    def _result(self, currency: str) -> dict[str, Any]:
        money = Money(self._shelf.prices, currency)
        now, then, accounts = Counts(), Counts(), []
        for pair in self._by_plan.values():
            now.add(pair.now)
            then.add(pair.then)
            accounts += pair.accounts
        sides = self._side(now, money), self._side(then, money)
        accounts.sort(key=lambda each: (-each.new_refusals, each.account))
        hurt = [each for each in accounts if each.new_refusals]
        return {
            "family": self._family.id,
            "version": self._family.version,
            "from": render_instant(self._span.begins),
            "until": render_instant(self._span.ends),
            "currency": currency,
            "accounts": len(accounts),
            "accounts_hurt": len(hurt),
            "requests": now.requests,
            "new_refusals": sum(each.new_refusals for each in accounts),
            "fewer_refusals": sum(each.fewer_refusals for each in accounts),
            "now": sides[0],
            "then": sides[1],
            "plans": [self._plan(plan, pair, money) for plan, pair in sorted(self._by_plan.items())],
            "hurt": [self._hurt(each, money) for each in hurt[:MOST_HURT]],
            "skipped_commands": max(now.skipped, then.skipped),
            "rates": rates_used(money.used),
        }

    def _side(self, counts: Counts, money: Money) -> dict[str, Any]:
        at = self._span.ends
        prices = sum(nano(money.printed(amount, each, at)) for each, amount in counts.revenue.items())
        wallets, not_money = 0, {}
        for unit, amount in counts.wallets.items():
            worth = _worth_of(unit)
            if worth is None:
                not_money[unit] = render(amount, unit)
            else:
                wallets += money.convert(amount, worth[0], worth[1], at)
        cost = sum(money.convert(amount, 1, each, at) for each, amount in counts.list_value.items())
        return {
            "requests": counts.requests,
            "refused": counts.refused,
            "refusals": [
                {"reason": reason, "subject": subject, "count": count}
                for (reason, subject), count in counts.refusals.most_common()
            ],
            "prices": {each: decimal_text(amount) for each, amount in sorted(counts.revenue.items())},
            "wallets": {unit: render(amount, unit) for unit, amount in sorted(counts.wallets.items())},
            "list_values": {each: render(amount, each) for each, amount in sorted(counts.list_value.items())},
            "revenue": text(prices + wallets),
            "list_value": text(cost),
            "margin": text(prices + wallets - cost),
            "not_money": not_money,
        }

    def _plan(self, plan: str, pair: Pair, money: Money) -> dict[str, Any]:
        return {
            "plans": plan,
            "accounts": len(pair.accounts),
            "accounts_hurt": sum(1 for each in pair.accounts if each.new_refusals),
            "new_refusals": sum(each.new_refusals for each in pair.accounts),
            "now": self._side(pair.now, money),
            "then": self._side(pair.then, money),
        }

    def _hurt(self, hurt: Hurt, money: Money) -> dict[str, Any]:
        at = self._span.ends
        worth = sum(money.convert(amount, 1, each, at) for each, amount in hurt.worth.items())
        return {
            "account": hurt.account,
            "name": self._names(hurt.account),
            "plans": hurt.plans,
            "requests": hurt.requests,
            "new_refusals": hurt.new_refusals,
            "list_value_refused": text(worth),
            "first_at": render_instant(hurt.first_at) if hurt.first_at is not None else None,
            "binding": [
                {"reason": reason, "subject": subject, "count": count}
                for (reason, subject), count in hurt.binding.most_common()
            ],
        }


def _worth_of(unit: str) -> tuple[int, str] | None:
    """(divisor, currency) that makes ``unit`` money: itself, or credits; None for units that are not."""
    if unit == "credit":
        return 100, "USD"
    return (1, unit) if len(unit) == 3 and unit.isupper() else None


def requests_in(books: Books, span: Span) -> int:
    """About how many requests were settled in ``span``, by the hourly sums: whole hours, without reading entries."""
    hours = span.begins // HOUR, span.ends // HOUR
    return sum(sums.usage.requests for head in books.heads() for _, sums in books.rollups_of(head.account, *hours))


def last_days(books: Books, days: int = DEFAULT_DAYS) -> Span:
    """The last ``days`` days of the journal: they end with its latest entry."""
    latest = 0
    for head in books.heads():
        newest = next(iter(books.entries_back(head.account)), None)
        if newest is not None:
            latest = max(latest, newest.at)
    return Span(latest + 1 - days * DAY, latest + 1)

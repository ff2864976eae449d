"""The cashier: asks payment providers what the books say is to be asked, and writes down what they answer.

Owns the order of the steps: an attempt is in the journal before anybody is asked, an answer goes in afterwards, and
whatever dies in between is asked again with the same idempotency key. Decides nothing about money; core does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from faregate.app.answers import Answer, done, later
from faregate.app.hearing import Hearing
from faregate.app.office_errors import NotFound, PayerUnknown
from faregate.app.payments_port import (
    Acknowledgement,
    PaymentProvider,
    WebhookEvent,
)
from faregate.app.promotions import Promotions
from faregate.app.questions import ask
from faregate.app.receipts import Write
from faregate.app.till import Till
from faregate.core.errors import CoreError
from faregate.core.trade import outbox
from faregate.core.trade.book import Effect
from faregate.core.trade.draft import Draft
from faregate.core.trade.giving import receive_gift, return_gift
from faregate.core.trade.ordering import book_of

log = logging.getLogger("faregate.payments")

ROUND_SECONDS = 1.0
GIVING = ("give", "take")
"""What is asked of another account's books, not of a payment provider."""
COUPONS = ("coupon_used", "coupon_back")
AT_ONCE = 16
"""Accounts worked on at the same time."""


class Cashier:
    """``start`` inside the loop it is to live in, ``stop`` in the same one. ``payers`` by name."""

    def __init__(
        self,
        till: Till,
        payers: Mapping[str, PaymentProvider],
        promotions: Promotions,
        clock: Callable[[], int],
        round_seconds: float = ROUND_SECONDS,
    ) -> None:
        self.payers = payers
        self._till = till
        self._promotions = promotions
        self._clock = clock
        self._url = ""
        self._round_seconds = round_seconds
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._wanted: set[str] = set()
        self._loop: asyncio.Task[None] | None = None
        till.followers.append(self.want)
        self._hearing = Hearing(till, payers, self._now)
        till.asked, till.hear = self.settled, self.hear

    def start(self, public_url: str) -> None:
        """Begin with what is due; payment providers are told to come back to ``public_url``."""
        self._url = public_url.rstrip("/")
        self._loop = asyncio.get_running_loop().create_task(self._rounds())

    async def stop(self) -> None:
        """Ask nobody any more; what is being asked is asked again by the next start."""
        tasks = [task for task in (self._loop, *self._at_work.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._till.followers.remove(self.want)
        for payer in self.payers.values():
            await payer.close()

    def want(self, account: str) -> None:
        """The books of ``account`` changed: look at them soon."""
        if self._loop is None or self._loop.done():
            return
        if account in self._at_work:
            self._wanted.add(account)
            return
        task = asyncio.get_running_loop().create_task(self._work(account))
        self._at_work[account] = task
        task.add_done_callback(lambda _: self._done(account))

    def _now(self, account: str) -> int:
        return self._clock() + self._till.shift(account)

    async def settled(self, account: str) -> None:
        """Wait until nothing of the account is being asked: for callers who show what came of it."""
        while (task := self._at_work.get(account)) is not None:
            await asyncio.wait([task])

    async def ask_at_hand(self, account: str) -> None:
        """Do what is due of the account and needs nobody outside: gifts, coupons, payment by hand."""
        while True:
            now = self._clock()
            due = [each for each in outbox.due(self._till.state(account, now), now) if self._is_at_hand(each)]
            if not due:
                return
            await self._ask(account, due[0])

    def _is_at_hand(self, asked: Effect) -> bool:
        payer = self.payers.get(str(asked.facts["payer"]))
        return asked.kind in GIVING or asked.kind in COUPONS or (payer is not None and payer.capabilities.by_hand)

    def _done(self, account: str) -> None:
        self._at_work.pop(account, None)
        if account in self._wanted:
            self._wanted.discard(account)
            self.want(account)

    async def _rounds(self) -> None:
        while True:
            try:
                for account in await self._till.due(self._clock()):
                    if len(self._at_work) < AT_ONCE:
                        self.want(account)
            except Exception:
                # Whatever it is: without rounds nothing that is due would be asked for ever again.
                log.exception("the agenda cannot be read; trying again")
            await asyncio.sleep(self._round_seconds)

    async def _work(self, account: str) -> None:
        """Ask everything that is due of one account, one thing after the other."""
        try:
            while (effect := self._next(account)) is not None:
                await self._ask(account, effect)
            self._till.look_again(account, self._now(account))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("what %s asks of its payment providers cannot be done; trying again", account)

    def _next(self, account: str) -> Effect | None:
        now = self._now(account)
        return next(iter(outbox.due(self._till.state(account, now), now)), None)

    async def _ask(self, account: str, effect: Effect) -> None:
        now = self._now(account)

        def begin(draft: Draft) -> bool:
            mine = book_of(draft.state).effects.get(effect.id)
            if mine is None or mine.due_at > now:
                return False  # Somebody else asks, or the answer is there.
            draft.add(outbox.attempt(draft.state, mine, now))
            return True

        if not await self._till.act(account, now, begin):
            return
        state = self._till.state(account, now)
        asked = book_of(state).effects.get(effect.id)
        if asked is None:
            return
        if asked.kind in GIVING:
            answer = await self._give(account, asked, now)
        elif asked.kind in COUPONS:
            used, write = asked.kind == "coupon_used", Write(asked.id, now)
            await self._promotions.end_coupon(str(asked.facts["coupon"]), asked.about, used, write)
            answer = done("done")
        else:
            answer = await ask(self.payers.get(str(asked.facts["payer"])), state, asked, now, self._url)
        at = self._now(account)
        await self._till.act(account, at, lambda draft: answer.write(draft, asked.id, at))

    async def _give(self, account: str, asked: Effect, now: int) -> Answer:
        """Move a gift into the books of another account, or back; the same gift again changes nothing there."""
        facts, write = asked.facts, Write(asked.id, now)
        body = {name: facts[name] for name in ("to", "family", "into", "amount", "currency", "source")}

        def act(draft: Draft) -> dict[str, Any]:
            amount, currency = int(body["amount"]), str(body["currency"])
            if asked.kind == "give":
                receive_gift(draft, body["family"], body["into"], amount, currency, body["source"], now, asked.id)
            else:
                return_gift(draft, body["family"], body["into"], amount, currency, now, asked.id)
            return {"from": account}

        try:
            await self._till.once(asked.kind, str(facts["to"]), write, body, act)
        except (NotFound, CoreError) as problem:
            log.error("a gift of %s to %s cannot be carried out: %s", account, facts["to"], problem)
            return later(str(problem))
        return done("done")

    # ---- what is told without being asked

    async def webhook(self, payer: str, headers: Mapping[str, str], body: bytes) -> Acknowledgement:
        """A webhook: verified, and written down before it is acknowledged.

        Raises WebhookRefused when it is not to be believed, PayerUnknown when nobody of that name is configured.
        """
        found = self.payers.get(payer)
        if found is None:
            raise PayerUnknown(payer, [])
        came = await self.hear(found.read_webhook(headers, body, self._clock()))
        log.info("a webhook of %s came to: %s", payer, came)
        return found.acknowledgement

    async def hear(self, event: WebhookEvent) -> str:
        """Write down what a verified event comes to. Raises PaymentUnclear."""
        return await self._hearing.hear(event)

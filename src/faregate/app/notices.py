"""Notices: what accounts want to be told of, and carrying it there, each event once by each channel.

Owns the settings, the outbox and when something is tried again. An event is a row before anything is sent, so that a
restart sends what is left and nothing twice; who receives a webhook knows a second one by its event. What is worth
telling is ``noticing``'s, how it goes is its carriers'.
"""

from __future__ import annotations

import hmac
import json
import logging
from typing import Any

from faregate.app.ids import Randomness
from faregate.app.notices_port import Hooks, Letters, Notice, NoticeSettings, NotTold
from faregate.app.noticing import KINDS, Event
from faregate.app.store_port import Store
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, render_instant

log = logging.getLogger("faregate.notices")

EMAIL, WEBHOOK = "email", "webhook"
WAITS = (30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR)
"""Before the second try, the third and so on; after the last it is given up."""
CLAIMED = 2 * MINUTE
"""So long a try may take before another process takes it for lost."""
KEPT = 90 * DAY
AT_ONCE = 50
_SECRET = "notices.key"


class Notices:
    """Over one store. ``letters`` and ``hooks`` are None where this process carries nothing that way."""

    def __init__(self, store: Store, randomness: Randomness) -> None:
        self._store = store
        self._randomness = randomness
        self.letters: Letters | None = None
        self.hooks: Hooks | None = None
        self._key = b""

    # ---- what is wanted

    def settings(self, account: str) -> NoticeSettings:
        """What ``account`` wants; mail of every kind where it never said."""
        return self._store.notice_settings(account) or NoticeSettings(account)

    def change(self, account: str, given: dict[str, Any]) -> tuple[NoticeSettings, str | None]:
        """Change what ``given`` names of email, webhook, kinds; and the secret of a webhook that is new.

        Raises BadWebhook.
        """
        kept = self.settings(account)
        unwanted = set(kept.unwanted.split(",")) - {""}
        for kind, wanted in (given.get("kinds") or {}).items():
            (unwanted.discard if wanted else unwanted.add)(kind)
        email = int(given["email"]) if given.get("email") is not None else kept.email
        url = (given["webhook"] or "") if "webhook" in given else kept.webhook
        is_new = url not in ("", kept.webhook)
        if is_new and self.hooks is not None:
            self.hooks.check(url)
        made = NoticeSettings(account, email, url, kept.generation + is_new, ",".join(sorted(unwanted)))
        self._store.put_notice_settings(made)
        return made, self._secret(made) if is_new else None

    def view(self, account: str) -> dict[str, Any]:
        """The settings, and what was told last, as their owner sees them."""
        wanted = self.settings(account)
        unwanted = wanted.unwanted.split(",")
        return {
            "email": bool(wanted.email),
            "mail": self.letters is not None,
            "webhook": wanted.webhook or None,
            "kinds": {kind: kind not in unwanted for kind in KINDS},
            "last": [
                {"kind": each.kind, "at": render_instant(each.at), "channel": each.channel, "outcome": each.state}
                for each in self._store.notices_of(account, 20)
            ],
        }

    def _secret(self, wanted: NoticeSettings) -> str:
        """The webhook's secret: made, not stored."""
        if not self._key:
            kept = self._store.setting(_SECRET)
            if kept is None:
                kept = self._randomness(32).hex()
                self._store.put_setting(_SECRET, kept)
            self._key = bytes.fromhex(kept)
        return "whsec_" + hmac.new(self._key, f"{wanted.account}|{wanted.generation}".encode(), "sha256").hexdigest()

    # ---- the outbox

    def tell(self, account: str, event: Event, now: int) -> int:
        """Put ``event`` on its way by every channel that is on; how many rows are new."""
        wanted = self.settings(account)
        if event.kind in wanted.unwanted.split(","):
            return 0
        by = [EMAIL] * bool(wanted.email and self.letters is not None) + [WEBHOOK] * bool(wanted.webhook)
        facts = json.dumps(event.facts, ensure_ascii=False)
        rows = [Notice(account, event.name, channel, event.kind, facts, now, due_at=now) for channel in by]
        return sum(self._store.add_notice(row) for row in rows)

    async def carry(self, now: int) -> int:
        """Try what is due; how many were tried."""
        tried = 0
        for row in self._store.due_notices(now, AT_ONCE):
            if self._store.claim_notice(row, now + CLAIMED):
                tried += 1
                await self._try(row._replace(tries=row.tries + 1, due_at=now + CLAIMED), now)
        return tried

    async def _try(self, row: Notice, now: int) -> None:
        try:
            await self._send(row, now)
        except NotTold as problem:
            if problem.for_good or row.tries > len(WAITS):
                log.warning("an account could not be told of %s by %s: %s", row.kind, row.channel, problem)
                self._store.end_notice(row, "failed")
            else:
                self._store.delay_notice(row, now + WAITS[row.tries - 1])
            return
        self._store.end_notice(row, "sent")

    async def _send(self, row: Notice, now: int) -> None:
        wanted = self.settings(row.account)
        if row.channel == EMAIL:
            if self.letters is None:
                raise NotTold("this process sends no mail")
            facts = json.loads(row.facts)
            for user in self._store.users_of_account(row.account):
                if user.disabled_at is None:
                    await self.letters.notice(user, row.kind, facts, row.event)
            return
        if self.hooks is None or not wanted.webhook:
            raise NotTold("no webhook is wanted any more", for_good=not wanted.webhook)
        await self.hooks.call(wanted.webhook, self._secret(wanted), row.event, body_of(row), now)


def body_of(row: Notice) -> bytes:
    """What a webhook is sent."""
    told = {"id": row.event, "kind": row.kind, "account": row.account, "at": render_instant(row.at)}
    return json.dumps({**told, "facts": json.loads(row.facts)}, ensure_ascii=False).encode()


def trial(now: int) -> Event:
    """An event by which an owner tries the channels."""
    return Event(f"test:{now}", "test", {"at": render_instant(now)})

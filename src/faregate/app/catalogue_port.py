"""The catalogue: what an operator set up, as rows. Accounts, keys, published plans, schedules, tokens, settings.

Owns the rows and the Protocol to read and write them; it stands in the same store as the journal. Does not own what
money means: no row here holds an amount, those follow from the journal. Writes survive the death of the process when
the call returns and are durable after the next ``Store.flush``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Account(NamedTuple):
    """``name`` is the operator's word for it and need not be unique; ``created_at`` is microseconds UTC."""

    id: str
    name: str
    created_at: int


class ApiKey(NamedTuple):
    """``hash`` is the SHA-256 of the secret (32 bytes); ``prefix`` is the part of the secret that may be shown.

    ``rotated_from`` is the id of the key that this one replaces. ``kind`` is ``family/kind`` of the plans it draws
    on, '' when it draws on all of its account's.
    """

    id: str
    account: str
    name: str
    prefix: str
    hash: bytes
    created_at: int
    last_used_at: int | None = None
    revoked_at: int | None = None
    rotated_from: str | None = None
    kind: str = ""


class PlanVersion(NamedTuple):
    """A published version of a plan: immutable. ``version`` is 1, 2, 3 …; ``document`` is the whole family file.

    ``hash`` names the document: equal hashes are the same text, which is stored once.
    """

    plan: str
    version: int
    family: str
    document: str
    hash: str
    published_at: int


class AdminToken(NamedTuple):
    """``hash`` is the SHA-256 of the secret (32 bytes)."""

    id: str
    name: str
    prefix: str
    hash: bytes
    created_at: int
    revoked_at: int | None = None


class ScheduleChange(NamedTuple):
    """An operator's dated change of a schedule of a plan: from ``from_at`` its value is ``value``. Never rewritten.

    Of two changes for the same time the later written holds: rows come back in the order (from_at, writing).
    """

    plan: str
    name: str
    from_at: int
    value: str
    written_at: int


class Matter(NamedTuple):
    """Something open in an account's trade that a person may look at. ``since`` is microseconds UTC; ``detail`` JSON.

    A projection of the journal for operators' lists: it may lag behind for a moment.
    """

    account: str
    id: str
    kind: str
    since: int
    detail: str


class Deed(NamedTuple):
    """A row of the audit log: ``who`` did ``act``; never rewritten. ``id`` orders them by time, ``note`` says why."""

    id: str
    at: int
    who: str
    act: str
    subject: str
    about: str
    key: str
    outcome: str
    note: str = ""


class Receipt(NamedTuple):
    """The first answer to an operator's write, given again when the same ``key`` comes with the same body."""

    scope: str
    key: str
    body_hash: bytes
    response: bytes
    at: int


class Catalogue(Protocol):
    """Every ``add_…`` gives False, and changes nothing, when a row of that identity is there already."""

    def add_account(self, account: Account) -> bool: ...
    def account(self, account: str) -> Account | None: ...
    def accounts_named(self, name: str) -> list[Account]: ...
    def accounts(self, after: str = "", limit: int = 1000) -> list[Account]:
        """Accounts by id, those after the id ``after``: pages by key."""

    def accounts_found(self, text: str, after: str = "", limit: int = 1000) -> list[Account]:
        """Those of them whose id or name, or a user's e-mail address, has ``text`` in it, whatever its case."""

    def add_key(self, key: ApiKey) -> bool:
        """False as well when the hash is taken by another key."""

    def rotate_key(self, old: str, new: ApiKey, at: int) -> bool:
        """Revoke ``old``, add ``new``, in one step. False when ``old`` is unknown or revoked, or ``new`` is taken."""

    def revoke_key(self, key: str, at: int) -> bool:
        """False when there is no such key or it was revoked before (its first revocation stands)."""

    def key(self, key: str) -> ApiKey | None: ...
    def keys_of(self, account: str) -> list[ApiKey]: ...
    def keys_changed(self, after: int, limit: int = 1000) -> tuple[int, list[ApiKey]]:
        """Keys added or revoked after revision ``after``, and the revision to ask after next time. 0: from the start.

        A keyring follows the table with this, page by page, until it gets no keys.
        """

    def touch_keys(self, used: Mapping[str, int]) -> None:
        """Note last uses: key id to microseconds UTC. A use earlier than the one noted changes nothing."""

    def publish_plans(self, versions: list[PlanVersion]) -> bool:
        """Publish all or none. False when one of the versions is there already."""

    def plan_version(self, plan: str, version: int) -> PlanVersion | None: ...
    def plan_versions(self, plan: str) -> list[PlanVersion]:
        """All versions of ``plan``, oldest first."""

    def newest_plans(self) -> list[PlanVersion]:
        """The newest version of every plan, by plan id."""

    def add_schedule_change(self, change: ScheduleChange) -> None: ...
    def schedule_changes(self, plan: str | None = None) -> list[ScheduleChange]:
        """Of one plan or of all, in the order (plan, name, from_at, writing)."""

    def add_admin_token(self, token: AdminToken) -> bool: ...
    def admin_tokens(self) -> list[AdminToken]:
        """All of them, the revoked too, oldest first."""

    def revoke_admin_token(self, token: str, at: int) -> bool: ...

    def add_flagged(self, account: str, at: int) -> bool:
        """List ``account`` among those that a flag was ever raised on."""

    def flagged_accounts(self, after: str = "", limit: int = 1000) -> list[str]:
        """Ids of those accounts in order, those after the id ``after``: pages by key."""

    def receipt(self, scope: str, key: str) -> Receipt | None: ...
    def add_receipt(self, receipt: Receipt) -> bool:
        """For writes that leave no journal entry; others hand their receipt to ``Append``."""

    def drop_receipts(self, before: int) -> int:
        """Forget receipts written before ``before``; gives how many."""

    def agenda(self, until: int, limit: int = 100) -> list[tuple[str, int]]:
        """Accounts whose payments ask for something at ``until``, each with when, the longest due first."""

    def put_agenda(self, account: str, due_at: int | None, seq: int, orphaned: int) -> None:
        """``account`` is to be looked at again at ``due_at`` (None: not at all), as of its entries up to ``seq``. A
        hint that may be too early, never too late: it is moved forward before what makes it due is written, and back
        only afterwards. One of later entries stays, unless it was due at ``orphaned`` or before: those never came.
        """

    def put_matters(self, account: str, matters: list[Matter]) -> None:
        """What is open of the account's trade, in place of what was written before."""

    def matters(self, kind: str | None = None, after: Matter | None = None, limit: int = 100) -> list[Matter]:
        """What is open, by kind and age; those after ``after``: pages by key."""

    def add_deed(self, deed: Deed) -> bool: ...
    def deeds(
        self,
        before: str | None = None,
        limit: int = 100,
        who: str | None = None,
        act: str | None = None,
        subject: str | None = None,
    ) -> list[Deed]:
        """The audit log, newest first, rows before the one with id ``before``: pages by key."""

    def setting(self, name: str) -> str | None: ...
    def put_setting(self, name: str, value: str) -> None: ...

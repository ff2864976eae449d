"""The test clock: time that an operator moves forward, for everybody or for one account.

Owns the offsets, kept in the database they are for, and the rules that keep it out of real books: a database made for
it, the loopback interface, no live payment provider. Months pass in seconds, by the same code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from ipaddress import ip_address

from faregate.app.catalogue_port import Catalogue
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Store
from faregate.bootstrap.clock import now as system_now
from faregate.payments.manual.settings import ManualSettings
from faregate.payments.settings import PaymentsSettings
from faregate.wire.origin import split_url

SETTING = "test_clock"


class NotForTests(StoreError):
    """A database, address or payment provider that a test clock must not meet."""

    code = "not_for_tests"


class TestClock:
    """Microseconds UTC, moved forward by what the database keeps. ``shifts`` are what single accounts are ahead."""

    __test__ = False

    def __init__(self, real: Callable[[], int] = system_now) -> None:
        self._real = real
        self._store: Catalogue | None = None
        self._offset = 0
        self.shifts: dict[str, int] = {}

    def __call__(self) -> int:
        return self._real() + self._offset

    def keep_in(self, store: Store, database: str) -> None:
        """Go by what ``store`` keeps. Raises NotForTests for a database that was not made for it."""
        kept = store.setting(SETTING)
        if kept is None:
            if next(iter(store.accounts(limit=1)), None) is not None:
                raise NotForTests(database, "has accounts with real time: a test clock takes a database of its own")
            store.put_setting(SETTING, json.dumps({"offset": 0, "shifts": {}}))
        else:
            read = json.loads(kept)
            self._offset, self.shifts = int(read["offset"]), {name: int(at) for name, at in read["shifts"].items()}
        self._store = store

    def forward(self, microseconds: int, account: str | None = None) -> None:
        """Move on, for one account or for all."""
        if account is None:
            self._offset += microseconds
        else:
            self.shifts[account] = self.shifts.get(account, 0) + microseconds
        assert self._store is not None, "opened first"
        self._store.put_setting(SETTING, json.dumps({"offset": self._offset, "shifts": self.shifts}))

    def of(self, account: str | None) -> int:
        """What time it is for ``account``, or for all."""
        return self() + (self.shifts.get(account, 0) if account is not None else 0)


def refuse_real_time(store: Store, database: str) -> None:
    """Raise NotForTests for a database of a test clock that is to be served without one."""
    if store.setting(SETTING) is not None:
        raise NotForTests(database, "was made with --test-clock: serve it with that, or take another database")


def check_surroundings(host: str, payments: Iterable[PaymentsSettings]) -> None:
    """Raise NotForTests where others could reach the server, or money could move."""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NotForTests(host, "is no loopback address: a test clock listens on 127.0.0.1 alone")
    for each in payments:
        if not isinstance(each, ManualSettings) and not _is_here(each.door.base_url):
            raise NotForTests(
                each.door.name, "is a live payment provider: leave it out, or give a base_url of a fake"
            )


def _is_here(url: str) -> bool:
    host = split_url(url)[0].host
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

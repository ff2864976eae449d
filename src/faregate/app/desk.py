"""What an operator sees beside rows, and of the server itself: names of accounts and people, and what runs.

Owns these additions to lists, and the view of the system. Writes nothing.
"""

from __future__ import annotations

import platform
from typing import Any

from faregate import __version__
from faregate.app.control import Control
from faregate.app.store_port import Store
from faregate.core.instants import render_instant

_USER = "user:"


def with_names(store: Store, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row with the ``name`` of its ``account``."""
    names = {account: store.account(account) for account in {row["account"] for row in rows}}
    return [{**row, "name": found.name if (found := names[row["account"]]) is not None else None} for row in rows]


def with_people(store: Store, deeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each deed with the ``email`` of the user who did it, and the ``name`` of the account it was done to."""
    users = {who: store.user(who.removeprefix(_USER)) for who in _of(deeds, "who") if who.startswith(_USER)}
    accounts = {id: store.account(id) for id in _of(deeds, "subject") if id.startswith("acc_")}
    return [
        {
            **deed,
            "email": user.email if (user := users.get(deed["who"])) is not None else None,
            "name": account.name if (account := accounts.get(deed["subject"])) is not None else None,
        }
        for deed in deeds
    ]


def _of(rows: list[dict[str, Any]], field: str) -> set[str]:
    return {row[field] for row in rows}


def system_view(control: Control, now: int, microseconds: int) -> dict[str, Any]:
    """What runs here and how it is set up; ``microseconds``: how long the store took to answer just now."""
    store, front = control.store, control.front
    return {
        "version": __version__,
        "python": platform.python_version(),
        "now": render_instant(now),
        "began_at": render_instant(control.began_at),
        "store": {"engine": "sqlite" if store.workers is None else "postgresql", "microseconds": microseconds},
        "workers": control.workers(),
        "plans": len(control.plans()),
        "payers": sorted(control.payers),
        "mail": control.mail is not None,
        "public_url": front.public_url,
        "sign_up": front.sign_up,
        "test_clock": control.test_clock is not None,
    }

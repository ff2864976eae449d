"""Grace of a serving process: its spool in the folder that was configured, and what others left there.

Owns opening it, and saying so at the start where plans give grace that cannot be had.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from pathlib import Path

from faregate.app.grace_left import book_left
from faregate.app.grace_spool import Spool
from faregate.bootstrap.house import House

log = logging.getLogger("faregate")


async def give_grace(house: House, folder: Path | None, now: int) -> None:
    """Let requests go on while the database is away, as far as plans say; first book what ended workers left.

    Nothing goes on without a folder, nor on SQLite: where that cannot be written, a file beside it hardly can.
    Raises StoreError.
    """
    ledger = house.ledger
    if house.store.quick_append or folder is None:
        plans = sorted({plan.id for plan in ledger.shelf.catalogue if plan.terms.grace is not None})
        if plans:
            why = "the books are in SQLite" if house.store.quick_append else "there is no `grace_folder`"
            log.warning("requests do not go on while the books are away, though %s say so: %s", ", ".join(plans), why)
        return
    ledger.give_grace(Spool(folder, f"worker-{os.getpid()}-{secrets.token_hex(4)}"))
    grace = ledger.grace
    if grace is not None:
        await asyncio.to_thread(book_left, grace.booking, folder, now)

"""What workers that ended left in their spools: booked by whoever starts next on their machine.

Owns going through the folder. How entries are booked is ``grace_booking``'s.
"""

from __future__ import annotations

import logging
from pathlib import Path

from faregate.app.grace_booking import Booking
from faregate.app.grace_spool import LeftSpool, Piece, left_spools
from faregate.app.store_errors import StoreError
from faregate.core.errors import CoreError

log = logging.getLogger("faregate")


def book_left(booking: Booking, folder: Path, now: int) -> None:
    """Book what no living worker will book; what was left open is closed by its plan's rule. For a worker thread.

    What cannot be booked stays where it is.
    """
    for left in left_spools(folder):
        try:
            _book(booking, left, now)
            left.booked()
        except (StoreError, CoreError, OSError) as problem:
            log.error("%s is not booked: %s", left.path, problem)


def _book(booking: Booking, left: LeftSpool, now: int) -> None:
    accounts: dict[str, list[Piece]] = {}
    for piece in left.pieces:
        accounts.setdefault(piece.account, []).append(piece)
    for account, pieces in accounts.items():
        base = min(piece.base for piece in pieces)
        entries = [entry for piece in pieces for entry in piece.entries]
        receipts = {key: receipt for piece in pieces for key, receipt in piece.receipts.items()}
        booking.book(account, base, entries, receipts, lost_at=now)
        log.warning("%s: %s entries that a worker left in %s are booked", account, len(entries), left.path)

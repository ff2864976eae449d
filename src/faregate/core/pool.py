"""Pools at work: lots, what is held, what is owed, restores.

Owns the balance of one pool of one subscription and the order in which its lots burn. Does not decide who pays.
"""

from __future__ import annotations

from dataclasses import dataclass

from faregate.core.instants import calendar_period
from faregate.core.terms import PoolTerms


@dataclass(slots=True)
class Lot:
    """One grant inside a pool. Lots burn by lower ``priority``, then earlier expiry, then earlier grant.

    ``cause`` is ``purchase``, ``refill``, ``restore`` or ``grant``; ``size`` is what was put in.
    """

    ledger: str
    cause: str
    granted_at: int
    expires_at: int | None
    priority: int
    size: int
    balance: int

    def order(self) -> tuple[int, int, int, str]:
        return (
            self.priority,
            self.expires_at if self.expires_at is not None else 2**63 - 1,
            self.granted_at,
            self.ledger,
        )


class Pool:
    """State of one pool.

    ``available`` is what lots hold now (held amounts have left them); ``held`` is reserved by open holds; ``owed``
    is carried debt, repaid first by the next refill or top-up. Restores are counted a calendar period.
    """

    __slots__ = (
        "automatic",
        "available",
        "granted",
        "held",
        "key",
        "lots",
        "next_refill",
        "owed",
        "restored_in",
        "restores",
        "terms",
    )

    def __init__(self, key: str, terms: PoolTerms) -> None:
        self.key = key
        self.terms = terms
        self.lots: list[Lot] = []
        self.available = 0
        self.held = 0
        self.owed = 0
        self.granted = 0
        self.restored_in = -1
        self.restores = 0
        self.automatic = terms.refill.automatic if terms.refill is not None else False
        self.next_refill: int | None = None

    def lot_ledger(self, number: int) -> str:
        return f"lot:{self.key}:{number}"

    def add(self, lot: Lot) -> None:
        lots = self.lots
        lots.append(lot)
        if len(lots) > 1:
            lots.sort(key=Lot.order)

    def find(self, ledger: str) -> Lot | None:
        for lot in self.lots:
            if lot.ledger == ledger:
                return lot
        return None

    def restores_left(self, now: int) -> int:
        """How many restores the calendar period around ``now`` still has."""
        refill = self.terms.refill
        if refill is None or refill.kind != "restore":
            return 0
        start, _ = calendar_period(now, refill.every, refill.zone)
        return refill.times - (self.restores if self.restored_in == start else 0)

    def burn(self, amount: int, already: dict[str, int] | None = None) -> list[tuple[str, int]]:
        """Which lots pay ``amount``, in burn order; ``already`` is what the same decision took from them before."""
        taken: list[tuple[str, int]] = []
        for lot in self.lots:
            left = lot.balance - (already.get(lot.ledger, 0) if already else 0)
            if left <= 0:
                continue
            part = left if left < amount else amount
            taken.append((lot.ledger, part))
            amount -= part
            if amount == 0:
                break
        return taken

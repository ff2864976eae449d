"""Failures of operators' commands, typed, each with a stable code. They know no HTTP."""

from __future__ import annotations


class OfficeError(Exception):
    """Base of the office's failures."""

    code = "office_error"


class NotFound(OfficeError):
    code = "not_found"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} {name!r}")
        self.kind, self.name = kind, name


class UnknownPrice(OfficeError):
    """The plan has no such price."""

    code = "unknown_price"

    def __init__(self, plan: str, price: str, known: list[str]) -> None:
        super().__init__(f"{plan} has no price {price!r}; it has: {', '.join(known) if known else 'none'}")
        self.plan, self.price, self.known = plan, price, known


class IdempotencyClash(OfficeError):
    """The idempotency key was used before for something else."""

    code = "idempotency_clash"

    def __init__(self, key: str) -> None:
        super().__init__(f"the idempotency key {key!r} was used before with other content: use a new one")
        self.key = key


class SecretShownBefore(OfficeError):
    """The key was made by an earlier try of this very write; its secret was shown then and is kept nowhere."""

    code = "secret_shown_before"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"key {key} was made by an earlier try and its secret is kept nowhere: rotate it to get a new one"
        )
        self.key = key


class PayerUnknown(OfficeError):
    """No payment provider of that name is configured."""

    code = "payer_unknown"

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"no payment provider is called {name!r} here; there are: {', '.join(known) or 'none'}")
        self.name, self.known = name, known

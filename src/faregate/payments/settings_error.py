"""The error of a payment provider that cannot be used as configured."""

from __future__ import annotations


class PaymentsSettingsError(ValueError):
    """``where`` names the payment provider, ``field`` the setting. The message never shows a secret."""

    code = "bad_payments"

    def __init__(self, where: str, field: str, problem: str) -> None:
        super().__init__(f"payments {where}: {field}: {problem}" if field else f"payments {where}: {problem}")
        self.where, self.field, self.problem = where, field, problem

"""The error of an upstream that cannot be used as configured."""

from __future__ import annotations


class UpstreamSettingsError(ValueError):
    """An upstream that cannot be used as configured. ``where`` names the upstream, ``field`` the setting."""

    code = "bad_upstream"

    def __init__(self, where: str, field: str, problem: str) -> None:
        super().__init__(f"upstream {where}: {field}: {problem}" if field else f"upstream {where}: {problem}")
        self.where, self.field, self.problem = where, field, problem

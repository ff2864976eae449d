"""The body of a flag's review.

Owns its shape and description; it makes a part of the OpenAPI document.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from faregate.api.bodies import Body, Instant


class FlagVerdict(Body):
    verdict: Literal["confirm", "dismiss", "lift"]
    by: str = Field(min_length=1, max_length=200, description="Who reviewed it.")
    reason: str = Field(min_length=1, description="Why; kept in the journal.")
    action: Literal["none", "warn", "slow", "restrict"] | None = Field(
        None, description="What a confirmed flag does from now on; as before when left out."
    )
    segment: str | None = Field(None, description="With confirm: the segment that the account is put into.")
    until: Instant | None = Field(None, description="When the segment ends; never when left out.")

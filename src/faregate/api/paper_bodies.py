"""Bodies of the writes about who stands on invoices."""

from __future__ import annotations

from pydantic import Field

from faregate.api.bodies import Body, Noted


class NewBuyer(Body):
    name: str = Field(min_length=1, max_length=200, description="Who buys.")
    address: list[str] = Field(default=[], max_length=8, description="Lines of an address.")
    tax_number: str = Field("", max_length=100)


class NewSeller(Noted):
    name: str = Field(min_length=1, max_length=200, description="Who sells.")
    address: list[str] = Field(default=[], max_length=8, description="Lines of an address.")
    tax_number: str = Field("", max_length=100)
    tax: str = Field("", max_length=100, description="What the tax in prices is called.")
    rate: str | None = Field(None, description="Its rate, an exact number from 0 to 1.")

"""Mixes: what a typical request is made of, and what its tokens cost at a model's list prices.

Owns this sum. Does not know facts or plans. The size of the request decides the tier of the price.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import NANO
from faregate.core.ratecard import RateCard
from faregate.core.usage import Usage
from faregate.planfile.document_offer import MixDocument
from faregate.planfile.spans import Span, exactly


def mix_request(mix: MixDocument) -> Span:
    """Tokens of one request."""
    return exactly(mix.request.amount, "token/request")


def mix_uncached(mix: MixDocument) -> Span:
    """The share of its tokens that are no cache hits."""
    low, high = 1 - mix.cached[-1], 1 - mix.cached[0]
    return Span(low, high, (low + high) / 2, None)


def mix_price(mix: MixDocument, card: RateCard, at: int) -> Span:
    """What one token costs, in the card's currency: a band where the share of cache hits is one."""
    shares = (mix.cached[-1], mix.cached[0])
    low, high = (_price(mix, share, card, at) for share in shares)
    middle = _price(mix, sum(shares, Fraction(0)) / 2, card, at)
    return Span(min(low, high), max(low, high), middle, f"{card.currency}/token")


def _price(mix: MixDocument, cached: Fraction, card: RateCard, at: int) -> Fraction:
    tokens = mix.request.amount
    output, hits = round(tokens * mix.output), round(tokens * cached)
    usage = Usage(input=int(tokens) - output - hits, cached=hits, output=output, requests=0)
    numerator, denominator = card.version_at(at).list_value(usage)
    return Fraction(numerator, denominator * NANO) / tokens

"""Amounts of money in the units that payment providers count in.

Owns the ISO 4217 exponents and the exact conversions. Nothing is rounded: an amount finer than its currency's
smallest coin is refused.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from faregate.app.payments_port import Money
from faregate.core.amounts import LARGEST, NANO

_PLACES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: (
        "AED ARS AUD BGN BRL CAD CHF CNY COP CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR KES KZT MAD MXN MYR NGN NOK "
        "NZD PEN PHP PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD UYU UZS ZAR"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
}
PLACES = {currency: places for places, codes in _PLACES.items() for currency in codes.split()}
"""Currency -> how many decimal places its smallest coin has."""
_COINS = {0: 1, 2: 100, 3: 1000}


class InexactMoney(ValueError):
    """Not a whole number of the currency's smallest coin, not a positive amount, or no currency that is known."""


def to_minor(money: Money) -> int:
    """``money`` in the smallest coins of its currency. Raises InexactMoney."""
    count, rest = divmod(money.amount, NANO // _coins(money.currency))
    if rest:
        raise InexactMoney(f"finer than the smallest coin of {money.currency}")
    return count


def from_minor(count: int, currency: str) -> Money:
    """``count`` smallest coins of ``currency``. Raises InexactMoney for a currency that is not known."""
    return Money(_fitting(count * (NANO // _coins(currency))), currency)


def to_decimal(money: Money) -> str:
    """``money`` as a decimal with exactly its currency's places: ``12.50``, ``1200`` JPY. Raises InexactMoney."""
    count, places = to_minor(money), PLACES[money.currency]
    if not places:
        return str(count)
    whole, rest = divmod(count, _COINS[places])
    return f"{whole}.{rest:0{places}d}"


def from_decimal(text: str | Decimal, currency: str) -> Money:
    """A decimal such as ``12.5`` of ``currency``. Raises InexactMoney when it is none, or finer than its coins."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise InexactMoney(f"{text!r} is no amount") from None
    if not value.is_finite() or value.adjusted() > 18:
        raise InexactMoney(f"{text!r} is no amount")
    scaled = value * _coins(currency)
    if scaled != scaled.to_integral_value():
        raise InexactMoney(f"{text!r} is finer than the smallest coin of {currency}")
    return from_minor(int(scaled), currency)


def _coins(currency: str) -> int:
    places = PLACES.get(currency)
    if places is None:
        raise InexactMoney(f"{currency!r} is no currency that is known")
    return _COINS[places]


def _fitting(amount: int) -> int:
    if not -LARGEST <= amount <= LARGEST:
        raise InexactMoney("too large")
    return amount

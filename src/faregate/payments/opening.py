"""From settings to payment providers that can be asked."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from faregate.app.payments_port import PaymentProvider
from faregate.payments.alipay.settings import AlipaySettings
from faregate.payments.creem.settings import CreemSettings
from faregate.payments.door import Door
from faregate.payments.manual.settings import ManualSettings
from faregate.payments.nowpayments.settings import NowPaymentsSettings
from faregate.payments.settings import PaymentsSettings, name_of
from faregate.payments.stripe.settings import StripeSettings
from faregate.payments.transport import Transport


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What payment providers take from the machine: ``clock`` gives microseconds UTC, ``randomness(n)`` n bytes that
    nobody can guess, ``environ`` the proxies; ``tls`` defaults to the system's certificates."""

    clock: Callable[[], int]
    randomness: Callable[[int], bytes]
    environ: Mapping[str, str]
    tls: ssl.SSLContext | None = None
    sweep_seconds: float = 0.25


def open_all(settings: Iterable[PaymentsSettings], around: Surroundings) -> dict[str, PaymentProvider]:
    """Payment providers by name."""
    return {name_of(each): open_payments(each, around) for each in settings}


def open_payments(settings: PaymentsSettings, around: Surroundings) -> PaymentProvider:
    """One payment provider. Needs a running loop; ``close`` it at the end.

    Each kind is imported when it is used: Stripe's library alone takes as long to load as the rest of the server.
    """
    if isinstance(settings, ManualSettings):
        from faregate.payments.manual.adapter import ManualPayments

        return ManualPayments(settings)
    transport = _transport(settings.door, around)
    if isinstance(settings, StripeSettings):
        from faregate.payments.stripe.adapter import StripePayments

        return StripePayments(settings, transport)
    if isinstance(settings, CreemSettings):
        from faregate.payments.creem.adapter import CreemPayments

        return CreemPayments(settings, transport)
    if isinstance(settings, NowPaymentsSettings):
        from faregate.payments.nowpayments.adapter import NowPayments

        return NowPayments(settings, transport)
    if isinstance(settings, AlipaySettings):
        from faregate.payments.alipay.adapter import AlipayPayments

        return AlipayPayments(settings, transport, around.clock)
    from faregate.payments.wechat_pay.adapter import WechatPayments

    return WechatPayments(settings, transport, around.clock, around.randomness)


def _transport(door: Door, around: Surroundings) -> Transport:
    return Transport(door.base_url, door.limits, around.environ, around.tls, around.sweep_seconds)

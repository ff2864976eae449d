"""Payment providers by the names that the configuration gives them, as the rules of the books need to know them.

Owns finding them. What they can do is their own word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from faregate.app.office_errors import PayerUnknown
from faregate.app.payments_port import ConfirmedByHand, PaymentProvider
from faregate.core.trade.ordering import Payer


def payer_named(payers: Mapping[str, PaymentProvider], name: str, return_url: str) -> Payer:
    """What core knows of the payer ``name``. Raises PayerUnknown."""
    found = payers.get(name)
    if found is None:
        raise PayerUnknown(name, sorted(payers))
    can = found.capabilities
    return Payer(
        name,
        charges=can.off_session,
        renews_itself=can.renews_itself,
        return_url=return_url,
        by_hand=can.by_hand,
        signs_first=can.mandate_first,
    )


def hand_named(payers: Mapping[str, PaymentProvider], name: str) -> ConfirmedByHand:
    """The payer ``name``, for which an operator may speak. Raises PayerUnknown for one that speaks for itself."""
    found = payers.get(name)
    if found is None or not found.capabilities.by_hand:
        raise PayerUnknown(name, [name for name, each in payers.items() if each.capabilities.by_hand])
    return cast(ConfirmedByHand, found)

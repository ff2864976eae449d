"""Buying: from a quote to an order, and to what it delivers where nothing is left to be paid outside.

Owns the steps in order. The quote is made on the same state in the same act, so that what was previewed is what
happens.
"""

from __future__ import annotations

from faregate.core.errors import BadCommand
from faregate.core.trade import agreeing
from faregate.core.trade.draft import Draft
from faregate.core.trade.fulfilment import deliver
from faregate.core.trade.ordering import Payer, book_of, close, order_id, place, superseded
from faregate.core.trade.quote import Quote


def place_order(draft: Draft, quote: Quote, payer: Payer | None, now: int, key: str) -> str:
    """Add the order to ``draft``, and what it delivers when its purses (or nobody) pay all of it. Gives its id.

    An older order that waits for the same place is closed: of two open tabs one can be paid. Raises BadCommand.
    """
    if quote.kind == "scheduled":
        raise BadCommand("not_an_order", plan=quote.plan)
    for order in superseded(draft.state, quote):
        draft.add(close(draft.state, order, "superseded", now, f"{key}+{order.id}"))
    draft.add(place(draft.state, quote, payer, now, key))
    id = order_id(draft.state.account, key)
    if quote.outside == 0:
        deliver(draft, book_of(draft.state).orders[id], now, f"{key}+deliver")
    return id


def change_later(draft: Draft, quote: Quote, now: int, key: str) -> None:
    """Add to ``draft`` that the subscription is renewed as what was quoted."""
    assert quote.subscription is not None
    subscription = draft.state.subscriptions[quote.subscription]
    draft.add(agreeing.schedule(draft.state, subscription, quote, now, key))

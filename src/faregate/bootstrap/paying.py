"""Paying: payment providers, the cashier who asks them, and the house's control plane that takes orders.

Owns opening them together and stopping them. Decides nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from faregate.app.cashier import Cashier
from faregate.app.control import Control
from faregate.payments.opening import Surroundings, open_all
from faregate.payments.settings import PaymentsSettings


def open_cashier(control: Control, settings: Iterable[PaymentsSettings], clock: Callable[[], int]) -> Cashier:
    """A cashier over ``control``, to be started: orders can be placed from now on. Needs a running loop."""
    around = Surroundings(clock, os.urandom, dict(os.environ))
    control.payers.update(open_all(settings, around))
    cashier = Cashier(control.till, control.payers, control.promotions, clock)
    control.webhook = cashier.webhook
    return cashier

"""Every operation of the console's API: signing in, one's own account, prices.

Owns the list. Each group stands in a module of its own.
"""

from __future__ import annotations

from faregate.api.comparison_operations import COMPARISON_OPERATIONS
from faregate.api.console_operation import ConsoleOperation
from faregate.api.live_operations import LIVE_OPERATIONS
from faregate.api.my_operations import MY_OPERATIONS
from faregate.api.pricing_operations import PRICING_OPERATIONS
from faregate.api.session_operations import SESSION_OPERATIONS
from faregate.api.setup_operations import SETUP_OPERATIONS

CONSOLE_OPERATIONS: tuple[ConsoleOperation, ...] = (
    *SESSION_OPERATIONS,
    *MY_OPERATIONS,
    *LIVE_OPERATIONS,
    *PRICING_OPERATIONS,
    *COMPARISON_OPERATIONS,
    *SETUP_OPERATIONS,
)

"""The operation about the server itself.

Owns its row, and taking the time that the store needs for a small question.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any

from faregate.api.operation import Call, Operation
from faregate.app.desk import system_view


async def _system(call: Call) -> Any:
    began = perf_counter_ns()
    call.control.store.accounts("", 1)
    took = (perf_counter_ns() - began) // 1000
    return system_view(call.control, call.write.now, took)


SYSTEM_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/system", "get_system", "What runs here and how it is set up", _system),
)

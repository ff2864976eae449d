"""Writing down who did what through an API: one row of the audit log for every write.

Owns what of a call is told: names and an operator's note, never the rest of bodies, so that no secret gets there.
Reads and previews leave no row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from faregate.api.roles import READS
from faregate.app.audit import outcome_of
from faregate.app.control import Control
from faregate.app.receipts import Write

OWN = "my_"
"""How operations of customers on their own account begin."""


class _Call(Protocol):
    @property
    def body(self) -> Any: ...
    @property
    def path(self) -> Mapping[str, str]: ...
    @property
    def write(self) -> Write: ...


class _Operation(Protocol):
    @property
    def method(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def handler(self) -> Callable[[Any], Awaitable[Any]]: ...


async def noted(control: Control, who: str, operation: _Operation, call: _Call, subject: str = "") -> Any:
    """What the operation answers; that ``who`` carried it out, or tried, is written down."""
    if operation.method == "GET" or operation.name in READS or operation.name.removeprefix(OWN).startswith("preview"):
        return await operation.handler(call)
    answer, problem = None, None
    try:
        answer = await operation.handler(call)
        return answer
    except Exception as failure:
        problem = failure
        raise
    finally:
        names = dict(call.path)
        account = names.pop("account", None)
        subject = subject or _account(control, account, answer)
        write = call.write
        about = "/".join(names.values())
        outcome = outcome_of(problem)
        control.audit.note(who, operation.name, subject, write.key, outcome, write.now, about, _why(call.body))


def _why(body: Any) -> str:
    """Why an operator did it, where they said so; what customers send of themselves has no such field."""
    return str(getattr(body, "note", "") or getattr(body, "reason", "") or "")


def _account(control: Control, named: str | None, answer: Any) -> str:
    """Id of the account that a write was about; what it was called where there is none, nothing for none."""
    if named is not None:
        found = control.store.account(named) or next(iter(control.store.accounts_named(named)), None)
        return found.id if found is not None else named
    told = answer if isinstance(answer, dict) else {}
    subject = told.get("account") or (told.get("id") if str(told.get("id", "")).startswith("acc_") else None)
    return str(subject or "")

"""What every command that works on a database shares: its options, and the house it runs in.

Owns `--db`, `--json`, `--idempotency-key` and `--note`, and the opening and closing of a house around a command. A
command may run beside a serving process: each entry goes into the journal only if it is the next one of its account.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import click

from faregate.cli.command import Option
from faregate.cli.failures import CommandFailure
from faregate.cli.language import say

if TYPE_CHECKING:
    from faregate.app.control import Control
    from faregate.app.receipts import Write

T = TypeVar("T")

_writes: ContextVar[list[Write]] = ContextVar("writes")
"""What the running command wrote, for the audit log."""

DEFAULT_DATABASE = "sqlite:///faregate.db"
VARIABLE = "FAREGATE_DB"
KEY_LENGTH = 200
NOTE_LENGTH = 500
_NOTE = "faregate.note"


class InstantType(click.ParamType[int]):
    """An RFC 3339 instant with a zone, as microseconds UTC."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from faregate.core.instants import parse_instant

        if isinstance(value, int):
            return value
        try:
            return parse_instant(value)
        except (ValueError, OverflowError):
            self.fail(say("error.instant", text=value), param, ctx)


INSTANT = InstantType()


def with_database_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--db``."""
    return click.option(
        "--db",
        "database",
        envvar=VARIABLE,
        default=DEFAULT_DATABASE,
        metavar="URL",
        help="option.db",
        cls=Option,
    )(command)


def with_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--db`` and ``--json``."""
    as_json = click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
    return as_json(with_database_option(command))


def with_write(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--db``, ``--json``, ``--idempotency-key`` and ``--note``, which goes into the audit log."""
    note = click.option(
        "--note",
        default="",
        metavar="TEXT",
        expose_value=False,
        callback=_checked_note,
        help="option.note",
        cls=Option,
    )
    return with_own_note(note(command))


def with_own_note(command: Callable[..., Any]) -> Callable[..., Any]:
    """As ``with_write``, for a command whose ``--note`` is part of what it writes."""
    key = click.option(
        "--idempotency-key",
        "idempotency_key",
        metavar="KEY",
        callback=_checked_key,
        help="option.idempotency_key",
        cls=Option,
    )
    return with_database(key(command))


def _checked_note(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if len(value) > NOTE_LENGTH:
        raise click.BadParameter(say("error.note", most=NOTE_LENGTH), ctx, parameter)
    ctx.meta[_NOTE] = value
    return value


def _checked_key(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not 1 <= len(value) <= KEY_LENGTH:
        raise click.BadParameter(say("error.idempotency_key", most=KEY_LENGTH), ctx, parameter)
    return value


def require_database(database: str) -> None:
    """Raise CommandFailure where there is no database yet: reading must not make one."""
    from faregate.bootstrap.database import database_path, is_postgresql

    if is_postgresql(database):
        return  # whoever asks for one that is not there is told so by the server
    path = database_path(database)
    if not path.exists():
        raise CommandFailure("no_database", "error.no_database", file=path)


def shown_database(database: str) -> str:
    """The URL without a password."""
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(database)
    if parts.password is None:
        return database
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}@{parts.netloc.rpartition('@')[2]}"))


def in_house(database: str, work: Callable[[Control], Awaitable[T]], *, may_make: bool = False) -> T:
    """What ``work`` gives, done in a house on ``database``; ``may_make``: a database is made where there is none."""
    import asyncio

    from faregate.bootstrap.house import open_house

    if not may_make:
        require_database(database)

    command = click.get_current_context(silent=True)

    async def run() -> T:
        house = open_house(database)
        await house.start()
        writes = _writes.set([])
        answer, problem = None, None
        try:
            answer = await work(house.control)
            return answer
        except Exception as failure:
            problem = failure
            raise
        finally:
            for write in _writes.get():
                _note(house.control, command, write, answer, problem)
            _writes.reset(writes)
            await house.close()

    return asyncio.run(run())


def write_of(control: Control, key: str | None) -> Write:
    """A write at this moment under the operator's idempotency ``key``, or under one of its own."""
    from faregate.app.receipts import Write

    write = Write(key if key is not None else "own:" + control.randomness(12).hex(), control.now())
    _writes.get([]).append(write)
    return write


def user() -> str:
    """Who runs the command, by the system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _note(
    control: Control, command: click.Context | None, write: Write, answer: object, problem: Exception | None
) -> None:
    """Write into the audit log that the command was carried out, or tried: names only, no secret."""
    from faregate.app.audit import outcome_of

    given = command.params if command is not None else {}
    act = command.command_path.partition(" ")[2] if command is not None else ""
    told = answer if isinstance(answer, dict) else {}
    named = str(given.get("account") or given.get("account_name") or told.get("account") or told.get("id") or "")
    accounts = [control.store.account(named), *control.store.accounts_named(named)] if named else []
    subject = next((each.id for each in accounts if each is not None), named)
    about = next((str(given[name]) for name in ("order_id", "key_id", "plan", "family") if given.get(name)), "")
    said = command.meta.get(_NOTE, "") if command is not None else ""
    why = str(said or given.get("note") or given.get("reason") or "")
    control.audit.note(f"cli:{user()}", act, subject, write.key, outcome_of(problem), write.now, about, why)

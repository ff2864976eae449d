"""What every command that works on a database shares: its options, and the house it runs in.

Owns `--db`, `--json` and `--idempotency-key`, and the opening and closing of a house around a command. A command may
run beside a serving process: each entry goes into the journal only if it is the next one of its account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from faregate.cli.command import Option
from faregate.cli.failures import CommandFailure
from faregate.cli.language import say

if TYPE_CHECKING:
    from faregate.app.control import Control
    from faregate.app.receipts import Write

T = TypeVar("T")

DEFAULT_DATABASE = "sqlite:///faregate.db"
VARIABLE = "FAREGATE_DB"
KEY_LENGTH = 200


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


def with_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--db`` and ``--json``."""
    as_json = click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
    database = click.option(
        "--db",
        "database",
        envvar=VARIABLE,
        default=DEFAULT_DATABASE,
        metavar="URL",
        help="option.db",
        cls=Option,
    )
    return as_json(database(command))


def with_write(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--db``, ``--json`` and ``--idempotency-key``."""
    key = click.option(
        "--idempotency-key",
        "idempotency_key",
        metavar="KEY",
        callback=_checked_key,
        help="option.idempotency_key",
        cls=Option,
    )
    return with_database(key(command))


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
    from faregate.bootstrap.house import open_house

    if not may_make:
        require_database(database)

    async def run() -> T:
        house = open_house(database)
        await house.start()
        try:
            return await work(house.control)
        finally:
            await house.close()

    return asyncio.run(run())


def write_of(control: Control, key: str | None) -> Write:
    """A write at this moment under the operator's idempotency ``key``, or under one of its own."""
    from faregate.app.receipts import Write

    return Write(key if key is not None else "own:" + control.randomness(12).hex(), control.now())

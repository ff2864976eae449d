"""`faregate migrate` and `faregate copy`: the database's schema, and its way from one engine to another.

Owns the commands and their progress; what is done is bootstrap's.
"""

from __future__ import annotations

import click

from faregate.cli.command import Command, Option
from faregate.cli.house_options import require_database, with_database
from faregate.cli.language import say
from faregate.cli.output import console, write_json


@click.command("migrate", cls=Command, help="migrate.help")
@with_database
def migrate(database: str, as_json: bool) -> None:
    from faregate.bootstrap.database import migrated

    require_database(database)
    migrated(database)
    if as_json:
        write_json({"migrated": True})
    else:
        click.echo(say("migrate.done"))


@click.command("copy", cls=Command, help="copy.help")
@click.option("--from", "source", metavar="URL", required=True, help="copy.from", cls=Option)
@click.option("--to", "target", metavar="URL", required=True, help="copy.to", cls=Option)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def copy(source: str, target: str, as_json: bool) -> None:
    from faregate.bootstrap.copying import copy_database

    require_database(source)
    with console(stderr=True).status(say("copy.begun")) as status:

        def tell(step: str, entries: int) -> None:
            status.update(say(f"copy.{step}", entries=f"{entries:,}"))

        copied = copy_database(source, target, tell)
    if as_json:
        write_json({"entries": copied.entries, "accounts": copied.accounts, "rows": copied.rows})
    else:
        click.echo(say("copy.done", entries=f"{copied.entries:,}", accounts=f"{copied.accounts:,}", rows=copied.rows))

"""`faregate explain`: why a request cost what it did.

Owns the command's argument; the story for people is told in explain_story.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from faregate.cli.command import Command
from faregate.cli.house_options import in_house, with_database
from faregate.cli.output import write_json

if TYPE_CHECKING:
    from faregate.app.control import Control


@click.command("explain", cls=Command, help="explain.help")
@click.argument("request", metavar="REQUEST_ID")
@with_database
def explain(request: str, database: str, as_json: bool) -> None:
    async def work(control: Control) -> tuple[dict[str, Any], int]:
        return control.views.explain(request, for_operator=True), control.now()

    told, now = in_house(database, work)
    if as_json:
        write_json(told)
        return
    from faregate.cli.explain_story import write_story
    from faregate.cli.upstream_tables import write_way

    write_story(told, now)
    write_way(told.get("upstreams"))

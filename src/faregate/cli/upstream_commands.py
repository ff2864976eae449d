"""`faregate upstream`: the upstreams of a configuration, checked and listed.

Owns the command. How upstreams are while a server runs, only that server knows: its API tells.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from faregate.cli.command import Group, Option
from faregate.cli.language import say
from faregate.cli.output import write_json

upstream = Group(name="upstream", help="upstream.help")


@upstream.command("list", help="upstream.list.help")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="upstream.config",
    cls=Option,
)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def list_upstreams(config: Path, as_json: bool) -> None:
    from faregate.bootstrap.settings import read_settings
    from faregate.cli.upstream_tables import write_upstreams
    from faregate.upstreams.view import settings_view

    found = sorted(read_settings(config, os.environ).upstreams, key=lambda each: -each.priority)
    rows = [settings_view(each) for each in found]
    if as_json:
        write_json({"upstreams": rows})
    elif not rows:
        click.echo(say("upstream.none"))
    else:
        write_upstreams(rows)
        click.echo(say("upstream.live"))

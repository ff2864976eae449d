"""`faregate setup`: a coding tool pointed at this gate; shown, or written into the tool's own files.

Owns the command. What each tool wants stands in `tool_setup`. The key is never printed, and never taken from the
command line, where others could read it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from faregate.cli.command import Command, Option
from faregate.cli.failures import CommandFailure
from faregate.cli.language import say

if TYPE_CHECKING:
    from faregate.app.tool_setup.target import Target
    from faregate.app.tool_setup.tools import Tool

DEFAULT_BASE_URL = "http://127.0.0.1:8080"
PLACEHOLDER = "YOUR-KEY"


@click.command("setup", cls=Command, help="setup.help")
@click.argument("tool", metavar="TOOL", required=False)
@click.option(
    "--base-url", metavar="URL", default=DEFAULT_BASE_URL, show_default=True, help="setup.base_url", cls=Option
)
@click.option("--model", metavar="MODEL", default="", help="setup.model", cls=Option)
@click.option("--small-model", metavar="MODEL", default="", help="setup.small_model", cls=Option)
@click.option("--api", metavar="API", default="", help="setup.api", cls=Option)
@click.option("--write", is_flag=True, help="setup.write", cls=Option)
@click.option("--key-env", metavar="NAME", help="setup.key_env", cls=Option)
@click.option("--key-stdin", is_flag=True, help="setup.key_stdin", cls=Option)
@click.option("--list", "as_list", is_flag=True, help="setup.list", cls=Option)
def setup(
    tool: str | None,
    base_url: str,
    model: str,
    small_model: str,
    api: str,
    write: bool,
    key_env: str | None,
    key_stdin: bool,
    as_list: bool,
) -> None:
    from faregate.app.tool_setup.target import Target

    if as_list or tool is None:
        _list()
        return
    found = _find(tool)
    spoken = _api(found, api)
    if found.needs_model and not model:
        raise CommandFailure("setup_needs_model", "error.setup_model", tool=found.id)
    key = _key(key_env, key_stdin) if write and found.changes is not None else PLACEHOLDER
    target = Target(_base(base_url), model, small_model, key, spoken, Path.home(), os.environ)
    if found.changes is None:
        _tell_by_hand(found, target, write)
    elif write:
        _write(found, target)
    else:
        _show(found, target)


def _list() -> None:
    from faregate.app.tool_setup.tools import TOOLS
    from faregate.cli.output import write_table

    columns = [say(f"setup.column.{name}") for name in ("tool", "name", "api", "way")]
    ways = {True: say("setup.way.hand"), False: say("setup.way.files")}
    rows = [(each.id, each.title, ", ".join(each.apis), ways[each.changes is None]) for each in TOOLS.values()]
    write_table(say("setup.title"), columns, rows)


def _find(name: str) -> Tool:
    from difflib import get_close_matches

    from faregate.app.tool_setup.tools import TOOLS

    found = TOOLS.get(name)
    if found is not None:
        return found
    near = get_close_matches(name.casefold(), list(TOOLS), n=1)
    if near:
        raise CommandFailure("unknown_tool", "error.setup_tool_near", name=name, near=near[0])
    raise CommandFailure("unknown_tool", "error.setup_tool", name=name)


def _api(tool: Tool, api: str) -> str:
    if api and api not in tool.apis:
        raise CommandFailure("setup_api", "error.setup_api", tool=tool.id, api=api, apis=", ".join(tool.apis))
    return api or tool.apis[0]


def _base(url: str) -> str:
    """The gate's root: what people copy often ends in ``/v1``."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise CommandFailure("setup_base_url", "error.setup_base_url", url=url)
    return url.rstrip("/").removesuffix("/v1").rstrip("/")


def _key(variable: str | None, from_stdin: bool) -> str:
    if variable is not None:
        key = os.environ.get(variable, "")
    elif from_stdin or not sys.stdin.isatty():
        key = sys.stdin.readline()
    else:
        key = click.prompt(say("setup.ask_key"), hide_input=True, err=True)
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or any(mark in key for mark in " \"'\\"):
        raise CommandFailure("setup_no_key", "error.setup_no_key")
    return key


def _show(tool: Tool, target: Target) -> None:
    assert tool.changes is not None
    for change in tool.changes(target):
        click.echo(say("setup.file", file=change.path))
        click.echo(change.text(None))
    click.echo(say(f"setup.note.{tool.note}", file=tool.changes(target)[-1].path), err=True)
    click.echo(say("setup.note.write", tool=tool.id), err=True)


def _write(tool: Tool, target: Target) -> None:
    from faregate.app.tool_setup.files import write_all
    from faregate.app.tool_setup.unmendable import Unmendable

    assert tool.changes is not None
    changes = tool.changes(target)
    try:
        written = write_all(changes)
    except Unmendable as problem:
        reason = say(f"setup.unmendable.{problem.reason}")
        raise CommandFailure("setup_unmendable", "error.setup_unmendable", reason=reason, tool=tool.id) from None
    for each in written:
        key = "setup.unchanged" if not each.changed else "setup.made" if each.backup is None else "setup.changed"
        click.echo(say(key, file=each.path, backup=each.backup))
    click.echo(say(f"setup.note.{tool.note}", file=changes[-1].path))
    for name in tool.rivals:
        for change in changes:
            if f'"{name}"' in change.path.read_text(encoding="utf-8"):
                click.echo(say("setup.note.rival", name=name, place=change.path, tool=tool.title), err=True)
        if os.environ.get(name):
            click.echo(say("setup.note.rival", name=name, place=say("setup.environment"), tool=tool.title), err=True)


def _tell_by_hand(tool: Tool, target: Target, write: bool) -> None:
    if write:
        raise CommandFailure("setup_by_hand", "error.setup_by_hand", tool=tool.id)
    click.echo(say("setup.by_hand", name=tool.title))
    base = target.base if target.api == "messages" else target.v1
    click.echo(say("setup.by_hand.base_url", url=base))
    click.echo(say("setup.by_hand.key"))
    click.echo(say("setup.by_hand.model", model=target.model))

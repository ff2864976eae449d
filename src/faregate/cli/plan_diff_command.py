"""`faregate plan diff`: what differs between two versions of plans, in words.

Owns the command and how differences are written; app/plan_changes.py finds them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from faregate.cli.command import Command, Option
from faregate.cli.failures import CommandFailure
from faregate.cli.language import language, say
from faregate.cli.output import write_json
from faregate.cli.plan_versions_named import named, shelf_named, with_optional_database
from faregate.cli.shelf_options import with_shelf_files

_MARKS = {"added": "+", "removed": "-", "changed": "~"}


@click.command("diff", cls=Command, help="plan.diff.help")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
@with_optional_database
@with_shelf_files
def diff(
    old: str,
    new: str,
    as_json: bool,
    database: str | None,
    plan_files: tuple[Path, ...],
    price_files: tuple[Path, ...],
) -> None:
    from faregate.app.plan_changes import TwoFamilies, differences
    from faregate.bootstrap.clock import now as system_now

    shelf = shelf_named(database, plan_files, price_files)
    try:
        told = differences(named(shelf, old), named(shelf, new), system_now())
    except TwoFamilies as problem:
        raise CommandFailure(
            "bad_usage", "plan.change.one_family", file=new, found=problem.found, family=problem.family
        ) from problem
    if as_json:
        write_json(told)
    else:
        _write(told)


def _write(told: dict[str, Any]) -> None:
    old, new = ((each["plan"] or each["family"]) + "@" + each["version"] for each in (told["old"], told["new"]))
    click.echo(say("plan.diff.title", old=old, new=new))
    if not told["family"] and all(row["state"] == "same" for row in told["plans"]):
        click.echo(say("plan.diff.same"))
        return
    _write_changes(told["family"])
    for row in told["plans"]:
        name = row["names"][language()]
        click.echo()
        click.echo(say(f"plan.diff.{row['state']}", name=name, plan=row["plan"]))
        _write_changes(row["changes"])


def _write_changes(changes: list[dict[str, Any]]) -> None:
    """Each of them; those of where figures are from as a number, for they change nothing for anybody."""
    for change in changes:
        if change["subject"] != "origin":
            _write_change(change)
    origins = sum(1 for change in changes if change["subject"] == "origin")
    if origins:
        click.echo("  " + say("plan.diff.origins", count=origins))


def _write_change(change: dict[str, Any]) -> None:
    subject = say(f"plan.diff.subject.{change['subject']}")
    what = f"{subject} {change['id']}".rstrip()
    percent = f" ({change['percent']}%)" if change["percent"] else ""
    old, new = (change[side][language()] if change[side] is not None else None for side in ("old", "new"))
    click.echo(f"  {_MARKS[change['change']]} {what}{percent}")
    for mark, words in (("-", old), ("+", new)):
        if words is not None and words != change["id"]:
            click.echo(f"      {mark} {words}")

"""`faregate plan`: check, list and show plans, and print the schema of the plan language.

Owns these commands. What a plan means is said by the plan language; the tables stand in plan_tables.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from faregate.cli.command import Group, Option
from faregate.cli.house_options import with_database
from faregate.cli.language import language, say
from faregate.cli.output import write_json
from faregate.cli.plan_diff_command import diff
from faregate.cli.plan_impact_command import impact
from faregate.cli.plan_preview_command import preview
from faregate.cli.shelf_options import FILE, shelf_of, with_shelf_files

plan = Group(name="plan", help="plan.help")
for command in (diff, impact, preview):
    plan.add_command(command)


def _now() -> int:
    """Microseconds UTC: which of a plan's dated rates are shown."""
    return time.time_ns() // 1000


@plan.command("check", help="plan.check.help")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def check(files: tuple[Path, ...], as_json: bool) -> None:
    from faregate.planfile import PlanFileError, load_family

    wrong: list[Any] = []
    good: list[dict[str, Any]] = []
    for path in files:
        try:
            family = load_family(path)
        except PlanFileError as failure:
            wrong += failure.problems
            continue
        hash = family.content_hash
        good.append({"file": str(path), "family": family.id, "version": family.version, "hash": hash})
        if not as_json:
            plans = ", ".join(family.plans)
            click.echo(say("plan.check.good", file=path, family=family.id, version=family.version, plans=plans))
    if as_json:
        problems = [problem._asdict() for problem in wrong]
        write_json({"ok": not wrong, "families": good, "problems": problems})
    if wrong:
        raise PlanFileError(wrong)


@plan.command("list", help="plan.list.help")
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
@with_shelf_files
def list_plans(as_json: bool, plan_files: tuple[Path, ...], price_files: tuple[Path, ...]) -> None:
    from faregate.cli.plan_tables import plan_summary, write_plan_list

    shelf = shelf_of(plan_files, price_files)
    catalogue = shelf.catalogue
    entries = [(family, each) for family in catalogue.families for each in family.plans.values()]
    current = {(family.id, family.version) for family, _ in map(catalogue.entry, {each.id for _, each in entries})}
    sold = [(family.id, family.version) in current for family, _ in entries]
    if as_json:
        rows = zip(entries, sold, strict=True)
        write_json({"plans": [{**plan_summary(*entry), "current": now} for entry, now in rows]})
    else:
        write_plan_list(entries, sold, language())


@plan.command("show", help="plan.show.help")
@click.argument("name", metavar="PLAN")
@click.option("--explain", is_flag=True, help="plan.show.explain", cls=Option)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
@with_shelf_files
def show(
    name: str, explain: bool, as_json: bool, plan_files: tuple[Path, ...], price_files: tuple[Path, ...]
) -> None:
    from faregate.cli.plan_sums import write_sums
    from faregate.cli.plan_tables import plan_details, write_family_table
    from faregate.planfile import explain_in_words

    shelf, at = shelf_of(plan_files, price_files), _now()
    market = shelf.market
    families = {family.id: family for family in shelf.catalogue.in_turn}
    families |= {f"{family.id}@{family.version}": family for family in shelf.catalogue.families}
    if name in families:
        family = families[name]
        if as_json:
            plans = [plan_details(family, each, at, market) for each in family.plans.values()]
            write_json({"family": family.id, "version": family.version, "plans": plans})
        elif explain:
            for each in family.plans.values():
                write_sums(family, each, at, language(), market)
        else:
            write_family_table(family, at, language(), market)
        return
    family, found = shelf.catalogue.entry(name)
    if as_json:
        write_json(plan_details(family, found, at, market))
        return
    if explain:
        write_sums(family, found, at, language(), market)
        return
    for sentence in explain_in_words(family, found, language(), at, market):
        click.echo(sentence)
    click.echo()
    write_family_table(family, at, language(), market, chosen=found)


@plan.command("schema", help="plan.schema.help")
def schema() -> None:
    from faregate.planfile import json_schema

    write_json(json_schema())


@plan.command("publish", help="plan.publish.help")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=FILE)
@with_database
def publish(files: tuple[Path, ...], database: str, as_json: bool) -> None:
    from faregate.bootstrap.house import open_house

    house = open_house(database, files)
    house.store.close()
    if as_json:
        write_json({"published": house.published})
        return
    for version in house.published:
        click.echo(say("plan.publish.done", version=version))
    if not house.published:
        click.echo(say("plan.publish.nothing"))

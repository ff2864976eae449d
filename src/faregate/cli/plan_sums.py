"""How the figures of a plan come out: what is printed, by whom, and every computed figure as its sum in steps.

Owns the layout of `faregate plan show --explain`. Computes nothing itself: steps come from the plan language.
"""

from __future__ import annotations

from collections.abc import Iterable

import click

from faregate.cli.language import say
from faregate.cli.output import cell_width
from faregate.core.amounts import decimal_text
from faregate.core.market import Market
from faregate.planfile import Family, Figure, Plan, Step, facts_at, figure_text, span_text
from faregate.planfile.figures import span_of


def write_sums(family: Family, plan: Plan, at: int, language: str, market: Market) -> None:
    """Every figure of ``plan`` with where it is from, or the steps of its sum."""
    click.secho(f"{plan.names.text(language)} ({plan.id}@{family.version})", bold=True)
    explained = _Explained(family, plan, language)
    for line in explained.stated():
        click.echo(line)
    for figure in facts_at(family.document, plan.document, at, market):
        explained.learn(figure)
        click.echo()
        for line in explained.figure(figure):
            click.echo(line)
    click.echo()


class _Explained:
    """Says the figures of one plan in one language."""

    def __init__(self, family: Family, plan: Plan, language: str) -> None:
        self.family, self.plan, self.language = family, plan, language
        self.names = {"price": say("plan.row.price")}
        for id, window in plan.document.windows.items():
            self.names[f"windows.{id}"] = window.names.text(language) if window.names else id
        for id, pool in plan.document.pools.items():
            self.names[f"pools.{id}"] = pool.names.text(language) if pool.names else id
        for id, mix in family.document.mixes.items():
            name = mix.names.text(language)
            self.names[f"mixes.{id}"] = say("plan.sum.mix", mix=name)
            self.names[f"mixes.{id}.uncached"] = say("plan.sum.uncached", mix=name)

    def learn(self, figure: Figure) -> None:
        """Know ``figure`` by its name in sums after it."""
        self.names[f"facts.{figure.id}"] = figure.names.text(self.language)

    def stated(self) -> Iterable[str]:
        """Prices, windows and pools with who says so."""
        document = self.plan.document
        if document.prices:
            price = document.prices[0]
            yield self.line(self.names["price"], self.value("price"), price.known, price.source)
        for id, window in document.windows.items():
            yield self.line(self.names[f"windows.{id}"], self.value(f"windows.{id}"), window.known, window.source)
        for id, pool in document.pools.items():
            if pool.refill is not None or pool.granted is not None:
                yield self.line(self.names[f"pools.{id}"], self.value(f"pools.{id}"), pool.known, pool.source)

    def value(self, name: str) -> str:
        return span_text(self.family.document, span_of(self.plan.document, name), self.language)

    def figure(self, figure: Figure) -> Iterable[str]:
        """One fact: its value and origin, then its sum."""
        value = figure_text(self.family.document, figure, self.language)
        yield self.line(figure.names.text(self.language), value, figure.kind, figure.source)
        values = [self.written(step) for step in figure.steps]
        widest = max(map(cell_width, values), default=0)
        for step, written in zip(figure.steps, values, strict=True):
            padding = " " * (widest - cell_width(written))
            yield f"  {step.sign or '=':1} {written}{padding}  {self.origin(step)}".rstrip()
        if figure.about is not None:
            yield f"    {figure.about.text(self.language)}"

    def written(self, step: Step) -> str:
        """The number of a step; a number that stands in the file as it stands there: 30/7."""
        if step.origin == "number":
            return decimal_text(step.span.low)
        whole = step.origin.startswith("facts.")
        return span_text(self.family.document, step.span, self.language, whole=whole)

    def origin(self, step: Step) -> str:
        """What a step is: the name of its figure, or where its number is from."""
        kind, _, model = step.origin.partition(".")
        if kind == "prices":
            return say("plan.sum.price", model=model)
        if step.origin == "exchange":
            return say("plan.sum.exchange")
        return self.names.get(step.origin, "")

    def line(self, name: str, value: str, known: str, source: str | None) -> str:
        """A figure and who says so: the title and date of its source, else that of the file."""
        said = f"{name[:1].upper()}{name[1:]}: {value}  [{say(f'plan.known.{known}')}"
        if known == "computed":
            return said + "]"
        reference = self.plan.sources.get(source or "")
        read = reference or self.family.source
        return f"{said}; {read.title}, {read.as_of}]"

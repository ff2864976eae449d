"""Commands and groups that speak the chosen language and load late.

Owns how help is printed and how a group finds its commands. ``Command``, ``Group`` and ``Option`` take message keys
where click takes words: ``help="simulate.help"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from faregate.cli.language import messages, say


class Option(click.Option):
    """An option whose help is a message key."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._key = self.help

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        if self._key is not None:
            self.help = say(self._key)
        return super().get_help_record(ctx)


class Spoken(click.Command):
    """What Command and Group share: help by message key, examples, headings in the chosen language.

    ``help`` is the key K of the description; K of a command ends in ``.help`` and its examples stand under
    ``.examples`` of the same name, one a line.
    """

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=say("usage.prefix"))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.help:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(say(self.help))

    def get_short_help_str(self, limit: int = 60) -> str:
        return first_sentence(say(self.help)) if self.help else ""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [parameter.get_help_record(ctx) for parameter in self.get_params(ctx)]
        rows = [record for record in records if record is not None]
        if rows:
            with formatter.section(say("help.options")):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        examples = messages().get((self.help or "").removesuffix(".help") + ".examples")
        if examples:
            with formatter.section(say("help.examples")):
                for line in examples.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("help.help")
        return option


class Command(Spoken):
    """A command; see Spoken."""


class Group(Spoken, click.Group):
    """A group whose commands are loaded when they are called. ``lazy``: name -> ``module:attribute``.

    The line a command has in the group's help is the first sentence of its message ``NAME.help``, so that listing
    the commands imports none of them.
    """

    command_class = Command

    def __init__(self, *args: Any, lazy: Mapping[str, str] | None = None, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.lazy, *(name for name in self.commands if name not in self.lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self.lazy.get(cmd_name)
        if place is None:
            return self.commands.get(cmd_name)
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        rows = []
        for name in self.list_commands(ctx):
            key = f"{name}.help" if name in self.lazy else (self.commands[name].help or "")
            rows.append((name, first_sentence(say(key)) if key else ""))
        with formatter.section(say("help.commands")):
            formatter.write_dl(rows)


def first_sentence(text: str) -> str:
    """``text`` up to its first full stop, Chinese or English."""
    for stop in ("。", ". ", ".\n"):
        text = text.partition(stop)[0]
    return text.rstrip(".。:：")

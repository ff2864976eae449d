"""`faregate`: the entry point, its global options, and the list of commands.

Owns the register of commands (each its own module, loaded when called) and the way out: messages on stderr, exit
codes, never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from faregate import __version__
from faregate.cli.command import Group, Option
from faregate.cli.failures import tell
from faregate.cli.language import LANGUAGES, language_of, say, speak

COMMANDS = {
    "demo": "faregate.cli.demo_command:demo",
    "serve": "faregate.cli.serve_command:serve",
    "plan": "faregate.cli.plan_commands:plan",
    "prices": "faregate.cli.price_commands:prices",
    "simulate": "faregate.cli.simulate_command:simulate",
    "compare": "faregate.cli.compare_command:compare",
    "logs": "faregate.cli.logs_command:logs",
    "account": "faregate.cli.account_commands:account",
    "subscribe": "faregate.cli.subscribe_command:subscribe",
    "order": "faregate.cli.order_commands:order",
    "top-up": "faregate.cli.order_commands:top_up",
    "change": "faregate.cli.change_commands:change",
    "agreement": "faregate.cli.change_commands:agreement",
    "refund": "faregate.cli.refund_commands:refund",
    "invoice": "faregate.cli.paper_commands:invoice",
    "statement": "faregate.cli.paper_commands:statement",
    "audit": "faregate.cli.audit_command:audit",
    "coupon": "faregate.cli.promotion_commands:coupon",
    "gift-code": "faregate.cli.promotion_commands:gift_code",
    "invite": "faregate.cli.promotion_commands:invite",
    "reward": "faregate.cli.promotion_commands:reward",
    "matters": "faregate.cli.refund_commands:matters",
    "settle": "faregate.cli.refund_commands:settle",
    "key": "faregate.cli.key_commands:key",
    "flag": "faregate.cli.flag_commands:flag",
    "setup": "faregate.cli.setup_command:setup",
    "usage": "faregate.cli.usage_command:usage",
    "explain": "faregate.cli.explain_command:explain",
    "multiplier": "faregate.cli.multiplier_commands:multiplier",
    "upstream": "faregate.cli.upstream_commands:upstream",
    "verify": "faregate.cli.verify_command:verify",
    "migrate": "faregate.cli.database_commands:migrate",
    "copy": "faregate.cli.database_commands:copy",
    "user": "faregate.cli.user_commands:user",
    "admin": "faregate.cli.admin_commands:admin",
}
"""Command -> where it is. A new command is a line here and its words in messages_en.py and messages_zh.py."""


class Root(Group):
    """The top group: failures of any command become lines for people here."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **settings: Any) -> NoReturn:
        speak(language_of(os.environ))
        settings.update(standalone_mode=False)
        settings.setdefault("prog_name", "faregate")
        sys.exit(self._run(args, rest, settings))

    def _run(self, args: Sequence[str] | None, rest: tuple[Any, ...], settings: dict[str, Any]) -> int:
        try:
            code = super().main(args, *rest, **settings)
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as nothing:
            click.echo(nothing.ctx.get_help() if nothing.ctx is not None else "")
            return 0
        except click.Abort:
            click.echo(say("error.stopped"), err=True)
            return 130
        except BrokenPipeError:
            # Whoever read the output has enough: no complaint, also not from the interpreter's last flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except Exception as failure:
            # The last door: nobody is shown a traceback who did not ask for it.
            if os.environ.get("FAREGATE_TRACEBACK"):
                raise
            told = tell(failure)
            for code_name, line in told.lines:
                click.echo(say("error.line", code=code_name, line=line), err=True)
            return told.exit_code
        return code if isinstance(code, int) else 0


def _speak(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        speak(value)


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"faregate {__version__}")
        ctx.exit()


main = Root(
    name="faregate",
    help="faregate.help",
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 118},
    params=[
        Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            is_eager=True,
            expose_value=False,
            callback=_speak,
            help="option.lang",
        ),
        Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="option.version",
        ),
    ],
)

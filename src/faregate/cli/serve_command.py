"""`faregate serve`: the gate and the operator API on one port, until stopped.

Owns the command's options and what it says; the service is bootstrap's.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from faregate.cli.command import Command, Option
from faregate.cli.failures import FAILED, CommandFailure
from faregate.cli.language import say

if TYPE_CHECKING:
    from faregate.bootstrap.serving import Service


@click.command("serve", cls=Command, help="serve.help")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="serve.config",
    cls=Option,
)
@click.option("--db", metavar="URL", envvar="FAREGATE_DB", help="option.db", cls=Option)
@click.option("--host", metavar="ADDRESS", help="serve.host", cls=Option)
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65535), help="serve.port", cls=Option)
def serve(config: Path | None, db: str | None, host: str | None, port: int | None) -> None:
    from faregate.bootstrap.house import served_alone
    from faregate.bootstrap.logs import log_to_stderr
    from faregate.bootstrap.serving import Service
    from faregate.bootstrap.settings import Settings, read_settings
    from faregate.wire.loop import new_event_loop

    settings = read_settings(config, os.environ) if config is not None else Settings()
    settings = settings.over(db, host, port)
    log_to_stderr()
    with served_alone(settings.database), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(Service(settings)))


async def _serve(service: Service) -> None:
    from faregate.bootstrap.serving import until_signalled

    settings = service.settings
    try:
        await start(service)
    finally:
        # Also when the start failed after it: what was closed is told by nobody else.
        tell_recovered(service)
    click.echo(say("serve.listening", url=service.url, database=settings.database))
    if service.admin_token is not None:
        click.echo(say("serve.token", token=service.admin_token))
    if not settings.upstreams:
        click.echo(say("serve.no_upstreams"), err=True)
    sys.stdout.flush()
    await until_signalled()
    click.echo(say("serve.stopping", seconds=settings.drain_seconds), err=True)
    await service.stop()


async def start(service: Service) -> None:
    """Start ``service``; a port that cannot be had is a failure people can mend."""
    try:
        await service.start()
    except OSError as problem:
        settings = service.settings
        where = f"{settings.host}:{settings.port}"
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        raise CommandFailure("cannot_listen", "serve.cannot_listen", FAILED, where=where, problem=reason) from problem


def tell_recovered(service: Service) -> None:
    """Say which holds of a crash were closed, and how."""
    for hold in service.recovered:
        key = "serve.recovered.settle" if hold.how == "settle" else "serve.recovered.release"
        click.echo(say(key, request=hold.request), err=True)

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
    from collections.abc import Callable

    from faregate.bootstrap.reloading import Reloaded
    from faregate.bootstrap.serving import Service
    from faregate.bootstrap.settings import Settings


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

    def read() -> Settings:
        read = read_settings(config, os.environ) if config is not None else Settings()
        return read.over(db, host, port)

    settings = read()
    log_to_stderr()
    with served_alone(settings.database), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(Service(settings), config, read))


async def _serve(service: Service, config: Path | None, read: Callable[[], Settings]) -> None:
    from faregate.bootstrap.reloading import Reloading
    from faregate.bootstrap.serving import until_signalled

    settings = service.settings
    try:
        await start(service)
    finally:
        # Also when the start failed after it: what was closed is told by nobody else.
        tell_recovered(service)
    reloading = Reloading(service, config, read, tell_reloaded) if config is not None else None
    if reloading is not None:
        reloading.start()
    click.echo(say("serve.listening", url=service.url, database=settings.database))
    if service.admin_token is not None:
        click.echo(say("serve.token", token=service.admin_token))
    if not settings.upstreams:
        click.echo(say("serve.no_upstreams"), err=True)
    sys.stdout.flush()
    await until_signalled()
    if reloading is not None:
        await reloading.stop()
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


def tell_reloaded(reloaded: Reloaded) -> None:
    """Say what became of the configuration read again."""
    if reloaded.problem:
        click.echo(say("serve.kept", problem=reloaded.problem), err=True)
        return
    changed = ", ".join(reloaded.changed) or say("serve.nothing")
    click.echo(say("serve.reloaded", changed=changed), err=True)
    if reloaded.at_start:
        click.echo(say("serve.at_start", settings=", ".join(reloaded.at_start)), err=True)


def tell_recovered(service: Service) -> None:
    """Say which holds of a crash were closed, and how."""
    for hold in service.recovered:
        key = "serve.recovered.settle" if hold.how == "settle" else "serve.recovered.release"
        click.echo(say(key, request=hold.request), err=True)

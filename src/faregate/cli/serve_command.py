"""`faregate serve`: the gate and the operator API on one port, until stopped.

Owns the command's options and what it says; the service is bootstrap's.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from faregate.cli.command import Command, Option
from faregate.cli.failures import FAILED, CommandFailure, tell
from faregate.cli.house_options import shown_database
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
@click.option("--workers", metavar="NUMBER", type=click.IntRange(1, 256), help="serve.workers", cls=Option)
@click.option("--test-clock", is_flag=True, help="serve.test_clock", cls=Option)
@click.pass_context
def serve(
    ctx: click.Context,
    config: Path | None,
    db: str | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    test_clock: bool,
) -> None:
    from faregate.bootstrap.database import is_postgresql
    from faregate.bootstrap.house import served_alone
    from faregate.bootstrap.logs import log_to_stderr
    from faregate.bootstrap.serving import Service
    from faregate.bootstrap.settings import Settings, read_settings
    from faregate.wire.loop import new_event_loop

    def read() -> Settings:
        read = read_settings(config, os.environ) if config is not None else Settings()
        return replace(read.over(db, host, port, workers), test_clock=test_clock)

    settings = read()
    if settings.workers > 1 and not is_postgresql(settings.database):
        raise CommandFailure("one_process", "serve.one_process", database=settings.database)
    log_to_stderr()
    if settings.workers > 1:
        ctx.exit(_serve_by_many(settings, config, read))
    with served_alone(settings.database), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(Service(settings), config, read))


def _serve_by_many(settings: Settings, config: Path | None, read: Callable[[], Settings]) -> int:
    """Workers on one socket, each a service of its own; the first one speaks for all."""
    from faregate.bootstrap.database import migrated
    from faregate.bootstrap.serving import Service, address
    from faregate.bootstrap.workers import Supervisor, listening
    from faregate.wire.loop import new_event_loop

    migrated(settings.database)
    with _listening(settings, listening) as listener:
        url = address(settings.host, listener.getsockname()[1])

        def serve_one(place: int, listener: socket.socket) -> int:
            try:
                with asyncio.Runner(loop_factory=new_event_loop) as runner:
                    runner.run(_serve(Service(settings, listener=listener), config, read, speaks=place == 0))
            except Exception as problem:  # noqa: BLE001 - the supervisor starts it again
                for code, line in tell(problem).lines:
                    click.echo(say("error.line", code=code, line=line), err=True)
                return FAILED
            return 0

        def died(place: int, code: int) -> None:
            click.echo(say("serve.worker_died", number=place + 1, code=code), err=True)

        supervisor = Supervisor(settings.workers, listener, serve_one, died)
        supervisor.hear_signals()
        shown = shown_database(settings.database)
        click.echo(say("serve.listening_many", url=url, database=shown, workers=settings.workers))
        sys.stdout.flush()
        return supervisor.run()


def _listening(settings: Settings, listening: Callable[[str, int], socket.socket]) -> socket.socket:
    try:
        return listening(settings.host, settings.port)
    except OSError as problem:
        raise _cannot_listen(settings, problem) from problem


async def _serve(service: Service, config: Path | None, read: Callable[[], Settings], speaks: bool = True) -> None:
    from faregate.bootstrap.reloading import Reloading
    from faregate.bootstrap.serving import stop_signalled

    settings = service.settings
    try:
        await start(service)
    finally:
        # Also when the start failed after it: what was closed is told by nobody else.
        tell_recovered(service)
    # Before anybody is told that it serves: who hears that may stop it at once.
    stopped = stop_signalled()
    heard = tell_reloaded if speaks else (lambda _: None)
    reloading = Reloading(service, config, read, heard) if config is not None else None
    if reloading is not None:
        reloading.start()
    if settings.workers == 1:
        click.echo(say("serve.listening", url=service.url, database=shown_database(settings.database)))
    if service.admin_token is not None:
        click.echo(say("serve.token", token=service.admin_token))
    if not settings.upstreams and speaks:
        click.echo(say("serve.no_upstreams"), err=True)
    sys.stdout.flush()
    await stopped.wait()
    if reloading is not None:
        await reloading.stop()
    if speaks:
        click.echo(say("serve.stopping", seconds=settings.drain_seconds), err=True)
    await service.stop()


async def start(service: Service) -> None:
    """Start ``service``; a port that cannot be had is a failure people can mend."""
    try:
        await service.start()
    except OSError as problem:
        raise _cannot_listen(service.settings, problem) from problem


def _cannot_listen(settings: Settings, problem: OSError) -> CommandFailure:
    where = f"{settings.host}:{settings.port}"
    reason = os.strerror(problem.errno) if problem.errno else str(problem)
    return CommandFailure("cannot_listen", "serve.cannot_listen", FAILED, where=where, problem=reason)


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

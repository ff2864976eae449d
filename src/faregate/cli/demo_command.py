"""`faregate demo`: everything at once on the embedded default, to look at.

Owns what the demo says. What it sets up is bootstrap's.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from faregate.cli.command import Command, Option
from faregate.cli.language import say

if TYPE_CHECKING:
    from faregate.bootstrap.demo import Demo

PORT = 8080


@click.command("demo", cls=Command, help="demo.help")
@click.option("--once", is_flag=True, help="demo.once", cls=Option)
@click.option("--db", metavar="URL", help="demo.db", cls=Option)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="serve.host", cls=Option)
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65535), help="demo.port", cls=Option)
@click.option("--json", "as_json", is_flag=True, help="option.json", cls=Option)
def demo(once: bool, db: str | None, host: str, port: int | None, as_json: bool) -> None:
    from faregate.bootstrap.logs import log_to_stderr
    from faregate.wire.loop import new_event_loop

    log_to_stderr()
    stay = not once
    with tempfile.TemporaryDirectory(prefix="faregate-demo-") as folder:
        database = db if db is not None else f"sqlite:///{Path(folder) / 'demo.db'}"
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_demo(database, host, _free_port(host) if port is None else port, as_json, stay))


def _free_port(host: str) -> int:
    """The usual port where it is free, else any."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, PORT))
        except OSError:
            return 0
    return PORT


async def _demo(database: str, host: str, port: int, as_json: bool, stay: bool) -> None:
    from faregate.bootstrap.demo import start_demo
    from faregate.bootstrap.house import served_alone
    from faregate.bootstrap.serving import stop_signalled

    with served_alone(database):
        running = await start_demo(database, host, port)
        stopped = stop_signalled() if stay else None
        try:
            _tell(running, as_json)
            if stopped is not None:
                if not as_json:
                    click.echo(say("demo.stay"))
                sys.stdout.flush()
                await stopped.wait()
            elif not as_json:
                click.echo(say("demo.done"))
        finally:
            await running.stop()


def _tell(running: Demo, as_json: bool) -> None:
    from faregate.bootstrap.demo import MODEL, PLANS

    service, first = running.service, running.first_call
    if as_json:
        from faregate.cli.output import write_json

        write_json(
            {
                "base_url": service.url,
                "key": running.key,
                "console": service.url + "/",
                "admin_token": service.admin_token,
                "plans": list(PLANS),
                "first_call": first._asdict(),
            }
        )
        return
    from faregate.bootstrap.clock import now
    from faregate.cli.explain_story import write_story

    click.echo(say("demo.running"))
    click.echo()
    rows = [
        ("demo.base_url", service.url),
        ("demo.key", running.key),
        ("demo.console", service.url + "/"),
        ("demo.token", service.admin_token or "–"),
        ("demo.plans", ", ".join(PLANS)),
    ]
    for key, value in rows:
        click.echo(f"  {_padded(say(key), 16)} {value}")
    click.echo()
    click.echo(say("demo.try", url=service.url, secret=running.key))
    click.echo()
    click.echo(say("demo.first_call", model=MODEL))
    click.echo(f"  > {first.prompt}")
    click.echo(f"  < {first.answer}")
    click.echo()
    write_story(first.explanation, now())


def _padded(text: str, width: int) -> str:
    """``text`` filled up to ``width`` columns of a terminal, where Chinese characters take two."""
    taken = sum(2 if ord(character) > 0x2E7F else 1 for character in text)
    return text + " " * max(width - taken, 0)

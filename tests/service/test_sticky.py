"""The configurations of docs/scale.md, run by a real nginx and a real Envoy before two servers: a key, a server."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.service.asking import ask, asking

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
PLACES = f"{sysconfig.get_path('scripts')}:{os.defpath}:/usr/sbin:/usr/local/bin:/usr/local/sbin:/opt/homebrew/bin"
FIRST, LAST = b"data: first\n\n", b"data: last\n\n"


class Server:
    """Answers with its own port, in two pieces; the second comes when ``go_on`` is set."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                await reader.readexactly(int(length[1]) if length else 0)
                size = len(FIRST) + len(LAST)
                writer.write(b"HTTP/1.1 200 OK\r\nx-server: %d\r\ncontent-length: %d\r\n\r\n" % (self.port, size))
                writer.write(FIRST)
                await self.go_on.wait()
                writer.write(LAST)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def block_of(language: str) -> str:
    """The page's own block."""
    [block] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(block)


def put(block: str, *places: tuple[str, str]) -> str:
    """``block`` with places of the page's replaced, one at a time, by those of this machine."""
    for theirs, ours in places:
        block, count = re.subn(theirs, ours, block, count=1)
        assert count == 1, theirs
    return block


def program(name: str) -> str:
    """Where it is; `make test` installs it."""
    found = shutil.which(name, path=PLACES)
    assert found is not None, f"there is no {name}: run tools/programs {name}, and do as it says"
    return found


def nginx_command(folder: Path, port: int, servers: list[int]) -> list[str]:
    here = [(r"server 10\.0\.0\.\d:8080;", f"server 127.0.0.1:{server};") for server in servers]
    block = put(block_of("nginx"), *here, (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    http = f"http {{ access_log off; {temporary} {block} }}"
    (folder / "nginx.conf").write_text(f"daemon off; master_process off; pid {folder}/pid; events {{}} {http}")
    return [program("nginx"), "-p", str(folder), "-e", str(folder / "log"), "-c", str(folder / "nginx.conf")]


def envoy_command(folder: Path, port: int, servers: list[int]) -> list[str]:
    local = "address: 127.0.0.1, port_value:"
    here = [(r"address: 10\.0\.0\.\d, port_value: 8080", f"{local} {server}") for server in servers]
    block = put(block_of("yaml"), (r"address: 0\.0\.0\.0, port_value: 8443", f"{local} {port}"), *here)
    (folder / "envoy.yaml").write_text(block)
    ours = ("--use-dynamic-base-id", "--concurrency", "1", "--log-path", str(folder / "log"))
    return [program("envoy"), "-c", str(folder / "envoy.yaml"), *ours]


Command = Callable[[Path, int, list[int]], list[str]]
"""(folder, port to listen on, ports of the servers) -> how the proxy is started."""

EVERY_PROXY = pytest.mark.parametrize("command", [nginx_command, envoy_command], ids=["nginx", "envoy"])


@asynccontextmanager
async def through(command: Command, folder: Path) -> AsyncIterator[tuple[int, list[Server]]]:
    """Port of a proxy before two servers."""
    async with AsyncExitStack() as stack:
        servers = [Server(), Server()]
        for server in servers:
            listening = await stack.enter_async_context(await asyncio.start_server(server.answer, "127.0.0.1", 0))
            server.port = listening.sockets[0].getsockname()[1]
        free = await asyncio.start_server(server.answer, "127.0.0.1", 0)
        port = free.sockets[0].getsockname()[1]
        free.close()
        await free.wait_closed()
        started = command(folder, port, [server.port for server in servers])
        proxy = await asyncio.to_thread(subprocess.Popen, started)
        try:
            await until_listening(port, proxy)
            yield port, servers
        finally:
            proxy.terminate()
            await asyncio.to_thread(proxy.wait, 30)


async def until_listening(port: int, proxy: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(30):
        while True:
            assert proxy.poll() is None, "it ended; its log is in the test's folder"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


async def server_of(port: int, header: str, key: str) -> str:
    return (await ask(port, "/v1/messages", {}, {header: key})).headers["x-server"]


@EVERY_PROXY
async def test_a_key_always_meets_the_same_server_and_keys_spread_over_all(command: Command, tmp_path: Path) -> None:
    async with through(command, tmp_path) as (port, servers):
        for header, form in (("authorization", "Bearer fg-{}"), ("x-api-key", "fg-{}")):
            met: dict[str, set[str]] = {}
            for key in [form.format(number) for number in range(40)] * 3:
                met.setdefault(key, set()).add(await server_of(port, header, key))
            assert all(len(where) == 1 for where in met.values())
            assert set.union(*met.values()) == {str(server.port) for server in servers}


@EVERY_PROXY
async def test_what_a_stream_has_so_far_is_not_held_back(command: Command, tmp_path: Path) -> None:
    async with through(command, tmp_path) as (port, servers):
        for server in servers:
            server.go_on.clear()
        async with asking(port, "/v1/messages", {}, {"x-api-key": "fg-1"}) as asked:
            assert (await asked.read(until=FIRST)).body == FIRST
            for server in servers:
                server.go_on.set()
            assert (await asked.read()).body == FIRST + LAST

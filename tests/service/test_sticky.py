"""The nginx configuration of docs/scale.md, run by a real nginx before two servers: one key, one server."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.service.asking import ask, asking

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
FIRST, LAST = b"data: first\n\n", b"data: last\n\n"

pytestmark = pytest.mark.skipif(
    NGINX is None, reason="NOT RUN: there is no nginx (Debian: apt-get install nginx; macOS: brew install nginx)"
)


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


def configuration(folder: Path, port: int, servers: list[int]) -> str:
    """The page's own block, on ports of this machine."""
    [block] = re.findall(r"```nginx\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for server in servers:
        block, count = re.subn(r"server 10\.0\.0\.\d:8080;", f"server 127.0.0.1:{server};", block, count=1)
        assert count == 1
    block, count = re.subn(r"listen 443 ssl;", f"listen 127.0.0.1:{port};", block)
    assert count == 1
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {folder}/pid; events {{}} http {{ access_log off; {places} {block} }}"
    )


@asynccontextmanager
async def through_nginx(folder: Path) -> AsyncIterator[tuple[int, list[Server]]]:
    """Port of an nginx before two servers."""
    async with AsyncExitStack() as stack:
        servers = [Server(), Server()]
        for server in servers:
            listening = await stack.enter_async_context(await asyncio.start_server(server.answer, "127.0.0.1", 0))
            server.port = listening.sockets[0].getsockname()[1]
        free = await asyncio.start_server(server.answer, "127.0.0.1", 0)
        port = free.sockets[0].getsockname()[1]
        free.close()
        await free.wait_closed()
        config = folder / "nginx.conf"
        config.write_text(configuration(folder, port, [server.port for server in servers]))
        assert NGINX is not None
        command = [NGINX, "-p", str(folder), "-e", str(folder / "log"), "-c", str(config)]
        nginx = await asyncio.to_thread(subprocess.Popen, command)
        try:
            await until_listening(port, nginx)
            yield port, servers
        finally:
            nginx.terminate()
            await asyncio.to_thread(nginx.wait, 30)


async def until_listening(port: int, nginx: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(30):
        while True:
            assert nginx.poll() is None, "nginx ended; its log is in the test's folder"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


async def server_of(port: int, header: str, key: str) -> str:
    return (await ask(port, "/v1/messages", {}, {header: key})).headers["x-server"]


async def test_one_key_always_meets_the_same_server_and_keys_spread_over_all(tmp_path: Path) -> None:
    async with through_nginx(tmp_path) as (port, servers):
        for header, form in (("authorization", "Bearer fg-{}"), ("x-api-key", "fg-{}")):
            met: dict[str, set[str]] = {}
            for key in [form.format(number) for number in range(40)] * 3:
                met.setdefault(key, set()).add(await server_of(port, header, key))
            assert all(len(where) == 1 for where in met.values())
            assert set.union(*met.values()) == {str(server.port) for server in servers}


async def test_what_a_stream_has_so_far_is_not_held_back(tmp_path: Path) -> None:
    async with through_nginx(tmp_path) as (port, servers):
        for server in servers:
            server.go_on.clear()
        async with asking(port, "/v1/messages", {}, {"x-api-key": "fg-1"}) as asked:
            assert (await asked.read(until=FIRST)).body == FIRST
            for server in servers:
                server.go_on.set()
            assert (await asked.read()).body == FIRST + LAST

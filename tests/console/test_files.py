"""The console files: what answers where, how long it is kept, what fences it in, and how much is loaded first."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from faregate.console.pages import STATIC, Console

FIRST_LOAD_BYTES = 230_000
# Of the words only those of the chosen language are loaded: the larger of the two.
WORDS = {"chat": ["all", "chat"], "office": ["all", "office"], "Compare.tsx": ["all", "compare"]}
SCRIPT = b"export const words = 1;\n" * 100


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def api(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"the API"})


async def ask(console: Console, path: str, method: str = "GET", **headers: str) -> Answer:
    told: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nothing is read of a request for a file")

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await console({"type": "http", "path": path, "method": method, "headers": given}, receive, send)
    start, body = told
    return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"])


@pytest.fixture
def console(tmp_path: Path) -> Console:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<meta nonce="__NONCE__">')
    script = tmp_path / "assets" / "index-abc.js"
    script.write_bytes(SCRIPT)
    script.with_name("index-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "before.js").write_text("1;")
    return Console(api, tmp_path)


@pytest.mark.parametrize("path", ["/", "/console", "/console/", "/console/overview", "/console/requests/req_1"])
async def test_a_place_of_the_console_is_the_page_with_a_nonce_of_its_own(console: Console, path: str) -> None:
    one, other = await ask(console, path), await ask(console, path)
    assert one.status == 200
    assert one.headers["cache-control"] == "no-store"
    assert one.body != other.body
    assert b"__NONCE__" not in one.body
    nonce = one.body.split(b'"')[1].decode()
    policy = one.headers["content-security-policy"]
    assert f"style-src 'self' 'nonce-{nonce}';" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert one.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api/v1/accounts", "/v1/models", "/health", "/consoles", "/assets/index-abc.js"])
async def test_what_is_not_the_consoles_goes_on_to_the_api(console: Console, path: str) -> None:
    assert (await ask(console, path)).status == 418


async def test_a_hashed_file_is_kept_for_ever_and_comes_compressed_to_who_takes_it(console: Console) -> None:
    plain = await ask(console, "/console/assets/index-abc.js")
    assert plain.body == SCRIPT
    assert "immutable" in plain.headers["cache-control"]
    small = await ask(console, "/console/assets/index-abc.js", accept_encoding="br, gzip;q=0.5")
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == SCRIPT
    assert int(small.headers["content-length"]) == len(small.body)
    known = await ask(console, "/console/assets/index-abc.js", if_none_match=plain.headers["etag"])
    assert (known.status, known.body) == (304, b"")


async def test_a_file_without_a_hash_is_asked_for_anew(console: Console) -> None:
    assert (await ask(console, "/console/before.js")).headers["cache-control"] == "no-cache"


async def test_a_file_of_an_older_build_is_no_page(console: Console) -> None:
    assert (await ask(console, "/console/assets/index-old.js")).status == 404


@pytest.mark.parametrize(
    "path", ["/console/../pyproject.toml", "/console/assets/../../secret", "/console/index.html"]
)
async def test_no_path_leads_out_of_the_folder(console: Console, path: str) -> None:
    answer = await ask(console, path)
    assert answer.status == 404 or answer.headers["content-type"].startswith("text/html")


async def test_a_write_is_refused_and_a_look_gives_no_body(console: Console) -> None:
    assert (await ask(console, "/console/overview", "POST")).status == 405
    looked = await ask(console, "/console/overview", "HEAD")
    assert looked.status == 200
    assert looked.body == b""


async def test_without_a_build_everything_goes_on_to_the_api(tmp_path: Path) -> None:
    console = Console(api, tmp_path)
    assert not console.is_built
    assert (await ask(console, "/")).status == 418


def _first_load(manifest: dict[str, Any], entry: str) -> set[str]:
    """The scripts that a page needs at once: those that its script imports, and what they import."""
    found, ahead = set(), [entry]
    while ahead:
        chunk = manifest[ahead.pop()]
        if chunk["file"] not in found:
            found.add(chunk["file"])
            ahead += chunk.get("imports", ())
    return found


def test_the_first_load_is_within_its_budget_of_script() -> None:
    path = STATIC / "manifest.json"
    if not path.is_file():
        pytest.skip("NOT RUN: the console is not built (make console)")
    manifest = json.loads(path.read_text())
    pages = [name for name in manifest if re.match(r"src/pages/(\w+/)*\w+\.tsx$", name)]
    assert len(pages) >= 35
    for page in pages:
        files = _first_load(manifest, "index.html") | _first_load(manifest, page)
        files |= {manifest[f"src/words/zh/{name}.ts"]["file"] for name in WORDS.get(page.split("/")[2], ["all"])}
        size = sum(len(gzip.compress((STATIC / file).read_bytes())) for file in files if file.endswith(".js"))
        assert size < FIRST_LOAD_BYTES, (page, size)

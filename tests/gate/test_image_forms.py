"""Pictures made from pictures: forms with files pass as they came, and are metered like pictures from a text."""

from __future__ import annotations

import httpx2
import msgspec
import pytest

from faregate.core.usage import Usage
from tests.gate.answers import event, reply, replying, streaming
from tests.gate.house import House, house
from tests.gate.responses_answers import DRAWN, IMAGE_USAGE

EDITS = "/v1/images/edits"
VARIATIONS = "/v1/images/variations"
PICTURE = b"\x89PNG\r\n\r\n--not-the-boundary\r\n" + bytes(range(256)) * 400
FIELDS = {"model": "gpt", "prompt": "a cat, größer", "n": "2"}


def form(**fields: str) -> tuple[bytes, tuple[bytes, bytes]]:
    """A body with a picture as an official SDK sends it, and its content type."""
    files = {"image": ("image.png", PICTURE, "image/png")}
    request = httpx2.Request("POST", "http://x", data=fields, files=files)
    return request.read(), (b"content-type", request.headers["content-type"].encode())


async def send(home: House, path: str, **fields: str) -> tuple[int, bytes]:
    body, kind = form(**fields)
    status, _, said = await home.ask(path, body, (kind,))
    return status, said


@pytest.mark.parametrize("path", [EDITS, "/images/edits", VARIATIONS])
async def test_a_form_passes_byte_for_byte_but_for_the_model(path: str) -> None:
    seen: list[bytes] = []
    body, kind = form(**FIELDS)
    async with house(replying(reply({**DRAWN, "usage": IMAGE_USAGE}), seen)) as home:
        status, _, said = await home.ask(path, body, (kind,))
        closing = await home.books.only_closing()
        (held,) = home.books.held
    head, _, sent = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1" + path.removeprefix("/v1").encode() + b" HTTP/1.1\r\n")
    assert b"\r\ncontent-type: " + kind[1] in head
    assert head.lower().count(b"content-type") == 1
    assert b"authorization: Bearer sk-upstream" in head
    assert sent == body.replace(b'name="model"\r\n\r\ngpt\r\n', b'name="model"\r\n\r\ngpt-upstream\r\n')
    assert status == 200, said
    assert closing.usage == Usage(input=20, output=2112, images=2)
    assert (held.usage.images, held.usage.prompts) == (2, 0)
    assert 1_600 < held.usage.input < 2_000  # the picture counts as one, not by its bytes


async def test_every_model_of_a_form_is_the_one_that_is_paid_for() -> None:
    seen: list[bytes] = []
    body, kind = form(**FIELDS)
    twice = body.replace(b'name="n"\r\n\r\n2', b'name="model"\r\n\r\ngpt')
    async with house(replying(reply(DRAWN), seen)) as home:
        assert (await home.ask(EDITS, twice, (kind,)))[0] == 200
    assert seen[0].count(b"gpt-upstream") == 2


async def test_a_streamed_edit_is_charged_at_its_end() -> None:
    events = [
        event("image_edit.partial_image", b64_json="aGk="),
        event("image_edit.completed", b64_json="aGk=", usage=IMAGE_USAGE),
    ]
    async with house(streaming(events)) as home:
        status, said = await send(home, EDITS, model="gpt", prompt="x", stream="true")
        closing = await home.books.only_closing()
    assert (status, said) == (200, b"".join(events))
    assert closing.usage == Usage(input=20, output=2112, images=1)


async def test_edits_may_be_asked_for_in_json() -> None:
    seen: list[bytes] = []
    body = {"model": "gpt", "prompt": "x", "images": [{"image_url": "data:image/png;base64,aGk="}]}
    async with house(replying(reply(DRAWN), seen)) as home:
        assert (await home.ask(EDITS, body, ((b"content-type", b"application/json"),)))[0] == 200
    assert msgspec.json.decode(seen[0].partition(b"\r\n\r\n")[2]) == {**body, "model": "gpt-upstream"}
    assert b"\r\ncontent-type: application/json\r\n" in seen[0]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"prompt": "x"}, "field_missing"),
        ({"model": "gpt"}, "field_missing"),
        ({**FIELDS, "n": "many"}, "field_wrong_type"),
        ({**FIELDS, "n": "0"}, "field_out_of_range"),
    ],
)
async def test_a_form_that_lacks_something_is_refused_by_name(fields: dict[str, str], code: str) -> None:
    async with house(replying(b"")) as home:
        status, said = await send(home, EDITS, **fields)
        assert home.books.held == []
    assert (status, msgspec.json.decode(said)["error"]["code"]) == (400, code)


async def test_a_form_that_two_readers_could_take_in_two_ways_is_refused() -> None:
    body, (name, kind) = form(**FIELDS)
    boundary = kind.rpartition(b"=")[2]
    other = body.replace(boundary, b"another")
    ways = [
        (other, kind),
        (b"before\r\n" + body, kind),
        (body + b"more", kind),
        (other + body, kind),
        (body, kind + b"; boundary=another"),
        (body, b"multipart/form-data"),
        (body, b"multipart/mixed; boundary=" + boundary),
        (body[:-20], kind),
        (body.replace(b'name="model"', b'name="x"; name="model"'), kind),
        (body.replace(b'name="model"', b"name=model"), kind),
        (body.replace(b'name="model"', b"name=\"x\"; name*=utf-8''model"), kind),
        (body.replace(b'name="model"\r\n', b'name="x"\r\nContent-Disposition: form-data; name="model"\r\n'), kind),
        (body.replace(b'name="model"\r\n', b'name="model"\r\nContent-Transfer-Encoding: base64\r\n'), kind),
        (body.replace(b'name="model"\r\n', b'name="x"\r\n ; name="model"\r\n'), kind),
    ]
    async with house(replying(b"")) as home:
        for sent, content_type in ways:
            status, _, said = await home.ask(EDITS, sent, ((name, content_type),))
            assert (status, msgspec.json.decode(said)["error"]["code"]) == (400, "body_not_multipart"), sent[:300]
        assert home.books.held == []
        assert home.upstream.connections == 0

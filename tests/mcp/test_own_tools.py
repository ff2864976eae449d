"""What each of the gate's own tools does: reading pages, looking at images, asking search services."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from faregate.mcp.search_forms import BRAVE, GENERIC, TAVILY, found_in
from faregate.wire.exchange import Exchange
from tests.mcp.conftest import own_tools
from tests.mcp.house import SEARCH_KEY, Tooled, Web, page, said, tooled
from tests.mcp.test_metering import PNG

ARTICLE = (
    "<html><head><title> How  gates open </title></head><body><nav><a href='/'>Home</a><a href='/x'>Menu</a></nav>"
    "<article><h1>How gates open</h1>"
    + "".join(
        f"<p>Paragraph {number} tells at some length how a fare gate opens and closes.</p>" for number in range(8)
    )
    + "</article><footer>Imprint and cookies</footer></body></html>"
)


async def read(made: Tooled, url: str, **more: Any) -> Any:
    _, secret = await made.account("glm/lite")
    return await made.use(secret, "web_read", {"url": url, **more})


async def test_a_page_is_read_without_its_menus(made: Tooled) -> None:
    made.web.pages["/article"] = page(ARTICLE)
    result = await read(made, made.web.url("/article"))
    told = result.structured_content
    assert (told["url"], told["title"]) == (made.web.url("/article"), "How gates open")
    assert "Paragraph 7 tells" in told["text"]
    assert "Imprint" not in told["text"]
    assert "Menu" not in told["text"]
    assert said(result).startswith(f"# How gates open\n{made.web.url('/article')}\n\n")


async def test_a_long_page_is_cut_and_read_on(made: Tooled) -> None:
    made.web.pages["/long"] = page("word " * 500, "text/plain")
    first = await read(made, made.web.url("/long"))
    told = first.structured_content
    assert (len(told["text"]), told["characters"], told["next_start"]) == (1000, 2499, 1000)
    assert "Go on with start=1000" in said(first)
    last = await read(made, made.web.url("/long"), start=2000)
    assert (len(last.structured_content["text"]), "next_start" in last.structured_content) == (499, False)


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b'{"a": 1}', "application/json", '{"a": 1}'),
        ("中文网页".encode("gb18030"), "text/plain; charset=gb18030", "中文网页"),
        ("<p>中文网页的内容</p>".encode("gb18030"), "text/html; charset=gb18030", "中文网页的内容"),
        (b"plain", "text/plain; charset=no-such", "plain"),
        (b"", "text/html", "[The page has no text.]"),
        (b"<html><body></body></html>", "text/html", "[The page has no text.]"),
    ],
)
async def test_texts_of_other_kinds_and_scripts(made: Tooled, body: bytes, kind: str, text: str) -> None:
    made.web.pages["/"] = page(body, kind)
    assert text in said(await read(made, made.web.url()))


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/missing", "The page answered with status 404."),
        ("/zip", "The page was not read: it is application/zip, not text/"),
        ("/inside", "The page was not read: 10.0.0.1 is not on the public internet."),
        ("/loop", "The page was not read: it redirects more than 5 times."),
    ],
)
async def test_pages_that_are_not_read_say_why(made: Tooled, path: str, problem: str) -> None:
    made.web.pages |= {
        "/zip": page(b"PK", "application/zip"),
        "/inside": page("", status=302, location="http://10.0.0.1/"),
        "/loop": page("", status=302, location="/loop"),
    }
    result = await read(made, made.web.url(path))
    assert result.is_error
    assert said(result).startswith(problem)
    assert said(result).endswith("Nothing was charged.")


async def test_a_page_that_takes_too_long_to_take_apart_is_given_up_and_the_next_one_is_read(
    tmp_path: Path,
) -> None:
    def hasty(web: Web) -> dict[str, Any]:
        return own_tools(web) | {"web_read": {"seconds": 5}}

    async with tooled(tmp_path, hasty) as made:
        made.web.pages["/tangle"] = page("<html><body>" + "<b><i><p>" * 100_000 + "</body></html>")
        made.web.pages["/article"] = page(ARTICLE)
        tangle = await read(made, made.web.url("/tangle"))
        assert said(tangle) == "The page is too complex to be read. Nothing was charged."
        assert not (await read(made, made.web.url("/article"))).is_error


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/", "file:///etc/passwd", "http://[::1]/", "http://127.1/", "http://u:p@site/"],
)
async def test_addresses_of_the_inside_are_not_read(made: Tooled, url: str) -> None:
    assert (await read(made, url)).is_error
    assert made.web.asked == []


async def test_what_a_site_asks_of_robots_is_followed_where_the_operator_wants_it(tmp_path: Path) -> None:
    def polite(web: Web) -> dict[str, Any]:
        return own_tools(web) | {"web_read": {"robots": True, "user_agent": "Faregate"}}

    async with tooled(tmp_path, polite) as made:
        made.web.pages["/"] = made.web.pages["/private/x"] = page("text", "text/plain")
        made.web.pages["/robots.txt"] = page("User-agent: faregate\nDisallow: /private/\n", "text/plain")
        assert not (await read(made, made.web.url("/"))).is_error
        refused = await read(made, made.web.url("/private/x"))
        assert said(refused) == "The site asks robots not to read this page. Nothing was charged."
        assert [each.path for each in made.web.asked] == [b"/robots.txt", b"/"]
        del made.web.pages["/robots.txt"]
        assert not (await read(made, made.web.url("/private/x", "norules.example"))).is_error
        made.web.pages["/robots.txt"] = page("", "text/plain", 500)
        assert (await read(made, made.web.url("/", "broken.example"))).is_error


async def test_vision_asks_a_model_about_an_image_by_address(made: Tooled) -> None:
    made.web.pages["/image"] = page(base64.b64decode(PNG), "image/png")
    _, secret = await made.account("glm/lite")
    result = await made.use(secret, "vision", {"image": made.web.url("/image"), "question": "What is it?"})
    assert not result.is_error, said(result)
    (call,) = made.seen
    asked = json.loads(call.body)
    text, image = asked["messages"][0]["content"]
    assert (asked["model"], text["text"]) == ("gpt-5", "What is it?")
    assert image["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    # The only name of it that this model takes.
    assert {name for name in asked if name.startswith("max_")} == {"max_completion_tokens"}
    assert said(result)


@pytest.mark.parametrize("image", [PNG, f"data:image/png;base64,{PNG}", f"data:image/jpeg;base64,{PNG}"])
async def test_an_image_may_come_as_base64_and_is_what_its_bytes_say(made: Tooled, image: str) -> None:
    _, secret = await made.account("glm/lite")
    assert not (await made.use(secret, "vision", {"image": image})).is_error
    assert b"data:image/png;base64," in made.seen[0].body


async def test_an_image_of_the_inside_is_not_fetched(made: Tooled) -> None:
    _, secret = await made.account("glm/lite")
    result = await made.use(secret, "vision", {"image": "http://169.254.169.254/x.png"})
    assert "The image was not read: 169.254.169.254 is not on the public internet." in said(result)
    assert made.seen == []


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ("gone", "The model for images did not answer."),
        ("unknown", "No upstream serves the model for images."),
    ],
)
async def test_a_model_that_cannot_be_had_costs_nothing(tmp_path: Path, model: str, problem: str) -> None:
    async with tooled(tmp_path, lambda web: {"vision": {"model": model}}) as made:
        account, secret = await made.account("glm/lite")
        result = await made.use(secret, "vision", {"image": PNG})
        assert said(result) == f"{problem} Nothing was charged."
        await made.settled()
        assert made.windows(account)["glm/lite:5h"]["used"] == "0"
        for live in made.upstreams.upstreams:
            assert live.open == 0


async def test_a_model_of_another_dialect_is_asked_in_its_own(tmp_path: Path) -> None:
    async with tooled(tmp_path, lambda web: {"vision": {"model": "claude-sonnet-4", "most_tokens": 50}}) as made:
        account, secret = await made.account("glm/lite")
        result = await made.use(secret, "vision", {"image": PNG, "question": "What is it?"})
        assert not result.is_error, said(result)
        asked = json.loads(made.seen[0].body)
        assert asked["max_tokens"] == 50
        kinds = [block["type"] for block in asked["messages"][0]["content"]]
        assert sorted(kinds) == ["image", "text"]
        await made.settled()
        (row,) = made.rows(account)
        assert (row["upstream"], row["usage"]["tool_calls"]) == ("messages", 1)
        assert row["usage"]["output"] > 0


# ---- search services


def searching(**form: Any) -> Any:
    def section(web: Web) -> dict[str, Any]:
        return {"web_search": {"url": web.url("/search", "127.0.0.1"), **form}}

    return section


async def test_a_service_asked_by_post_gets_its_key_as_a_bearer(tmp_path: Path) -> None:
    seen: list[Exchange] = []

    def answer(exchange: Exchange) -> None:
        seen.append(exchange)
        told = {"results": [{"title": "T", "url": "https://a.example/", "content": "C", "score": 0.5}]}
        page(msgspec.json.encode(told), "application/json")(exchange)

    more = {"parameters": {"topic": "news", "include_answer": False}}
    async with tooled(tmp_path, searching(form="tavily", key_env="SEARCH_KEY", **more)) as made:
        made.web.pages["/search"] = answer
        _, secret = await made.account("glm/lite")
        result = await made.use(secret, "web_search", {"query": "q", "count": 3})
        assert result.structured_content == {
            "query": "q",
            "results": [{"title": "T", "url": "https://a.example/", "text": "C"}],
        }
        (exchange,) = seen
        assert exchange.headers[b"authorization"] == f"Bearer {SEARCH_KEY}".encode()
        told = {"topic": "news", "include_answer": False, "query": "q", "max_results": 3}
        assert (exchange.method, json.loads(exchange.body)) == (b"POST", told)


async def test_a_service_of_any_kind_is_one_mapping(tmp_path: Path) -> None:
    mapping = {
        "form": "json",
        "query": "search",
        "parameters": {"format": "json", "safe": True},
        "results": "data.items",
        "fields": {"title": "name", "url": "link.href", "text": "about"},
    }
    async with tooled(tmp_path, searching(**mapping)) as made:
        items = [{"name": "N", "link": {"href": "https://a.example/"}, "about": "A\n b"}, {"name": "no address"}, 7]
        made.web.pages["/search"] = page(msgspec.json.encode({"data": {"items": items}}), "application/json")
        _, secret = await made.account("glm/lite")
        result = await made.use(secret, "web_search", {"query": "a b"})
        assert result.structured_content["results"] == [{"title": "N", "url": "https://a.example/", "text": "A b"}]
        assert made.web.asked[0].query == b"format=json&safe=true&search=a+b"
        assert b"authorization" not in made.web.asked[0].headers


@pytest.mark.parametrize("form", [BRAVE, TAVILY, GENERIC])
@pytest.mark.parametrize("answer", [None, 5, "x", [], [1], {"web": 1}, {"web": {"results": 1}}, {"results": {}}])
def test_no_answer_of_a_service_is_too_odd_to_read(form: Any, answer: object) -> None:
    assert not found_in(answer, form, 5)


async def test_nothing_found_is_an_answer(made: Tooled) -> None:
    made.web.pages["/search"] = page('{"type": "search"}', "application/json")
    account, secret = await made.account("glm/lite")
    assert said(await made.use(secret, "web_search", {"query": "xyzzy"})) == "Nothing was found for: xyzzy"
    await made.settled()
    assert len(made.rows(account)) == 1

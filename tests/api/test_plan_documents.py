"""Published plan files over the API."""

from __future__ import annotations

from tests.api.door import Door


async def test_a_plan_file_is_given_as_it_was_published(door: Door) -> None:
    told = await door.done("GET", "/plans/88code/free/document")
    assert (told["plan"], told["family"]) == ("88code/free", "88code")
    assert (await door.done("POST", "/plans", {"document": told["document"]}))["published"] == []
    again = await door.done("GET", "/plans/88code/free/document", query={"version": told["version"]})
    assert again == told


async def test_a_version_that_is_not_there_has_no_file(door: Door) -> None:
    answer = await door.call("GET", "/plans/88code/free/document", query={"version": "none"})
    assert answer.status == 404

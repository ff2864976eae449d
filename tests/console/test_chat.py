"""Studio Chat in a browser before a live server: answers as they come, their payers, stopping, pictures, the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Route

from tests.console.visitor import Visitor
from tests.service.served import Served
from tests.service.test_live_scenarios import worth


def chatter(served: Served, visitor: Visitor, email: str, *, balance: str = "5") -> str:
    """A customer with a plan and a balance, at the chat."""
    account = visitor.sign_up(email)
    served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": "agipower/pro"})
    served.books.call("POST", f"/accounts/{account}/grants", {"plan": "agipower/payg", "amount": balance})
    visitor.go("/chat")
    return account


def say(visitor: Visitor, text: str) -> None:
    visitor.page.get_by_label(re.compile("^(Message|消息)$")).fill(text)
    visitor.page.keyboard.press("Enter")


def cost(visitor: Visitor, place: int) -> Locator:
    """What stands below the answer at ``place``, once it is settled."""
    found = visitor.page.get_by_test_id("cost").nth(place)
    found.wait_for()
    return found


def kept(visitor: Visitor) -> dict[str, Any]:
    """The conversation that is shown, as the server has it."""
    told: dict[str, Any] = visitor.get("/me/conversations/" + visitor.page.url.rpartition("c=")[2])
    return told


def test_s2_8_each_answer_tells_what_it_cost_and_is_paid_by_whom_its_conversation_says(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    chatter(served, visitor, "chat@example.com")
    say(visitor, "Billed to the plan")
    assert "from agipower/pro" in cost(visitor, 0).inner_text()
    visitor.page.get_by_role("radiogroup", name="Who pays").get_by_text("Wallet").click()
    visitor.page.get_by_text("Paid by your wallet").wait_for()
    say(visitor, "Billed to the balance")
    assert "USD from agipower/payg" in cost(visitor, 1).inner_text()
    told = kept(visitor)
    assert told["title"] == "Billed to the plan"
    assert told["billing"] == "api"
    assert [message["role"] for message in told["messages"]] == ["user", "assistant"] * 2
    cost(visitor, 1).get_by_role("link").click()
    visitor.page.wait_for_url(f"**/console/requests/{told['messages'][3]['request']}")
    visitor.page.locator(".fall svg").first.wait_for()
    assert visitor.complaints == []


def test_what_is_said_before_the_models_are_there_is_answered_all_the_same(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    asked: list[Route] = []

    def keep_waiting(route: Route) -> None:
        asked.append(route)

    visitor.page.route("**/api/v1/models", keep_waiting)
    chatter(served, visitor, "fast@example.com")
    say(visitor, "Said at once")
    visitor.page.wait_for_timeout(300)
    assert visitor.page.get_by_role("alert").count() == 0
    while asked:
        asked.pop().continue_()
    cost(visitor, 0)
    assert [message["role"] for message in kept(visitor)["messages"]] == ["user", "assistant"]
    assert visitor.complaints == []


def test_an_answer_is_stopped_by_escape_kept_so_far_and_replaced_by_another(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit("zh")
    chatter(served, visitor, "stop@example.com")
    say(visitor, "[[demo pace:20,words:400]] go on")
    visitor.page.locator(".chat-theirs[data-state=coming] .prose").wait_for()
    visitor.page.keyboard.press("Escape")
    cost(visitor, 0)
    first = kept(visitor)["messages"][1]
    assert 0 < len(first["parts"][0]["text"].split()) < 400
    visitor.page.get_by_role("button", name="重试").click()
    visitor.page.locator(".chat-theirs[data-state=coming]").wait_for()
    visitor.page.get_by_role("button", name="停止").click()
    visitor.page.locator(".chat-theirs[data-state]").wait_for(state="detached")
    assert [message["role"] for message in kept(visitor)["messages"]][:1] == ["user"]
    assert first["request"] not in visitor.page.content()
    assert visitor.complaints == []


def test_a_refusal_is_told_in_words_with_the_time_when_it_reopens(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    chatter(served, visitor, "dry@example.com", balance="0.000001")
    say(visitor, worth("4"))
    cost(visitor, 0)
    say(visitor, "One more")
    refused = visitor.page.get_by_role("alert")
    refused.wait_for()
    assert "Nothing is left to pay with just now" in refused.inner_text()
    assert re.search(r"Reopens in\s+\d+:\d\d:\d\d", refused.inner_text())
    assert visitor.violations() == []
    refused.get_by_role("button", name="Try again").click()
    visitor.page.get_by_role("alert").wait_for()
    assert [message["role"] for message in kept(visitor)["messages"]] == ["user", "assistant", "user"]
    assert visitor.complaints == []


def test_pictures_are_made_smaller_before_they_are_sent(
    served: Served, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    visitor = visit()
    chatter(served, visitor, "picture@example.com")
    drawn = visitor.page.evaluate(_DRAWN)
    (tmp_path / "wide.png").write_bytes(bytes(drawn))
    visitor.page.locator("input[type=file]").set_input_files(tmp_path / "wide.png")
    visitor.page.get_by_alt_text("Picture 1").wait_for()
    assert visitor.violations() == []
    say(visitor, "What is this?")
    cost(visitor, 0)
    parts = kept(visitor)["messages"][0]["parts"]
    assert [part["type"] for part in parts] == ["text", "image_url"]
    assert parts[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    shown = visitor.page.locator(".chat-mine img").first
    assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1568, 52]
    assert visitor.complaints == []


_DRAWN = """async () => {
  const canvas = new OffscreenCanvas(3000, 100);
  canvas.getContext("2d").fillRect(0, 0, 3000, 50);
  return Array.from(new Uint8Array(await (await canvas.convertToBlob({type: "image/png"})).arrayBuffer()));
}"""


def test_markdown_is_shown_and_nothing_of_it_runs(served: Served, visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    chatter(served, visitor, "markdown@example.com")
    wicked = '<img src=x onerror="fail()"> [link](javascript:fail()) ![p](https://far.example/p.png)'
    say(visitor, "`code` **bold** " + wicked)
    cost(visitor, 0)
    answer = visitor.page.locator(".chat-theirs .prose")
    assert answer.locator("code").inner_text() == "code"
    assert answer.locator("strong").inner_text() == "bold"
    assert answer.locator("img").count() == 0
    assert "javascript:" not in answer.inner_html()
    assert visitor.complaints == []


def test_conversations_are_renamed_and_deleted_also_on_a_phone(served: Served, visit: Callable[..., Visitor]) -> None:
    visitor = visit(width=390)
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    chatter(served, visitor, "list@example.com")
    say(visitor, "First words")
    cost(visitor, 0)
    visitor.page.get_by_role("button", name="Conversations").click()
    visitor.page.get_by_role("button", name="Rename or delete: First words").click()
    visitor.page.get_by_role("menuitem", name="Rename").click()
    visitor.page.get_by_label("Title").fill("Another name")
    visitor.page.get_by_role("button", name="Save").click()
    acts = visitor.page.get_by_role("button", name="Rename or delete: Another name")
    acts.wait_for()
    assert kept(visitor)["title"] == "Another name"
    acts.click()
    visitor.page.get_by_role("menuitem", name="Delete").click()
    visitor.page.wait_for_url("**/console/chat")
    visitor.page.get_by_text("What is on your mind?").wait_for()
    assert visitor.get("/me/conversations")["conversations"] == []
    assert visitor.overflow() == 0
    assert visitor.complaints == []

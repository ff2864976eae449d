"""How each tool is pointed here: what `faregate setup` shows, for everybody. No key is in it.

Owns its row and the shape of what it gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from faregate.api.console_operation import ConsoleOperation
from faregate.api.failures import BadBody
from faregate.api.own_schemas import TEXT, TRUTH, Schema, list_of, object_of
from faregate.api.visiting import Visit
from faregate.app.tool_setup.target import MESSAGES, Target
from faregate.app.tool_setup.tools import TOOLS, Tool

PLACEHOLDER = "YOUR-KEY"
_LONGEST = 200
SETUP: Schema = object_of(
    tools=list_of(
        object_of(
            id=TEXT,
            title=TEXT,
            api=TEXT,
            apis=list_of(TEXT),
            needs_model=TRUTH,
            by_hand=TRUTH,
            note=TEXT,
            base_url=TEXT,
            files=list_of(object_of(path=TEXT, text=TEXT)),
        )
    )
)


async def _setup(visit: Visit) -> Any:
    base, model = _base(visit), visit.query.get("model", "")
    small, api = visit.query.get("small_model", ""), visit.query.get("api", "")
    if any(len(text) > _LONGEST or not text.isprintable() for text in (model, small)):
        raise BadBody(f"a model's name has {_LONGEST} characters at most")
    return {"tools": [_told(tool, base, model, small, api) for tool in TOOLS.values()]}


def _base(visit: Visit) -> str:
    """The gate's root: the one that was given, else the public address."""
    url = visit.query.get("base", "") or visit.control.front.public_url or "http://127.0.0.1:8080"
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    fits = parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment
    if not fits or len(url) > _LONGEST or not url.isprintable() or any(mark in url for mark in " \"'\\"):
        raise BadBody("base is the address of a gate, as https://gate.example.com")
    return url.rstrip("/").removesuffix("/v1").rstrip("/")


def _told(tool: Tool, base: str, model: str, small: str, api: str) -> dict[str, Any]:
    spoken = api if api in tool.apis else tool.apis[0]
    # A tool that needs a model gets a name to be replaced.
    named = model or ("MODEL" if tool.needs_model else "")
    target = Target(base, named, small, PLACEHOLDER, spoken, Path("~"), {})
    changes = tool.changes(target) if tool.changes is not None else []
    return {
        "id": tool.id,
        "title": tool.title,
        "api": spoken,
        "apis": list(tool.apis),
        "needs_model": tool.needs_model,
        "by_hand": tool.changes is None,
        "note": tool.note,
        "base_url": target.base if spoken == MESSAGES else target.v1,
        "files": [{"path": str(change.path), "text": change.text(None)} for change in changes],
    }


SETUP_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "GET",
        "/setup",
        "get_setup",
        "How to point each tool here: what stands in which of its files",
        _setup,
        query=(
            ("base", "Address of the gate; its public one when left out."),
            ("model", "The model to use."),
            ("small_model", "The model for titles and other small work."),
            ("api", "Which API is spoken, where a tool can speak several."),
        ),
        answer=SETUP,
        open=True,
    ),
)

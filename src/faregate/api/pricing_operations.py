"""The operations about prices: of plans for everybody, of models for whoever is signed in.

Owns one row each, and how long what they give is kept: figures change when plans do.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from faregate.api.console_operation import ConsoleOperation
from faregate.api.visiting import Visit
from faregate.app.pricing import models_view, pricing_view

KEPT_SECONDS = 60


async def _pricing(visit: Visit) -> Any:
    control, now = visit.control, visit.write.now
    shelf = control.ledger.shelf
    key = (id(shelf), shelf.market.revision, now // (KEPT_SECONDS * 1_000_000))
    kept = control.priced
    if kept is None or kept[0] != key:
        # Hundreds of figures: not in the thread that serves requests.
        view = await asyncio.to_thread(pricing_view, shelf, now, control.front.families, control.months)
        kept = control.priced = key, json.dumps(view, ensure_ascii=False).encode()
    return kept[1]


async def _models(visit: Visit) -> Any:
    control = visit.control
    return {"models": models_view(control.model_names(), control.ledger.shelf.market, visit.write.now)}


PRICING_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "GET",
        "/pricing",
        "get_pricing",
        "Plans on sale: prices, limits, models, computed figures",
        _pricing,
        open=True,
        cached=KEPT_SECONDS,
    ),
    ConsoleOperation("GET", "/models", "list_models", "Models that are served, with their list prices", _models),
)

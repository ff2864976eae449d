"""The tools that a request offers: those that can be carried, and those that only its own upstream can run.

Owns what becomes of the latter: they are left out and told where others remain, and refused where nothing would be
left. What one entry of the list comes to is each dialect's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from faregate.conversion.ask import JsonObject, NotCarried, Tool
from faregate.conversion.fields import list_at, object_of


class Offer(NamedTuple):
    """What one entry comes to: tools that can be carried, and in ``unable`` what of it cannot, '' for nothing."""

    tools: tuple[Tool, ...] = ()
    unable: str = ""


class OfferedTools(NamedTuple):
    """All tools of a request; ``unable`` names the entries that are left out."""

    carried: tuple[Tool, ...]
    unable: tuple[str, ...]


def offered_tools(body: JsonObject, offer_of: Callable[[JsonObject, str], Offer]) -> OfferedTools:
    """The tools of ``body``, each entry read by ``offer_of``, which is told where it stands. Raises NotCarried."""
    carried: list[Tool] = []
    unable: list[str] = []
    for index, raw in enumerate(list_at(body, "tools")):
        where = f"tools[{index}]"
        offer = offer_of(object_of(raw, where), where)
        carried += offer.tools
        if offer.unable:
            unable.append(f"{where} ({offer.unable})")
    if unable and not carried:
        raise NotCarried(unable[0], "this tool runs at its own upstream only, and no other is offered")
    return OfferedTools(tuple(carried), tuple(unable))

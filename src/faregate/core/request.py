"""A request as the engine sees it, and what the engine says about it.

Owns the values that enter and leave a decision. They know no HTTP and no store.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faregate.core.entry import Entry
from faregate.core.usage import Usage


class Request(NamedTuple):
    """``id`` names it for ever; ``usage`` is the estimate to hold (in a replay, the usage itself).

    ``model`` is canonical, or ``tool/<name>``. ``session`` and ``prompt`` (a key, not the text) serve the counting
    of prompts; ``usage.prompts`` is 1 when it opens a user turn. ``evidence``: the signs by which ``client`` was
    recognised, None where it is somebody's word (a log's). ``billing``: what its caller asks to be billed as, `plan`
    or `api`; '' as its plans say. ``kind``: that of ``key``, '' when it draws on all plans of the account.
    """

    id: str
    model: str
    usage: Usage
    client: str = ""
    key: str = ""
    session: str = ""
    prompt: str = ""
    evidence: tuple[str, ...] | None = None
    billing: str = ""
    kind: str = ""


class Asker(NamedTuple):
    """Who asks, as far as plans care; the fields are those of ``Request``."""

    client: str = ""
    evidence: tuple[str, ...] | None = None
    billing: str = ""
    kind: str = ""


_new_asker = tuple.__new__


def asker_of(request: Request) -> Asker:
    """Who makes ``request``."""
    return _new_asker(Asker, (request[3], request[7], request[8], request[9]))


def asker_held(data: dict[str, Any]) -> Asker:
    """Who made the request whose hold has this record."""
    evidence = data.get("evidence")
    return Asker(
        data["client"], None if evidence is None else tuple(evidence), data.get("billing", ""), data.get("kind", "")
    )


class Block(NamedTuple):
    """Why one payer could not pay. ``subject`` names the window or pool; ``retry_at`` None means not by waiting."""

    payer: str
    reason: str
    subject: str
    retry_at: int | None


class Refused(NamedTuple):
    """A refusal: the binding reason and subject, when the request would pass, and every payer's own block."""

    reason: str
    subject: str
    retry_at: int | None
    blocks: tuple[Block, ...] = ()


class Slice(NamedTuple):
    """What one payer pays of one request, at one multiplier.

    ``amount`` is in the smallest parts of ``unit`` and comes out of ``lots`` where there is a pool; ``debt`` is what
    nobody covered. ``list_value`` is in 10⁻⁹ of ``currency``. ``windows``: (key, anchor, amount) counted.
    ``factors``: (name, value) in the order applied; their product is ``multiplier``.
    """

    payer: str
    plan: str
    pool: str | None
    unit: str
    amount: int
    debt: int
    list_value: int
    currency: str | None
    multiplier: str
    factors: Any
    card: str | None
    lots: Any
    windows: Any
    bracket: int = 0


class Admitted(NamedTuple):
    """An admission: the journal entry that holds it. ``entry`` is the next of the account."""

    entry: Entry
    uncovered: bool

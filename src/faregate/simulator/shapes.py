"""The shapes of a usage file's lines: which fields a line of usage and each operator event has.

Owns the one table from which lines are read and the JSON Schema is made. Does not read files.
"""

from __future__ import annotations

from typing import NamedTuple

from faregate.simulator.phrase import Phrase
from faregate.simulator.values import AMOUNT, CALLS, COUNT, FACTOR, INSTANT, MODE, TEXT, TRUTH, WHOLE, Kind


class Field(NamedTuple):
    """One field: its kind, whether it must be there, and what it says."""

    kind: Kind
    required: bool
    says: str


class Shape(NamedTuple):
    """One kind of line. ``name`` is the phrase that complaints say; ``does`` says what the line means."""

    name: Phrase
    does: str
    fields: dict[str, Field]


def _may(kind: Kind, says: str) -> Field:
    return Field(kind, False, says)


def _must(kind: Kind, says: str) -> Field:
    return Field(kind, True, says)


AT = _must(INSTANT, "When it happened: RFC 3339 with a zone. Lines stand in the order of time.")
_PLAN_SAYS = "The plan it is done to; may be left out where only one plan of the account can be meant."
PLAN = _may(TEXT, _PLAN_SAYS)
POOL = _may(TEXT, "The pool of the plan; its first where left out.")

USAGE = Shape(
    Phrase("usage"),
    "One request, with what it used.",
    {
        "at": AT,
        "model": _may(TEXT, "The model, by its id or any name the price files know. Required without `tool`."),
        "client": _may(TEXT, "Which client called, such as claude-code: plans may be for some clients only."),
        "billing": _may(TEXT, "What the caller asked to be billed as: api or plan; as its plans say where left out."),
        "evidence": _may(TEXT, "The signs by which the client was recognised, with spaces between."),
        "session": _may(TEXT, "The conversation; calls are counted under the prompts of their session."),
        "key": _may(TEXT, "The API key it was made with, by any name: some limits count each key for itself."),
        "key_kind": _may(
            TEXT, "The kind of that key, as family/kind: it draws on its own plans alone. Left out: on all."
        ),
        "prompt": _may(TRUTH, "True when the request opens a turn of the user. False where left out."),
        "input": _may(COUNT, "Uncached input tokens."),
        "cached": _may(COUNT, "Input tokens read from the cache."),
        "cache_write_5m": _may(COUNT, "Input tokens written to the cache for 5 minutes."),
        "cache_write_1h": _may(COUNT, "Input tokens written to the cache for 1 hour."),
        "output": _may(COUNT, "Output tokens, reasoning included."),
        "images": _may(COUNT, "Images made."),
        "tool": _may(TEXT, "For MCP use: the tool, charged as `tool/NAME`; `model` then only says who asked."),
        "calls": _may(CALLS, "With `tool`: how many calls. 1 where left out."),
    },
)

EVENTS: dict[str, Shape] = {
    "grant": Shape(
        Phrase("grant"),
        "The house puts an amount into a pool or wallet. Debt is repaid first; an opt-in wallet is switched on "
        "unless its owner switched it off.",
        {
            "plan": _may(TEXT, "Plan or wallet. Left out: the only plan, or the first to pay of one family's."),
            "pool": POOL,
            "amount": _must(AMOUNT, "How much, in the pool's unit, which may be named: 10 or '10 USD'."),
            "expires_at": _may(INSTANT, "When what is left of it lapses; never where left out."),
            "priority": _may(WHOLE, "Lower burns first; 0 where left out."),
            "reason": _may(TEXT, "Why, for the books."),
        },
    ),
    "reset": Shape(
        Phrase("reset"),
        "What is used in a window goes back to 0; its anchor stays where it is.",
        {"plan": PLAN, "window": _may(TEXT, "One window; all but guards where left out.")},
    ),
    "renew": Shape(
        Phrase("renew"),
        "A new paid period begins now: renewal pools are filled anew, what was left of them lapses. Plans that "
        "renew by themselves do so at each period's end without it.",
        {"plan": PLAN},
    ),
    "restore": Shape(
        Phrase("restore"),
        "The owner restores a pool to its cap. Where it is at its cap, or no restore is left today, nothing "
        "changes and the result says so.",
        {"plan": PLAN, "pool": POOL},
    ),
    "restore_mode": Shape(
        Phrase("restore_mode"),
        "Whether a pool restores itself when it is empty, or waits for its owner.",
        {"plan": PLAN, "pool": POOL, "mode": _must(MODE, "automatic or manual.")},
    ),
    "multiplier": Shape(
        Phrase("multiplier"),
        "The operator changes a scheduled multiplier from now on.",
        {
            "plan": PLAN,
            "name": _may(TEXT, "The multiplier; the plan's only scheduled one where left out."),
            "value": _must(FACTOR, "The new factor, exact."),
        },
    ),
    "segment": Shape(
        Phrase("segment"),
        "The account is put into a segment of customers, or taken out of it (until equal to at).",
        {
            "segment": _must(TEXT, "The segment's id in the plan file."),
            "until": _may(INSTANT, "When it ends; open where left out."),
            "reason": _must(TEXT, "Why, for the books."),
        },
    ),
    "cancel": Shape(
        Phrase("cancel"),
        "The plan ends with its period.",
        {"plan": PLAN, "at_once": _may(TRUTH, "True: it ends now.")},
    ),
    "subscribe": Shape(
        Phrase("subscribe"),
        "A plan is bought.",
        {
            "plan": _must(TEXT, "The plan, as family/plan or family/plan@version."),
            "price": _may(TEXT, "Which of its prices, by id; the first where left out."),
            "once": _may(TRUTH, "True: for one period, not renewed."),
        },
    ),
    "switch": Shape(
        Phrase("switch"),
        "The owner switches an opt-in wallet on or off.",
        {"plan": PLAN, "on": _must(TRUTH, "True: on.")},
    ),
    "extra_usage": Shape(
        Phrase("extra_usage"),
        "The owner switches Extra Usage of a plan on or off, or chooses the key that it is billed to.",
        {
            "plan": PLAN,
            "on": _must(TRUTH, "True: on."),
            "key": _may(TEXT, "The key, by any name; the one chosen before where left out, else `extra`."),
        },
    ),
    "terms": Shape(
        Phrase("terms"),
        "Other terms are put under a running plan: another version, or another plan of its family. Period, anchors "
        "and what was used stay.",
        {
            "plan": PLAN,
            "to": _must(TEXT, "The new terms, as family/plan or family/plan@version."),
        },
    ),
}
"""Operator and owner events by name; every one has `at` and `event` besides these fields."""

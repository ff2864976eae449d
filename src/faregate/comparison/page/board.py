"""The sign board on top: the verdict, the best plan as a ticket, and what was replayed at one look.

Owns that part alone.
"""

from __future__ import annotations

import re
from decimal import Decimal

from faregate.comparison.page import figures
from faregate.comparison.page.scene import Scene, is_zero
from faregate.comparison.page.speech import escaped
from faregate.comparison.result import PlanOutcome

# After a full stop that ends a sentence, not one inside GLM-4.7 or $1.20.
_FIRST_SENTENCE = re.compile(r"^(.+?(?:[.!?](?=\s+[^\s\da-z])|[。！？]))\s*(\S.*)$", re.DOTALL)

_LONG = 80
"""A headline of more letters is set smaller."""


def board(scene: Scene) -> str:
    """The head of the page."""
    ticket = _ticket(scene, scene.best) if scene.best else ""
    return (
        f'<header class="board"><div class="wrap"><div class="says">'
        f'<p class="eyebrow">{scene.speech.say("board.question")}</p>{_verdict(scene)}</div>'
        f"{ticket}{_facts(scene)}</div></header>"
    )


def _verdict(scene: Scene) -> str:
    verdict = scene.comparison["verdict"]
    parts = {"en": _two_parts(verdict["en"]), "zh": _two_parts(verdict["zh"])}
    heads = {language: first for language, (first, _) in parts.items()}
    size = ' class="long"' if len(heads["en"]) > _LONG else ""
    head = scene.speech.name(heads, "h1", size)
    rest = scene.speech.name({language: second for language, (_, second) in parts.items()}, "p", ' class="lead"')
    return head + rest


def _two_parts(verdict: str) -> tuple[str, str]:
    found = _FIRST_SENTENCE.match(verdict.strip())
    return (found[1], found[2]) if found else (verdict.strip(), "")


def _ticket(scene: Scene, plan: PlanOutcome) -> str:
    say = scene.speech.say
    rows = (
        ("ticket.admitted", escaped(figures.share(plan["admitted_share"]))),
        ("ticket.blocked", scene.span(plan["blocked_hours"]) if plan["blocks"] else say("ranking.never")),
        ("ticket.everything", scene.money(plan["everything_cost"])),
    )
    stubs = "".join(f"<div><dt>{say(key)}</dt><dd>{figure}</dd></div>" for key, figure in rows)
    return (
        f'<a class="ticket" href="#{anchor(scene, plan)}"{scene.speech.label("ticket.open", plan["id"])}>'
        f'<span class="kind">{say("ticket.best")}</span>{scene.speech.name(plan["names"], "strong")}'
        f'<span class="fare">{scene.money(plan["price_per_month"])}<small>{say("per.month")}</small></span>'
        f"{_saved(scene, plan)}<dl>{stubs}</dl></a>"
    )


def _saved(scene: Scene, plan: PlanOutcome) -> str:
    listed, paid = Decimal(scene.comparison["usage"]["list_value"]), Decimal(plan["everything_cost"])
    if listed <= 0 or paid >= listed:
        return ""
    return f'<span class="saved">{scene.speech.say("ticket.saved", figures.share(str(1 - paid / listed)))}</span>'


def _facts(scene: Scene) -> str:
    usage, say = scene.comparison["usage"], scene.speech.say
    days = escaped(figures.grouped(usage["days"]))
    begins, ends = scene.day(usage["begins"]), scene.day(usage["ends"])
    period = begins if begins == ends else f"{begins} – {ends.removeprefix(begins[:5])}"
    facts = [
        ("facts.period", f'<b class="dates">{period}</b>', say("facts.days", days)),
        ("facts.requests", f"<b>{figures.grouped(usage['requests'])}</b>", ""),
        ("facts.prompts", f"<b>{figures.grouped(usage['prompts'])}</b>", ""),
        ("facts.tokens", f"<b>{figures.compact(usage['tokens']['total'])}</b>", ""),
    ]
    if not is_zero(usage["list_value"]):
        facts.append(("facts.list_value", f"<b>{scene.money(usage['list_value'])}</b>", ""))
    items = "".join(
        f"<div><dt>{say(key)}</dt><dd>{figure}{f' <small>{more}</small>' if more else ''}</dd></div>"
        for key, figure, more in facts
    )
    return f'<dl class="facts"{scene.speech.label("facts.label")}>{items}</dl>'


def anchor(scene: Scene, plan: PlanOutcome) -> str:
    """Where the detail of a plan stands on the page."""
    return f"plan-{scene.rank(plan)}"

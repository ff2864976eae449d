"""What was replayed: the tokens by class, the models, the files it was read from, and what was left out.

Owns that section alone; the head of the page says it shorter.
"""

from __future__ import annotations

from decimal import Decimal

from faregate.comparison.page import figures
from faregate.comparison.page.figures import percent_of
from faregate.comparison.page.scene import Scene
from faregate.comparison.page.speech import escaped
from faregate.comparison.page.tables import row, table
from faregate.comparison.result import ModelUse, TokenCounts

MODELS_SHOWN = 12
_WAYS = {"logs", "mix"}


def usage(scene: Scene) -> str:
    """The section of what was replayed."""
    say = scene.speech.say
    facts = scene.comparison["usage"]
    way = facts["kind"] if facts["kind"] in _WAYS else "logs"
    return (
        f'<section id="usage" aria-labelledby="usage-title"><h2 id="usage-title">{say("usage.title")}</h2>'
        f'<p class="sub">{say(f"usage.{way}", facts["name"])}</p>'
        f'<div class="columns"><div>{_tokens(scene, facts["tokens"])}{_read(scene)}</div>'
        f"<div>{_models(scene)}</div></div></section>"
    )


def _classes(tokens: TokenCounts) -> list[tuple[str, int]]:
    return [
        ("cached", tokens["cached"]),
        ("input", tokens["input"]),
        ("write", tokens["cache_write_5m"] + tokens["cache_write_1h"]),
        ("output", tokens["output"]),
    ]


def _tokens(scene: Scene, tokens: TokenCounts) -> str:
    say = scene.speech.say
    total = Decimal(tokens["total"])
    left = Decimal(0)
    shapes, items = [], []
    for name, count in _classes(tokens):
        part = figures.share(str(count / total if total else Decimal(0)))
        if count:
            place, width = percent_of(left, total), percent_of(Decimal(count), total)
            shapes.append(f'<rect class="k-{name}" x="{place}%" width="{width}%" height="22"/>')
        items.append(
            f'<tr><th scope="row"><i class="swatch k-{name}"></i>{say(f"tokens.{name}")}</th>'
            f'<td class="n">{figures.compact(count)}</td><td class="n">{escaped(part)}</td></tr>'
        )
        left += count
    return (
        f'<h3>{say("tokens.title")}</h3><svg class="split" width="100%" height="22" role="img">'
        f"{say('tokens.words', figures.compact(tokens['total']), tag='title')}{''.join(shapes)}</svg>"
        f'<table class="tokens"><tbody>{"".join(items)}</tbody></table>'
    )


def _models(scene: Scene) -> str:
    say = scene.speech.say
    models = sorted(scene.comparison["usage"]["models"], key=lambda model: (-model["requests"], model["model"]))
    rows = [_model_row(scene, model) for model in models[:MODELS_SHOWN]]
    rest = models[MODELS_SHOWN:]
    if rest:
        requests = figures.grouped(sum(model["requests"] for model in rest))
        tokens = figures.compact(sum(model["tokens"]["total"] for model in rest))
        rows.append(row(say("models.rest", len(rest)), ((requests, True), (tokens, True), ("", True))))
    columns = ("model", "requests", "tokens", "list_value")
    return f"<h3>{say('models.title')}</h3>" + table(scene, "models", columns, frozenset(columns[1:]), rows)


def _model_row(scene: Scene, model: ModelUse) -> str:
    if model["list_value"] is None:
        value = scene.speech.say("models.no_price")
    else:
        value = escaped(figures.money(model["list_value"], model["currency"] or scene.comparison["currency"]))
    cells = (
        (figures.grouped(model["requests"]), True),
        (figures.compact(model["tokens"]["total"]), True),
        (value, True),
    )
    return row(f"<code>{escaped(model['model'])}</code>", cells)


def _read(scene: Scene) -> str:
    facts, say = scene.comparison["usage"], scene.speech.say
    lines = []
    if facts["files"]:
        tools = ", ".join(f"{name} {figures.grouped(count)}" for name, count in facts["tools"].items())
        lines.append(say("read.files", figures.grouped(facts["files"]), tools, tag="li"))
    if facts["sessions"]:
        lines.append(say("read.sessions", figures.grouped(facts["sessions"]), tag="li"))
    if facts["kind"] == "logs":
        broken = facts["broken_lines"]
        key = "read.broken" if broken else "read.whole"
        lines.append(say(key, figures.grouped(broken), tag="li", extra=' class="warn"' if broken else ""))
    if facts["unpriced_models"]:
        names = ", ".join(facts["unpriced_models"])
        lines.append(say("read.unpriced", names, tag="li", extra=' class="warn"'))
    for model, source in facts["prices_behind"].items():
        lines.append(say("read.behind", model, source, tag="li"))
    return f'<h3>{say("read.title")}</h3><ul class="plain">{"".join(lines)}</ul>' if lines else ""

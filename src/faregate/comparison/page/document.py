"""The whole page: one document that asks nothing of any network.

Owns the order of the parts, the head, and the data that the script reads. The security policy of the page allows its
own style and its own script by digest, and nothing else.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from faregate.comparison.page import palette
from faregate.comparison.page.board import board
from faregate.comparison.page.detail import details
from faregate.comparison.page.hours import hours
from faregate.comparison.page.notes import footer, notes
from faregate.comparison.page.ranking import ranking
from faregate.comparison.page.scene import Scene
from faregate.comparison.page.speech import LANGUAGES, Speech
from faregate.comparison.page.timeline import axis_of, shared_shapes
from faregate.comparison.page.usage import usage
from faregate.comparison.result import Comparison

_HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}
# The gate: two posts and the way between them.
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%230f1b26'/%3E"
    "%3Cpath d='M3 3h3v10H3zM10 3h3v10h-3zM6 7h3v2H6z' fill='%23ffcd3c'/%3E%3C/svg%3E"
)
_LOGO = (
    '<svg class="logo" width="22" height="22" viewBox="0 0 16 16" aria-hidden="true">'
    '<path d="M1 1h4v14H1zM11 1h4v14h-4zM5 7h4v2H5z"/></svg>'
)
_HALF_MOON = (
    '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><circle cx="9" cy="9" r="7"/>'
    '<path d="M9 2a7 7 0 010 14z"/></svg>'
)
_PATTERNS = (
    '<pattern id="hatch" width="6" height="6" '
    'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="p-ground" width="6" height="6"/>'
    '<rect class="p-line" width="3" height="6"/></pattern>'
    '<pattern id="lines" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<rect class="w-ground" width="4" height="4"/><rect class="w-line" width="4" height="2"/></pattern>'
)


def render(comparison: Comparison, language: str) -> str:
    """The page of ``comparison`` in ``language`` (``en`` or ``zh``; anything else reads English), as HTML."""
    speech = Speech(language)
    scene = Scene(comparison, speech)
    early, late = _read("before.js"), _read("page.js")
    return (
        f'<!doctype html><html lang="{_HTML_LANGUAGE[speech.language]}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(early, late)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="generator" content="Faregate">'
        f'<meta name="description" content="{speech.plain("page.description")}">'
        f'<title data-t="page.title">{speech.plain("page.title")}</title><link rel="icon" href="{_ICON}">'
        f"<style>{palette.variables()}{_read('page.css')}</style><script>{early}</script></head><body>"
        f'<a class="skip" href="#ranking">{speech.say("page.skip")}</a>{_shared(scene)}{_bar(speech)}{board(scene)}'
        f'<main class="wrap">{ranking(scene)}{details(scene)}{hours(scene)}{usage(scene)}{notes(scene)}</main>'
        f'<div class="wrap">{footer(scene)}</div>'
        f'<script type="application/json" id="data">{_data(scene)}</script><script>{late}</script></body></html>\n'
    )


def _shared(scene: Scene) -> str:
    """Patterns and shapes that are drawn in many places and stand here once."""
    shapes = _PATTERNS + shared_shapes(axis_of(scene))
    return f'<svg class="vh" width="0" height="0" aria-hidden="true"><defs>{shapes}</defs></svg>'


def _bar(speech: Speech) -> str:
    return (
        f'<div class="bar-top"><div class="wrap"><span class="brand">{_LOGO}Faregate</span>'
        f'<span class="switches js" hidden><button type="button" id="language" lang="{_HTML_LANGUAGE[speech.other]}">'
        f"{'中文' if speech.other == 'zh' else 'English'}</button>"
        f'<button type="button" id="theme"{speech.label("page.theme")}>{_HALF_MOON}</button></span></div></div>'
    )


def _data(scene: Scene) -> str:
    data = {
        "words": {language: dict(words) for language, words in LANGUAGES.items()},
        "refused": [plan["blocked_by_hour"] for plan in scene.replayed],
    }
    # Inside a script only these could end it or begin a comment.
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")


def _policy(*scripts: str) -> str:
    digests = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {digests}; "
        "base-uri 'none'; form-action 'none'"
    )


def _read(name: str) -> str:
    return (files("faregate.comparison.page") / name).read_text("utf-8").strip()

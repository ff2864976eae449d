"""Figures for reading: numbers with their units, bands, thousands and millions of tokens, in English and Chinese.

Owns how a figure is written. Rounds for showing only; does not compute.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.planfile.document import FamilyDocument
from faregate.planfile.figures import Figure, rounded
from faregate.planfile.phrases import number_words, unit_words
from faregate.planfile.spans import Span

_MILLION = 1_000_000
_ONE_EN = {"request": "a request", "prompt": "a prompt", "call": "a call", "image": "an image"}
_ONE_ZH = {"request": "每次请求", "prompt": "每次 prompt", "call": "每次调用", "image": "每张图片"}


def figure_text(document: FamilyDocument, figure: Figure, language: str) -> str:
    """The number of ``figure`` with its unit, or its words."""
    span = figure.span
    if span is None:
        return figure.text.text(language) if figure.text is not None else "–"
    return span_text(document, span, language, whole=True)


def span_text(document: FamilyDocument, span: Span, language: str, *, whole: bool = False) -> str:
    """``457.14M tokens``, ``8.33K–33.33K tokens a request``, ``0.55 CNY a million tokens``, ``4x``, ``20%``.

    ``whole`` leaves decimals out from a thousand on.
    """
    unit, _, below = (span.unit or "").partition("/")
    if below == "token" and unit:
        size = _size(span, Fraction(_MILLION), "", whole)
        return f"每百万 token {size} {unit}" if language == "zh" else f"{size} {unit} a million tokens"
    if not unit and 0 < span.high <= Fraction(1, 2):
        return f"{_size(span, Fraction(100), '', whole)}%"
    size = _size(span, Fraction(1), unit, whole)
    if not unit:
        return f"{size}x"
    said = size + _unit(document, unit, span, language)
    if not below:
        return said
    if language == "zh":
        return f"{_ONE_ZH.get(below, f'每 {below}')} {said}"
    return f"{said} {_ONE_EN.get(below, f'a {below}')}"


def _size(span: Span, times: Fraction, unit: str, whole: bool) -> str:
    low, high = (_number(end * times, unit, whole) for end in (span.low, span.high))
    return low if low == high else f"{low}–{high}"


def _number(amount: Fraction, unit: str, whole: bool) -> str:
    if unit == "token":
        for size, letter in ((_MILLION, "M"), (1000, "K")):
            if amount >= size:
                return number_words(Fraction(rounded(amount / size))) + letter
    if whole and amount >= 1000:
        return number_words(Fraction(rounded(amount, 0)))
    places = 2
    # What would round away is shown to its first two digits that say something.
    while 0 < amount < Fraction(1, 10 ** (places - 1)) and places < 8:
        places += 1
    return number_words(Fraction(rounded(amount, places)))


def _unit(document: FamilyDocument, unit: str, span: Span, language: str) -> str:
    own = document.units.get(unit)
    if own is not None:
        return f" {own.names.text(language)}"
    return unit_words(unit, language, span.high)

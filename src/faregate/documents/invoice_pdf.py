"""An invoice or credit note as PDF, A4, in English or Chinese.

Owns the layout. What Helvetica has no letters for is set in STSong-Light, one of the fonts that every reader of PDF
brings along for Chinese: none is embedded, and none is kept here. The same document gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from faregate.documents.invoice_words import WORDS, said

LATIN, LATIN_BOLD, CHINESE = "Helvetica", "Helvetica-Bold", "STSong-Light"
_LEFT, _RIGHT, _TOP, _BOTTOM = 20 * mm, A4[0] - 20 * mm, A4[1] - 25 * mm, 25 * mm
_LINE = 5.5 * mm
_GAP = 5 * mm


def invoice_pdf(view: Mapping[str, Any], language: str) -> bytes:
    """The PDF of ``view`` (as ``app.invoice.invoice_view`` gives it) in ``language`` (``en`` or ``zh``)."""
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=A4, invariant=1, pageCompression=0)
    canvas.setTitle(f"{said(language, view['kind'])} {view['number']}")
    page = _Page(canvas, language)
    _head(page, view)
    _parties(page, view)
    _lines(page, view)
    _sums(page, view)
    page.end()
    return held.getvalue()


class _Page:
    """Where the next line goes."""

    def __init__(self, canvas: Canvas, language: str) -> None:
        self._canvas = canvas
        self.words = WORDS[language]
        self.language = language
        self._y = _TOP
        self._number = 1

    def line(
        self, left: str = "", right: str = "", *, size: float = 10, bold: bool = False, at: float = _LEFT
    ) -> None:
        """Text, in as many lines as it needs; ``right`` ends at the right margin of the first."""
        taken = pdfmetrics.stringWidth(right, _font(right, bold), size) + _GAP if right else 0.0
        for number, piece in enumerate(written_lines(left, _font(left, bold), size, _RIGHT - at - taken)):
            if self._y < _BOTTOM:
                self._turn()
            if piece:
                self._canvas.setFont(_font(left, bold), size)
                self._canvas.drawString(at, self._y, piece)
            if right and not number:
                self._canvas.setFont(_font(right, bold), size)
                self._canvas.drawRightString(_RIGHT, self._y, right)
            self._y -= _LINE * max(1.0, size / 10)

    def rule(self) -> None:
        """A line across."""
        height = self._y + 0.72 * _LINE
        self._canvas.line(_LEFT, height, _RIGHT, height)

    def gap(self) -> None:
        """Room."""
        self._y -= _LINE

    def end(self) -> None:
        """The last page is full."""
        self._foot()
        self._canvas.showPage()
        self._canvas.save()

    def _turn(self) -> None:
        self._foot()
        self._canvas.showPage()
        self._y = _TOP
        self._number += 1

    def _foot(self) -> None:
        text = self.words["page"].format(page=self._number)
        self._canvas.setFont(_font(text, False), 8)
        self._canvas.drawRightString(_RIGHT, 15 * mm, text)


def _head(page: _Page, view: Mapping[str, Any]) -> None:
    words = page.words
    page.line(words[view["kind"]], size=20, bold=True)
    page.gap()
    page.line(f"{words['number']}: {view['number']}")
    page.line(f"{words['issued']}: {view['issued_at'][:10]}")
    if view["corrects"]:
        page.line(f"{words['corrects']}: {view['corrects']}")
    page.line(f"{words['order']}: {view['order']}")
    page.gap()


def _parties(page: _Page, view: Mapping[str, Any]) -> None:
    for who in ("seller", "buyer"):
        party = view[who]
        page.line(page.words[who], bold=True)
        for text in (party["name"], *party["address"]):
            page.line(text)
        if party["tax_number"]:
            page.line(f"{page.words['tax_number']}: {party['tax_number']}")
        page.gap()


def _lines(page: _Page, view: Mapping[str, Any]) -> None:
    page.line(page.words["description"], f"{page.words['amount']} ({view['currency']})", bold=True)
    page.rule()
    page.line(view["title"])
    for line in view["lines"]:
        page.line(said(page.language, line["code"]), _money(line["amount"]), at=_LEFT + 5 * mm)
    page.rule()


def _sums(page: _Page, view: Mapping[str, Any]) -> None:
    words, tax = page.words, view["tax"]
    if tax is not None:
        page.line(words["net"], _money(view["net"]))
        page.line(words["tax"].format(name=tax["name"], percent=tax["percent"]), _money(tax["amount"]))
    page.line(words["total"], f"{_money(view['total'])} {view['currency']}", bold=True)
    page.gap()
    for paid in view["paid"]:
        page.line(words["paid"].format(who=said(page.language, paid["by"])), _money(paid["amount"]))


def _money(text: str) -> str:
    """``-1234.50`` with its thousands apart."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, part = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{part}"


def _font(text: str, bold: bool) -> str:
    return (LATIN_BOLD if bold else LATIN) if _is_latin(text) else CHINESE


def written_lines(text: str, font: str, size: float, width: float) -> list[str]:
    """``text`` in pieces that fit into ``width``: broken at a space where there is one, else anywhere."""
    pieces, line = [], ""
    for letter in text:
        if line and pdfmetrics.stringWidth(line + letter, font, size) > width:
            space = line.rfind(" ") if letter != " " else len(line)
            pieces.append(line[:space] if space > 0 else line)
            line = line[space + 1 :] if space > 0 else ""
        line = (line + letter).lstrip(" ")
    return [*pieces, line]


def _is_latin(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True

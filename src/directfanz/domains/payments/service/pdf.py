"""An invoice or credit note as PDF: one page of real text in a font that comes with it, so that it can be searched, copied and read aloud.

The font has Latin (with Vietnamese), Greek, Cyrillic, Georgian and Thai letters. It also has Hebrew, Arabic and Devanagari, which are
set letter after letter, from left to right and unjoined. Other letters, such as Chinese or emoji, stand as boxes. The page of the order
tells every name in full.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from directfanz.domains.payments.models import Issued
from directfanz.kit.money import Money, plain

PLAIN, BOLD = "FiraGO", "FiraGO-Bold"
LEFT, RIGHT, TOP = 22 * mm, A4[0] - 22 * mm, A4[1] - 28 * mm
TITLES = {"invoice": "Invoice", "credit_note": "Credit note"}


def pdf_of(issued: Issued, platform: str, zone: str = "UTC") -> bytes:
    """The same bytes each time: the paper's own moment is the file's."""
    _fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, lang="en", invariant=1)
    title = f"{TITLES[issued.kind]} {issued.name}"
    canvas.setTitle(title)
    canvas.setAuthor(issued.paper.seller)
    canvas.setSubject(f"{title} for {issued.paper.buyer}")
    canvas.setCreator(platform)
    _Sheet(canvas, issued, platform, zone).draw(title)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Sheet:
    """Writes from top to bottom, which is the order in which it is read aloud."""

    def __init__(self, canvas: Canvas, issued: Issued, platform: str, zone: str) -> None:
        self._canvas, self._issued, self._platform, self._zone = canvas, issued, platform, zone
        self._y = TOP

    def draw(self, title: str) -> None:
        paper = self._issued.paper
        self._text(title, size=22, font=BOLD, after=9)
        self._text(f"Issued on {_day(self._issued.issued_at, self._zone)}", after=2)
        if paper.takes_back:
            self._text(f"For invoice {paper.takes_back}", after=2)
        self._text(f"Order {self._issued.order_id}", size=9, after=9)
        self._party("From", [paper.seller, paper.seller_country, paper.seller_address])
        self._party("To", [paper.buyer])
        for line in paper.lines:
            self._row(line.text, line.amount)
        self._rule()
        for words, amount in self._sums():
            self._row(words, amount)
        self._rule()
        self._row("Total", paper.total, font=BOLD, size=13)
        self._end()

    def _sums(self) -> Iterator[tuple[str, Money]]:
        paper = self._issued.paper
        yield "Subtotal", paper.subtotal
        if paper.discount.minor:
            yield "Discount", -paper.discount
        yield "Tax" if paper.tax.minor else "Tax: none was charged", paper.tax

    def _end(self) -> None:
        self._y -= 6 * mm
        if self._issued.paper.paid_with:
            self._text(f"Paid with {self._issued.paper.paid_with}.", after=2)
        elif self._issued.kind == "credit_note":
            self._text("This amount goes back to the card that it was paid with.", after=2)
        self._text(f"Issued through {self._platform} on behalf of {self._issued.paper.seller}.", size=9)

    def _party(self, label: str, lines: list[str]) -> None:
        self._text(label, size=9, after=1)
        for line in filter(None, lines):
            self._text(line, after=1)
        self._y -= 5 * mm

    def _row(self, words: str, amount: Money, font: str = PLAIN, size: int = 11) -> None:
        figure = f"{plain(amount)} {amount.currency}"
        self._canvas.setFont(font, size)
        room = RIGHT - LEFT - pdfmetrics.stringWidth(figure, font, size) - 8 * mm
        lines = simpleSplit(words, font, size, room) or [""]
        self._canvas.drawString(LEFT, self._y, lines[0])
        self._canvas.drawRightString(RIGHT, self._y, figure)
        self._y -= size * 1.5
        for more in lines[1:4]:
            self._canvas.drawString(LEFT, self._y, more)
            self._y -= size * 1.5

    def _rule(self) -> None:
        self._y -= 1 * mm
        self._canvas.setLineWidth(0.4)
        self._canvas.line(LEFT, self._y, RIGHT, self._y)
        self._y -= 6 * mm

    def _text(self, words: str, size: int = 11, font: str = PLAIN, after: float = 3) -> None:
        self._canvas.setFont(font, size)
        for line in simpleSplit(words, font, size, RIGHT - LEFT)[:4]:
            self._canvas.drawString(LEFT, self._y, line)
            self._y -= size * 1.35
        self._y -= after * mm


def _day(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%-d %B %Y}"


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(TTFont(PLAIN, io.BytesIO(FiraGO_Regular.fontbuffer)))
    pdfmetrics.registerFont(TTFont(BOLD, io.BytesIO(FiraGO_Bold.fontbuffer)))

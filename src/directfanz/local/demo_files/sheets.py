"""Words and chords on paper."""

from __future__ import annotations

import io
from pathlib import Path

from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PLAIN, BOLD = "Demo", "Demo-Bold"
# Frets of each string, the lowest first, in drop D.
SHAPES = {"D": "000232", "Bm": "997977", "G": "550033", "A": "x02220"}
SONGS = {
    "The long winter": [
        "D", "Three days of snow, and nobody came,", "G", "the kettle sang, I did the same.",
        "Bm", "A string went down, a whole step low,", "A", "and that is all I had to show.",
    ],
    "Fridge in B flat": [
        "G", "It hums all night, it does not know", "D", "the words of anything, and so",
        "Bm", "I hum along, I keep the tune:", "A", "a fridge, a kitchen and a moon.",
    ],
    "One more sleep": [
        "D", "One more sleep until the thaw,", "A", "one more song than yesterday,",
        "G", "leave the kettle, leave the door,", "D", "leave the first take as it lay.",
    ],
}  # fmt: skip


def print_book(path: Path) -> None:
    for name, font in ((PLAIN, FiraGO_Regular), (BOLD, FiraGO_Bold)):
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(font.fontbuffer)))
    canvas = Canvas(str(path), pagesize=A5, invariant=1)
    canvas.setTitle("Kitchen songs: words and chords")
    _cover(canvas)
    for title, lines in SONGS.items():
        _song(canvas, title, lines)
    canvas.save()


def _cover(canvas: Canvas) -> None:
    width, height = A5
    canvas.setFillColorRGB(0.04, 0.48, 0.44)
    canvas.rect(0, 0, width, height, fill=1, stroke=0)
    canvas.setFillColorRGB(0.96, 0.93, 0.86)
    canvas.setFont(BOLD, 34)
    canvas.drawString(40, height - 110, "Kitchen")
    canvas.drawString(40, height - 150, "songs")
    canvas.setFont(PLAIN, 14)
    canvas.drawString(40, height - 180, "Words and chords, in drop D")
    canvas.circle(width - 90, 110, 46, fill=1, stroke=0)
    canvas.showPage()


def _song(canvas: Canvas, title: str, lines: list[str]) -> None:
    _, height = A5
    canvas.setFillColorRGB(0.1, 0.1, 0.12)
    canvas.setFont(BOLD, 22)
    canvas.drawString(40, height - 70, title)
    y = height - 110
    for line in lines:
        chord = line in SHAPES
        canvas.setFillColorRGB(*((0.04, 0.48, 0.44) if chord else (0.1, 0.1, 0.12)))
        canvas.setFont(BOLD if chord else PLAIN, 12 if chord else 14)
        canvas.drawString(40, y, line)
        y -= 18 if chord else 28
    for number, (name, frets) in enumerate(SHAPES.items()):
        _shape(canvas, 40 + number * 88, 70, name, frets)
    canvas.showPage()


def _shape(canvas: Canvas, x: float, y: float, name: str, frets: str) -> None:
    canvas.setFillColorRGB(0.1, 0.1, 0.12)
    canvas.setFont(BOLD, 11)
    canvas.drawString(x, y + 74, name)
    least = min((int(each) for each in frets if each not in "x0"), default=1)
    base = least - 1 if least > 3 else 0
    for string in range(6):
        canvas.line(x + string * 10, y, x + string * 10, y + 60)
    for fret in range(6):
        canvas.line(x, y + fret * 12, x + 50, y + fret * 12)
    for string, held in enumerate(frets):
        if held not in "x0":
            canvas.circle(x + string * 10, y + 60 - (int(held) - base) * 12 + 6, 3.4, fill=1)
    if base:
        canvas.setFont(PLAIN, 9)
        canvas.drawString(x + 54, y + 50, str(base + 1))

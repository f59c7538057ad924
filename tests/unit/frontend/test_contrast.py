"""The colours that meet on a page can be told apart by everybody (WCAG 2.2, AA), by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "frontend" / "src" / "styles" / "tokens.css"
WORDS, EDGES = 4.5, 3.0
DAY, NIGHT = 0, 1

WORDS_ON = {
    "ink": ["page", "surface", "raised", "sunken", "good-soft", "warn-soft", "bad-soft", "info-soft"],
    "ink-soft": ["page", "surface", "raised", "sunken"],
    "ink-faint": ["page", "surface", "raised", "sunken"],
    "accent": ["page", "surface"],
    "accent-strong": ["page", "surface", "raised"],
    "on-accent": ["accent", "accent-strong"],
    "on-accent-soft": ["accent-soft"],
    "good": ["good-soft"],
    "warn": ["warn-soft"],
    "bad": ["bad-soft", "page", "surface", "raised"],
    "info": ["info-soft"],
    "on-poster": ["poster"],
    "on-poster-soft": ["poster"],
    "on-night": ["night"],
    "on-night-soft": ["night"],
    "night": ["marigold"],
}
EDGES_ON = {
    "line-strong": ["page", "surface", "raised", "sunken"],
    "focus": ["page", "surface", "raised", "poster"],
    "accent": ["page", "surface", "sunken"],
    "bad": ["surface"],
}


def _tokens() -> dict[str, tuple[str, str]]:
    found = {}
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", TOKENS.read_text()):
        colours = re.findall(r"#[0-9a-f]{6}\b", value)
        if colours and "rgb" not in value:
            found[name] = (colours[0], colours[-1])
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(front, ground) for front, grounds in table.items() for ground in grounds]


def test_the_formula_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("mode", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize(("front", "ground"), _pairs(WORDS_ON))
def test_words_can_be_read(front: str, ground: str, mode: int) -> None:
    tokens = _tokens()
    assert contrast(tokens[front][mode], tokens[ground][mode]) >= WORDS


@pytest.mark.parametrize("mode", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize(("front", "ground"), _pairs(EDGES_ON))
def test_edges_and_focus_can_be_seen(front: str, ground: str, mode: int) -> None:
    tokens = _tokens()
    assert contrast(tokens[front][mode], tokens[ground][mode]) >= EDGES

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.creators.pages.looks import style_of
from directfanz.domains.creators.policy.colours import (
    DAY_GROUND,
    NIGHT_GROUND,
    PALETTE,
    READABLE,
    advice,
    checked_accent,
    contrast,
    look_of,
)
from directfanz.errors import InvalidInput
from tests.support.engines import REPOSITORY

ANY_COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(ANY_COLOUR)
def test_words_read_whatever_colour_is_chosen(colour: str) -> None:
    for shades, ground in zip(look_of(colour), (DAY_GROUND, NIGHT_GROUND), strict=True):
        assert contrast(shades.words, ground) >= READABLE
        assert contrast(shades.words, shades.soft) >= READABLE
        assert contrast(shades.on_words, shades.words) >= READABLE
        assert contrast(shades.on, colour) >= READABLE


@given(ANY_COLOUR)
def test_the_style_sheet_holds_colours_and_nothing_else(colour: str) -> None:
    assert re.fullmatch(
        r"\.branded\{(--[a-z-]+:(#[0-9a-f]{6}|light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\));?)+\}\n", style_of(colour)
    )


def test_the_grounds_are_those_of_the_pages() -> None:
    tokens = (REPOSITORY / "frontend" / "src" / "styles" / "tokens.css").read_text()
    assert f"--sunken: light-dark({DAY_GROUND}," in tokens
    assert f"--raised: light-dark(#ffffff, {NIGHT_GROUND})" in tokens


def test_what_we_propose_needs_no_advice() -> None:
    assert [name for colour, name in PALETTE if advice(colour)] == []
    assert "pale" in (advice("#ffff00") or "")


def test_as_wcag_counts() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("text", "colour"), [("#0a7", "#00aa77"), (" 00AA77 ", "#00aa77"), ("#0b7a70", "#0b7a70")])
def test_a_colour_in_any_spelling(text: str, colour: str) -> None:
    assert checked_accent(text) == colour


@pytest.mark.parametrize(
    "text", ["", "red", "#12", "#12345", "#1234567", "#ggg", "rgb(0,0,0)", "#fff;}*{display:none", "#٠٠٠"]
)
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        checked_accent(text)

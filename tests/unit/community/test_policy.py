"""The words that a page holds back, however they are dressed up; and those that only look a little like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.community.models import Rules
from directfanz.domains.community.policy import checked_words, held_for, holds_word
from directfanz.errors import InvalidInput


@pytest.mark.parametrize(
    "said",
    [
        "spam", "SPAM!", "so much s.p.a.m here", "s p a m", "ｓｐａｍ", "sp\u200bam", "s\u0440\u0430m", "5p4m", "spám", "(spam)",
        "sp\u00adam",         "free\nspam", "S-P-A-M", "𝓼𝓹𝓪𝓶",
    ],
)  # fmt: skip
def test_dressed_up_it_is_known(said: str) -> None:
    assert holds_word(said, ["Spam"])


@pytest.mark.parametrize("said", ["spammer", "I eat ham", "sp am", "as pam said", "", "spa m", "s.p.a and m"])
def test_what_only_looks_like_it_passes(said: str) -> None:
    assert not holds_word(said, ["spam"])


def test_phrases_and_other_scripts() -> None:
    assert holds_word("Buy   Cheap, pills!", ["buy cheap pills"])
    assert not holds_word("cheap pills", ["buy cheap pills"])
    assert holds_word("это Спам", ["спам"])
    assert not holds_word("anything at all", [" ", "!!"])


@pytest.mark.parametrize("said", ["https://x.example/a", "go to WWW.example.org", "visit kazoo.com now", "hｔtps://x"])
def test_links_wait_where_they_shall(said: str) -> None:
    assert held_for(said, "open", Rules(hold_links=True)) == "links"
    assert held_for(said, "open", Rules()) is None


def test_all_wait_where_all_shall() -> None:
    assert held_for("Hello", "hold", Rules()) == "policy"
    assert held_for("Version 2.0 is out. Nice.", "open", Rules(hold_links=True)) is None


def test_words_are_kept_in_one_form() -> None:
    assert checked_words(["Spam ", "spam", "", " CHEAP  pills "]) == ["spam", "cheap pills"]
    with pytest.raises(InvalidInput):
        checked_words([f"word{n}" for n in range(501)])


@given(st.text(max_size=80), st.text(max_size=20))
def test_no_text_breaks_it_and_a_word_said_plainly_is_found(said: str, word: str) -> None:
    holds_word(said, [word])
    if any(checked_words([word])):
        assert holds_word(f"{said} , {word} , {said}", [word])

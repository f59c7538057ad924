"""Which words may be said, and who may say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.chat.errors import Banned, MayNotSpeak, SlowDown, WordNotWelcome
from directfanz.domains.chat.models import LONGEST_MESSAGE, Ban, Room
from directfanz.domains.chat.policy import (
    cleaned,
    plain_words,
    require_may_speak,
    require_not_too_soon,
    require_welcome,
)
from directfanz.errors import InvalidInput

NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
NOBODY = UUID(int=0)


def room(**rules: object) -> Room:
    given_rules = {"slow_seconds": 0, "members_only": False, **rules}
    return Room(
        id=NOBODY, creator_id=NOBODY, title="Painting", access="public", min_rank=None, state="open", last=0, epoch=NOBODY,
        pinned=None, opened_at=NOW, closed_at=None, **given_rules,  # type: ignore[arg-type]
    )  # fmt: skip


def ban(until: datetime | None, reason: str = "") -> Ban:
    return Ban(id=NOBODY, creator_id=NOBODY, user_id=NOBODY, reason=reason, by_id=None, created_at=NOW, until=until)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  hello   there \n", "hello there"),
        ("a\u202eb\u200bc", "abc"),
        ("fam\u0065\u0301", "famé"),
        ("👩\u200d🎨 paints", "👩\u200d🎨 paints"),
        ("nul\x00byte", "nulbyte"),
    ],
)
def test_a_message_is_one_line_of_what_can_be_seen(said: str, kept: str) -> None:
    assert cleaned(said) == kept


@pytest.mark.parametrize("said", ["", "   ", "\u200b\u202e", "\u200d", "x" * (LONGEST_MESSAGE + 1)])
def test_nothing_and_too_much_are_refused(said: str) -> None:
    with pytest.raises(InvalidInput):
        cleaned(said)


@given(st.text())
def test_whatever_is_let_through_stays_as_it_is(said: str) -> None:
    try:
        once = cleaned(said)
    except InvalidInput:
        return
    assert cleaned(once) == once
    assert len(once) <= LONGEST_MESSAGE
    assert "\x00" not in once
    assert "\n" not in once


@pytest.mark.parametrize(
    "said",
    ["you rat!", "RAT", "r4t", "r a t", "r.a.t", "a rät ran", "the big cheese", "BIG  CHEESE"],
)
def test_words_of_the_filter_are_found_in_disguise(said: str) -> None:
    with pytest.raises(WordNotWelcome):
        require_welcome(said, ["rat", "big cheese"])


@pytest.mark.parametrize("said", ["a rather good one", "brat", "rational", "big cheeses", "cheese", "at r"])
def test_words_that_only_hold_one_are_welcome(said: str) -> None:
    require_welcome(said, ["rat", "big cheese"])


@given(st.text(alphabet=st.characters(categories=("L", "N")), min_size=2, max_size=20))
def test_a_word_of_the_filter_is_always_found_by_itself(word: str) -> None:
    if len(plain_words(word)) < 2:
        return
    with pytest.raises(WordNotWelcome):
        require_welcome(f"so {word} there", [word])


def test_who_may_speak() -> None:
    require_may_speak(room(), "", None, NOW)
    require_may_speak(room(members_only=True), "member", None, NOW)
    require_may_speak(room(members_only=True), "team", ban(None), NOW)
    with pytest.raises(MayNotSpeak, match="Only members"):
        require_may_speak(room(members_only=True), "", None, NOW)
    with pytest.raises(Banned, match="any more"):
        require_may_speak(room(), "member", ban(None, "Be kind."), NOW)
    with pytest.raises(Banned, match="for 5 more minutes"):
        require_may_speak(room(), "", ban(NOW + timedelta(minutes=5)), NOW)


def test_slow_mode_says_how_long() -> None:
    slow = room(slow_seconds=30)
    require_not_too_soon(slow, "", None, NOW)
    require_not_too_soon(slow, "", NOW - timedelta(seconds=30), NOW)
    require_not_too_soon(slow, "team", NOW, NOW)
    with pytest.raises(SlowDown) as told:
        require_not_too_soon(slow, "member", NOW - timedelta(seconds=18), NOW)
    assert told.value.retry_after_seconds == 12

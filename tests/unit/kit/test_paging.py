from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from directfanz.kit.paging import MAX_CURSOR_CHARACTERS, decode_cursor, encode_cursor, page_of

KEY = b"k" * 32
POSITION = (datetime(2026, 3, 2, 9, 0, 0, 123456, UTC), UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
KIND = tuple[datetime, UUID]


def test_a_cursor_brings_its_position_back() -> None:
    assert decode_cursor(KEY, "posts", encode_cursor(KEY, "posts", POSITION), KIND) == POSITION


@pytest.mark.parametrize(
    ("key", "listing"), [(b"x" * 32, "posts"), (KEY, "comments"), (KEY, "post"), (KEY, "posts\0"), (KEY, "")]
)
def test_a_cursor_opens_only_its_own_list(key: bytes, listing: str) -> None:
    with pytest.raises(ValueError, match="not a cursor of this list"):
        decode_cursor(key, listing, encode_cursor(KEY, "posts", POSITION), KIND)


@pytest.mark.parametrize("cursor", ["", "a", "AAAA", "ä", "\udcff", "=", "%", "A" * 10_000, "\0", " "])
def test_garbage_is_no_cursor(cursor: str) -> None:
    with pytest.raises(ValueError, match="not a cursor of this list"):
        decode_cursor(KEY, "posts", cursor, KIND)


def test_a_cursor_of_an_earlier_shape_is_refused() -> None:
    """The list's order changed in a release, and a client still holds a cursor of ours."""
    with pytest.raises(ValueError):
        decode_cursor(KEY, "posts", encode_cursor(KEY, "posts", [1, 2, 3]), KIND)


def test_a_cursor_is_short() -> None:
    assert len(encode_cursor(KEY, "posts", POSITION)) < 120 < MAX_CURSOR_CHARACTERS


def test_the_extra_row_says_that_there_is_more() -> None:
    rows = list(range(11))
    page = page_of(rows, 10, KEY, "numbers", lambda row: (row,))
    assert page.items == rows[:10]
    assert page.next is not None
    assert decode_cursor(KEY, "numbers", page.next, tuple[int]) == (9,)


@pytest.mark.parametrize("count", [0, 1, 10])
def test_the_last_page_has_no_next(count: int) -> None:
    page = page_of(list(range(count)), 10, KEY, "numbers", lambda row: (row,))
    assert (len(page.items), page.next) == (count, None)


def test_a_page_has_at_least_one_row() -> None:
    with pytest.raises(ValueError, match="at least one"):
        page_of([1], 0, KEY, "numbers", lambda row: (row,))

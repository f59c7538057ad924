"""What we sign, only we can make: altered, foreign and random texts are refused, quietly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from directfanz.kit.ids import created_at, new_id
from directfanz.kit.paging import decode_cursor, encode_cursor, page_of
from directfanz.kit.signing import TokenSigner
from directfanz.kit.text import from_text, to_text
from directfanz.kit.time import add_months, parse_rfc3339, rfc3339

SIGNER = TokenSigner("a key for tests that nobody needs to guess")
KEY = SIGNER.derive("cursor")
moments = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
purposes = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
payloads = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
anything = st.text(st.characters(), max_size=80)


@st.composite
def altered(draw: st.DrawFn, text: str) -> str:
    """The text with one thing about it changed."""
    at = draw(st.integers(0, len(text) - 1))
    how = draw(st.sampled_from(["replace", "insert", "drop", "cut", "append", "case", "reverse"]))
    character = draw(st.characters())
    changed = {
        "replace": text[:at] + character + text[at + 1 :],
        "insert": text[:at] + character + text[at:],
        "drop": text[:at] + text[at + 1 :],
        "cut": text[:at],
        "append": text + character,
        "case": text.swapcase(),
        "reverse": text[::-1],
    }[how]
    assume(changed != text)
    return changed


@given(purposes, payloads, moments, st.timedeltas(timedelta(seconds=-10), timedelta(days=4000)))
@settings(max_examples=300)
def test_a_token_opens_until_it_expires(purpose: str, payload: str, expires: datetime, early: timedelta) -> None:
    token = SIGNER.sign(purpose, payload, expires)
    now = expires - early
    alive = now < expires.replace(microsecond=0)
    assert SIGNER.verify(purpose, token, now) == (payload if alive else None)


@given(st.data(), purposes, payloads, st.none() | moments)
@settings(max_examples=300)
def test_no_altered_token_opens(data: st.DataObject, purpose: str, payload: str, expires: datetime | None) -> None:
    token = data.draw(altered(SIGNER.sign(purpose, payload, expires)))
    assert SIGNER.verify(purpose, token, datetime(1970, 6, 1, tzinfo=UTC)) is None


@given(purposes, purposes, payloads)
@settings(max_examples=300)
def test_purposes_do_not_mix(purpose: str, other: str, payload: str) -> None:
    assume(purpose != other)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert SIGNER.verify(other, SIGNER.sign(purpose, payload), now) is None
    assert SIGNER.derive(purpose) != SIGNER.derive(other)


@given(anything)
@settings(max_examples=200)
def test_random_text_is_no_token(text: str) -> None:
    assert SIGNER.verify("session", text, datetime(2026, 1, 1, tzinfo=UTC)) is None


@given(moments, st.uuids(), st.integers(-(2**63), 2**63 - 1), payloads)
@settings(max_examples=300)
def test_a_cursor_brings_its_position_back(moment: datetime, key: UUID, number: int, text: str) -> None:
    position = (moment, key, number, text)
    kind = tuple[datetime, UUID, int, str]
    assert decode_cursor(KEY, "posts", encode_cursor(KEY, "posts", position), kind) == position


@given(st.data(), moments, st.uuids())
@settings(max_examples=300)
def test_no_altered_cursor_opens(data: st.DataObject, moment: datetime, key: UUID) -> None:
    cursor = data.draw(altered(encode_cursor(KEY, "posts", (moment, key))) | anything)
    try:
        decode_cursor(KEY, "posts", cursor, tuple[datetime, UUID])
    except ValueError:
        return
    raise AssertionError(f"{cursor!r} opened")


@given(payloads, payloads)
@settings(max_examples=200)
def test_a_cursor_opens_one_list(listing: str, other: str) -> None:
    assume(listing != other)
    cursor = encode_cursor(KEY, listing, (1,))
    try:
        decode_cursor(KEY, other, cursor, tuple[int])
    except ValueError:
        return
    raise AssertionError("it opened another list")


@given(st.lists(st.integers(0, 1000), unique=True, max_size=60).map(sorted), st.integers(1, 25))
@settings(max_examples=200)
def test_pages_show_every_row_once_and_in_order(rows: list[int], limit: int) -> None:
    seen: list[int] = []
    after = -1
    for _ in range(len(rows) + 1):
        page = page_of([row for row in rows if row > after][: limit + 1], limit, KEY, "rows", lambda row: (row,))
        seen += page.items
        if page.next is None:
            break
        (after,) = decode_cursor(KEY, "rows", page.next, tuple[int])
    assert seen == rows


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_bytes_have_one_spelling(data: bytes) -> None:
    assert from_text(to_text(data)) == data


@given(anything)
@settings(max_examples=200)
def test_text_is_the_one_spelling_or_refused(text: str) -> None:
    try:
        data = from_text(text)
    except ValueError:
        return
    assert to_text(data) == text


@given(st.integers(2, 500))
@settings(max_examples=100)
def test_keys_grow(count: int) -> None:
    keys = [new_id() for _ in range(count)]
    assert keys == sorted(keys)
    assert [created_at(key) for key in keys] == sorted(created_at(key) for key in keys)


@given(moments)
@settings(max_examples=300)
def test_a_moment_written_is_the_moment_to_the_millisecond(moment: datetime) -> None:
    assert parse_rfc3339(rfc3339(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(moments, st.integers(-1000, 1000))
@settings(max_examples=200)
def test_months_keep_the_day_or_end_with_the_month(moment: datetime, months: int) -> None:
    there = add_months(moment, months)
    assert (there.year * 12 + there.month) - (moment.year * 12 + moment.month) == months
    assert there.timetz() == moment.timetz()
    next_day = there + timedelta(days=1)
    assert there.day == moment.day or (there.day < moment.day and next_day.month != there.month)


@given(anything)
@settings(max_examples=200)
def test_text_is_a_moment_or_refused(text: str) -> None:
    try:
        moment = parse_rfc3339(text)
    except ValueError:
        return
    assert moment.tzinfo is UTC

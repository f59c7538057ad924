"""What a client hears about input that does not fit."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta

from directfanz.errors import InvalidInput
from directfanz.http.validation import MOST_DETAILS, Input, convert, decode_json


class Link(Input, frozen=True):
    url: str


class Profile(Input, frozen=True):
    email: Annotated[str, Meta(max_length=20, pattern="@", description="Write it like ada@example.com.")]
    age: Annotated[int, Meta(ge=18, le=150)] = 18
    role: Literal["fan", "creator"] = "fan"
    id: UUID | None = None
    links: list[Link] = msgspec.field(default_factory=list)


def wrong(body: bytes, kind: Any = Profile) -> dict[str, tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        decode_json(body, kind)
    return {detail.field: (detail.problem, detail.suggestion) for detail in caught.value.details}


@pytest.mark.parametrize(
    ("body", "field", "problem", "suggestion"),
    [
        (b"{}", "email", "This is required.", "Write it like ada@example.com."),
        (b'{"email": 1}', "email", "This must be text, not a whole number.", "Write it like ada@example.com."),
        (b'{"email": null}', "email", "This is required.", "Write it like ada@example.com."),
        (b'{"email": "ada"}', "email", "This does not have the right form.", "Write it like ada@example.com."),
        (b'{"email": "a@b", "age": "18"}', "age", "This must be a whole number, not text.", "Send a whole number."),
        (b'{"email": "a@b", "age": 17}', "age", "This is too small.", "Use 18 or more."),
        (b'{"email": "a@b", "age": 151}', "age", "This is too large.", "Use 150 or less."),
        (b'{"email": "ada@example.com.au.nz.x"}', "email", "This is too long.", "Use at most 20 characters."),
        (b'{"email": "a@b", "role": "god"}', "role", "This is not one of the choices.", "Use one of: fan, creator."),
        (b'{"email": "a@b", "id": "1"}', "id", "This is not a valid UUID.", ""),
        (b'{"email": "a@b", "emial": "a"}', "emial", "There is no such field.", "Did you mean `email`?"),
        (b'{"email": "a@b", "links": [{"url": "x"}, {}]}', "links[1].url", "This is required.", "Add `url`."),
        (b'{"email": "a@b", "links": {}}', "links", "This must be a list, not an object.", "Send a list."),
        (b'{"email": "a\\u0000@b"}', "email", "This holds a NUL character.", "Leave it out."),
        (b"[]", "", "This must be an object, not a list.", "Send an object."),
        (b"\xff\xfe", "", "The body is not JSON (byte 0).", "Send one JSON document, encoded in UTF-8."),
        (b'{"email": "a@b"', "", "The body is not complete JSON.", "Send one JSON document, encoded in UTF-8."),
        (b'{"email": "\xff@b"}', "", "The body is not JSON in UTF-8.", "Send one JSON document, encoded in UTF-8."),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_remedy(body: bytes, field: str, problem: str, suggestion: str) -> None:
    assert wrong(body) == {field: (problem, suggestion)}


def test_all_mistakes_are_told_at_once() -> None:
    assert set(wrong(b'{"email": 1, "age": 3, "role": 4, "other": 5}')) == {"email", "age", "role", "other"}


def test_a_right_body_is_the_struct() -> None:
    made = decode_json(b'{"email": "ada@example.com", "links": [{"url": "x"}]}', Profile)
    assert made == Profile(email="ada@example.com", links=[Link(url="x")])


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert decode_json(rb'{"email": "\\u0000@"}', Profile).email == r"\u0000@"


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"links":' * 50_000, b'{"a":' + b"[" * 90_000])
def test_deep_nesting_is_refused_and_not_followed(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode_json(body, Profile)
    with pytest.raises(InvalidInput):
        decode_json(body, Any)


@pytest.mark.parametrize("number", [b"9" * 5_000, b"1e999", b"-1e999", b"1e-999999999", b"NaN", b"Infinity"])
def test_numbers_that_fit_nowhere_are_refused(number: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode_json(b'{"email": "a@b", "age": ' + number + b"}", Profile)


def test_a_flood_of_mistakes_is_cut_short() -> None:
    body = msgspec.json.encode({f"field{number}": "x" * 50 for number in range(20_000)})
    assert len(wrong(body)) == MOST_DETAILS


def test_a_struct_that_has_no_fields_of_that_name_says_what_msgspec_said() -> None:
    assert wrong(b'"text"', int) == {"": ("This must be a whole number, not text.", "Send a whole number.")}


def test_text_from_a_form_becomes_numbers() -> None:
    assert convert({"email": "a@b", "age": "44"}, Profile).age == 44
    with pytest.raises(InvalidInput) as caught:
        convert({"email": "a@b", "age": "old\0"}, Profile)
    assert caught.value.details[0].problem == "This holds a NUL character."

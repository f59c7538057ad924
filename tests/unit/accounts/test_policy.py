"""What an account may be called and what opens it: rules without I/O."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.accounts.errors import LastWayIn
from directfanz.domains.accounts.models import Passkey, Security
from directfanz.domains.accounts.policy import require_another_way_in
from directfanz.domains.accounts.policy.addresses import checked_address, spoken_address
from directfanz.domains.accounts.policy.handles import LONGEST, checked_handle, suggested
from directfanz.domains.accounts.policy.passwords import normalised, require_good, weakness
from directfanz.domains.accounts.policy.words import checked_bio, checked_name
from directfanz.errors import InvalidInput

KNOWN = ["ada.lovelace@example.com", "ada_l", "Ada Lovelace"]


@pytest.mark.parametrize(
    "password",
    ["", "short", "123456789", "1234567890", "0987654321", "qwertyuiop", "poiuytrewq", "QWERTYUIOP1", "abcdefghijkl",
     "aaaaaaaaaaaa", "ababababab", "abcabcabcabc", "password123", "P@ssw0rd2026!", "letmein12345", "ILoveYou!!!", "sunshine2024",
     "Lovelace-2026", "my name is lovelace", "ada.lovelace@example.com", "1qaz2wsx3edc", "Charlie12345", "$unsh1ne!!",
     "x" * 201, "half \ud800 a character", "correcthorsebatterystaple"],
)  # fmt: skip
def test_easily_guessed(password: str) -> None:
    assert weakness(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    ["a walrus plays the cello", "twelve owls read the news", "kX9#vTq2!mPz", "Grüße aus der Küche", "лес шумит ночью",
     "correct horse battery", "1984 was a cold April day", "👩‍🚀 rocket 42 launch"],
)  # fmt: skip
def test_good_enough(password: str) -> None:
    assert weakness(password, KNOWN) is None


def test_a_refusal_names_the_field_and_helps() -> None:
    with pytest.raises(InvalidInput) as caught:
        require_good("password", None, field="new_password")
    (detail,) = caught.value.details
    assert detail.field == "new_password"
    assert "words" in detail.suggestion


@given(st.text(max_size=300))
def test_what_is_good_enough_can_be_hashed(password: str) -> None:
    if weakness(normalised(password), KNOWN) is None:
        assert len(normalised(password).encode()) >= 10


@given(st.text(max_size=100))
def test_a_handle_is_refused_or_fits_the_schema(text: str) -> None:
    try:
        handle = checked_handle(text)
    except InvalidInput:
        return
    assert handle == handle.lower()
    assert 3 <= len(handle) <= LONGEST
    assert all(each in "abcdefghijklmnopqrstuvwxyz0123456789_" for each in handle)


@given(st.text(max_size=100))
def test_a_suggested_handle_is_allowed(text: str) -> None:
    suggestion = suggested(text)
    if len(suggestion) >= 3:
        assert checked_handle(suggestion) == suggestion


@pytest.mark.parametrize(
    "text", ["admin", "Admin", "ad_min", "sign_in", "sign-in", "me", "directfanz", "directfanz_team", "api"]
)
def test_the_houses_own_names_are_kept(text: str) -> None:
    with pytest.raises(InvalidInput):
        checked_handle(text)


@pytest.mark.parametrize("text", ["ada", "@Ada", " ada ", "a1b", "ada_lovelace", "x" * 30, "007"])
def test_plain_handles(text: str) -> None:
    assert checked_handle(text)


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@", "@example.com", "ada@localhost", "a b@example.com", "ada@example..com", "ada@exam_ple.com",
             "x" * 65 + "@example.com", "ada@" + "x" * 250 + ".com", "ada@example.com\nBcc: all@example.com", "a@b@c.com",
             "<ada@example.com>", "ада@example.com", "ada@[127.0.0.1]", "ada@example.com\0"]
)  # fmt: skip
def test_no_address(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_address(text)
    assert caught.value.details[0].field == "email"
    assert "\0" not in spoken_address(text)


@pytest.mark.parametrize(
    "text", ["ada@example.com", " Ada+x@EXAMPLE.com ", "a.b-c_d@sub.example.co.uk", "ada@bücher.example"]
)
def test_addresses(text: str) -> None:
    assert checked_address(checked_address(text)) == checked_address(text)


@given(st.text(max_size=80))
def test_a_name_shows_what_it_is(text: str) -> None:
    try:
        name = checked_name(text)
    except InvalidInput:
        return
    assert name == name.strip()
    assert "\n" not in name
    assert not any(each in name for each in "\u202e\u200b\u2066\0\x1b")
    assert checked_name(name) == name


@given(st.text(max_size=600))
def test_words_about_oneself_stay_printable(text: str) -> None:
    try:
        bio = checked_bio(text)
    except InvalidInput:
        return
    assert len(bio) <= 500
    assert checked_bio(bio) == bio


def test_one_way_in_must_stay() -> None:
    def security(password: bool, keys: int) -> Security:
        key = Passkey(id=None, name="", backed_up=False, created_at=None, last_used_at=None)  # type: ignore[arg-type]
        return Security(
            has_password=password, password_changed_at=None, has_totp=True, recovery_codes_left=10,
            passkeys=[key] * keys, identities=[],
        )  # fmt: skip

    require_another_way_in(security(True, 1))
    require_another_way_in(security(False, 2))
    for last in (security(True, 0), security(False, 1), security(False, 0)):
        with pytest.raises(LastWayIn):
            require_another_way_in(last)

"""Nothing personal in what we tell."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.telemetry.redaction import clean, redact, redact_field


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Mail to ada@example.com failed", "Mail to (mail address) failed"),
        ("Key (email)=(ada.l+x@mail.example.co.uk) already exists.", "Key (email)=((mail address)) already exists."),
        ("<ädä@bücher.example>", "<(mail address)>"),
        ("ada@localhost, ben@localhost", "(mail address), (mail address)"),
        ("postgresql://app:pa55@db:5432/x", "postgresql://***@db:5432/x"),
        ("Authorization: Bearer abcdef.ghijkl", "Authorization: *** ***"),
        ("sent Basic dXNlcjpwYXNz to it", "sent Basic *** to it"),
        ("password=hunter2&next=/", "password=***&next=/"),
        ('{"reset_token": "abc", "id": 7}', '{"reset_token": "***", "id": 7}'),
        ("GET /verify?token=abc.def HTTP/1.1", "GET /verify?token=*** HTTP/1.1"),
        ("3 jobs done in 0.2 s", "3 jobs done in 0.2 s"),
        ("at 12:30, ratio=0.5", "at 12:30, ratio=0.5"),
    ],
)
def test_what_is_told_and_what_is_not(text: str, told: str) -> None:
    assert redact(text) == told


@given(
    before=st.text(max_size=40),
    local=st.from_regex(r"[A-Za-z0-9._+-]{1,30}", fullmatch=True),
    domain=st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z]{2,6}){0,3}", fullmatch=True),
    after=st.text(max_size=40),
)
def test_no_mail_address_survives(before: str, local: str, domain: str, after: str) -> None:
    assert f"{local}@{domain}" not in redact(f"{before} {local}@{domain} {after}")


@pytest.mark.parametrize("filler", ["a", "@", "a@", "token", "a=", "bearer ", "://", ":", "-", "a:b@", " ", "\u00e9"])
def test_a_long_text_does_not_take_long(filler: str) -> None:
    """A hostile text of a size that the log takes, 32 KiB."""
    text = filler * (32_768 // len(filler))
    started = time.process_time()
    redact(text + "@")
    assert time.process_time() - started < 0.5


@given(st.text())
def test_what_is_left_can_be_written_anywhere(text: str) -> None:
    cleaned = clean(text)
    assert "\x00" not in cleaned
    cleaned.encode()


def test_fields_with_telling_names_are_hidden() -> None:
    assert redact_field("api_key", "abc") == "***"
    assert redact_field("email", "abc") == "***"
    assert redact_field("job", "send mail to ada@example.com") == "send mail to (mail address)"
    assert redact_field("emails_sent", 3) == 3

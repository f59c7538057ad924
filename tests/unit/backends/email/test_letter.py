"""Letters before they leave."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.email.contract import Message
from directfanz.backends.email.letter import deliverable, read_sender, write
from directfanz.backends.email.smtp import read_url
from directfanz.errors import ConfigurationError, Rejected

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OURS = read_sender("DirectFanz <hello@directfanz.io>")


def message(subject: str = "Welcome", text: str = "Hello", key: str = "k", to: str = "ada@example.com") -> Message:
    return Message(to=to, subject=subject, text=text, html="<p>Hello</p>", key=key)


@given(st.text(max_size=400), st.text(st.characters(codec="utf-8"), max_size=200))
def test_no_subject_and_no_text_adds_a_header(subject: str, text: str) -> None:
    try:
        raw = write(message(subject, text), OURS, NOW).mime().as_bytes()
    except Rejected:
        return
    read = message_from_bytes(raw, policy=default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "X-Entity-Ref-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert read["To"] == "ada@example.com"


def test_the_same_message_sent_twice_has_one_id_and_another_has_its_own() -> None:
    ids = [
        write(m, OURS, NOW).message_id for m in (message(), message(), message(key="k2"), message(to="b@example.com"))
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert ids[0].endswith("@directfanz.io")


def test_it_says_when_and_that_a_machine_wrote_it() -> None:
    mail = write(message(), OURS, NOW).mime()
    assert mail["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("address", "spelled"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada.Lovelace+x@Example.com", "Ada.Lovelace+x@Example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ädä@example.com", "ädä@example.com"),
        ("ada@localhost", "ada@localhost"),
    ],
)
def test_addresses_are_spelled_for_the_mail_system(address: str, spelled: str) -> None:
    assert deliverable(address) == spelled


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@",
        "a@",
        "@b.example",
        "a b@example.com",
        "a@b@c.example",
        "a@b.example\n",
        "a@-.example",
        "a@\u2028b.c",
    ],
)
def test_what_is_no_address_is_rejected(address: str) -> None:
    with pytest.raises(Rejected):
        deliverable(address)


@pytest.mark.parametrize("sender", ["", "DirectFanz", "DirectFanz <>", "DirectFanz <a b@c.d>"])
def test_a_sender_that_is_none_stops_the_start(sender: str) -> None:
    with pytest.raises(ConfigurationError, match="EMAIL_FROM"):
        read_sender(sender)


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("hello@directfanz.io", "", "hello@directfanz.io"),
        ('"Fanz, Direct" <a@b.example>', "Fanz, Direct", "a@b.example"),
        ("Straßenfest ☕ <a@b.example>", "Straßenfest ☕", "a@b.example"),
    ],
)
def test_a_sender_has_a_name_or_none(sender: str, name: str, address: str) -> None:
    read = read_sender(sender)
    assert (read.display_name, read.addr_spec) == (name, address)


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://localhost:8025", 8025, "never"),
        ("smtp://127.0.0.1", 587, "never"),
        ("smtp://mail.example.com", 587, "starttls"),
        ("smtp://mail.example.com:25?starttls=never", 25, "never"),
        ("smtps://mail.example.com", 465, "always"),
    ],
)
def test_an_address_of_a_server_says_how_to_reach_it(url: str, port: int, tls: str) -> None:
    server = read_url(url)
    assert (server.port, server.tls) == (port, tls)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://h:port",
        "smtp://h?starttls=maybe",
        "smtp://h?x=1",
    ],
)
def test_another_address_stops_the_start(url: str) -> None:
    with pytest.raises(ConfigurationError, match="SMTP_URL"):
        read_url(url)

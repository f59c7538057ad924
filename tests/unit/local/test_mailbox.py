"""Mails on the disk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from directfanz.local.mailcatcher.mailbox import Mailbox
from directfanz.local.mailcatcher.reading import read, words_and_links

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    opened = Mailbox(tmp_path, max_mails=3)
    opened.open()
    return opened


def add(mailbox: Mailbox, number: int, to: str = "ada@example.com", body: bytes = b"") -> None:
    mailbox.add("us@x", [to], body or b"Subject: %d\r\n\r\nHello" % number, NOW + timedelta(seconds=number))


def test_only_so_many_are_kept_the_newest(mailbox: Mailbox, tmp_path: Path) -> None:
    for number in range(5):
        add(mailbox, number)
    assert [mail.subject for mail in mailbox.newest()] == ["4", "3", "2"]
    assert len(list(tmp_path.glob("*.mail"))) == 3


def test_another_reader_of_the_folder_sees_the_same(mailbox: Mailbox, tmp_path: Path) -> None:
    for number in range(3):
        add(mailbox, number)
    again = Mailbox(tmp_path)
    again.open()
    assert again.newest() == mailbox.newest()
    assert again.read(again.newest()[0].id) == b"Subject: 2\r\n\r\nHello"


def test_a_damaged_file_hides_no_other(mailbox: Mailbox, tmp_path: Path) -> None:
    add(mailbox, 1)
    (tmp_path / "0000.mail").write_bytes(b"not one of ours")
    again = Mailbox(tmp_path)
    again.open()
    assert [mail.subject for mail in again.newest()] == ["1"]


def test_search_is_by_receiver_whatever_its_case(mailbox: Mailbox) -> None:
    add(mailbox, 1, "Ada@Example.com")
    add(mailbox, 2, "ben@example.com")
    assert [mail.subject for mail in mailbox.newest("ada@")] == ["1"]
    assert [mail.subject for mail in mailbox.newest("EXAMPLE")] == ["2", "1"]


async def test_who_waits_is_woken_by_the_right_mail_only(mailbox: Mailbox) -> None:
    waiting = asyncio.create_task(mailbox.wait_for("ada@", "", 5))
    await asyncio.sleep(0)
    add(mailbox, 1, "ben@example.com")
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    add(mailbox, 2)
    assert [mail.subject for mail in await waiting] == ["2"]
    assert await mailbox.wait_for("nobody", "", 0.01) == []


def test_removing_twice_lets_go_of_what_was_removed_first(mailbox: Mailbox) -> None:
    add(mailbox, 1)
    assert mailbox.remove_all() == 1
    add(mailbox, 2)
    assert mailbox.remove_all() == 1
    assert mailbox.restore() == 1
    assert [mail.subject for mail in mailbox.newest()] == ["2"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?q?broken\r\n\r\n",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nnuqneH",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nhalf",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Subject: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_mail_however_broken_can_be_shown(mailbox: Mailbox, body: bytes) -> None:
    add(mailbox, 1, body=body)
    (envelope,) = mailbox.newest()
    mail = read(envelope, mailbox.read(envelope.id))
    assert isinstance(mail.text + mail.html, str)


def test_files_that_came_along_are_named(mailbox: Mailbox) -> None:
    body = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x\r\n"
        b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"\r\n\r\n12345\r\n--x--\r\n'
    )
    add(mailbox, 1, body=body)
    (envelope,) = mailbox.newest()
    (file,) = read(envelope, mailbox.read(envelope.id)).attachments
    assert (file.name, file.content_type, file.size) == ("a.pdf", "application/pdf", 5)


def test_links_are_told_from_words() -> None:
    text = "See https://a.example/x?y=1, or (http://b.example). No link: ftp://c.example javascript:x"
    links = [piece for piece, is_link in words_and_links(text) if is_link]
    assert links == ["https://a.example/x?y=1", "http://b.example"]
    assert "".join(piece for piece, _ in words_and_links(text)) == text

"""What every way of sending mail does alike."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.backends.email.contract import Message
from directfanz.errors import Rejected, Unavailable
from directfanz.kit.ids import new_id
from tests.support.post import Post

BLANK = Message(to="ada@example.com", subject="Welcome", text="Hello", html="<p>Hello</p>", key="welcome-1")


def to_somebody(post: Post, **changes: object) -> tuple[str, Message]:
    """A message to an address that nobody used before."""
    from msgspec.structs import replace

    address = f"{new_id().hex}@example.com"
    return address, replace(BLANK, **({"to": address} | changes))


async def test_a_mail_arrives_as_it_was_written(post: Post) -> None:
    address, message = to_somebody(
        post,
        subject="Ben, dein Abo läuft ☕ – 1 €",
        text="Hallo Ben,\n\n.\nein Punkt allein.\nhttps://directfanz.io/a?b=c&d=e",
        html="<p>Hallo <b>Bén</b>, " + "sehr lang " * 200 + "</p>",
        unsubscribe_url="https://directfanz.io/unsubscribe?token=a.b-c_d",
    )

    known_as = await post.mailer.send(message)
    (mail,) = post.arrived(address)

    assert known_as
    assert (mail.to, mail.subject, mail.text, mail.html) == (address, message.subject, message.text, message.html)
    assert mail.sender.startswith("DirectFanz <hello@")
    assert mail.headers["X-Entity-Ref-ID"] == "welcome-1"
    assert mail.headers["List-Unsubscribe"] == f"<{message.unsubscribe_url}>"
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_without_a_way_to_unsubscribe_none_is_promised(post: Post) -> None:
    address, message = to_somebody(post)
    await post.mailer.send(message)
    (mail,) = post.arrived(address)
    assert "List-Unsubscribe" not in mail.headers


async def test_no_text_becomes_a_header(post: Post) -> None:
    address, message = to_somebody(
        post,
        subject="Hello\r\nBcc: cy@example.com\r\n\r\n<script>\x00\u2028Bcc: cy@example.com",
        text="Bcc: cy@example.com",
    )

    await post.mailer.send(message)
    (mail,) = post.arrived(address)

    assert mail.subject == "Hello Bcc: cy@example.com <script> Bcc: cy@example.com"
    assert {name.lower() for name in mail.headers}.isdisjoint({"bcc", "cc"})
    assert post.arrived("cy@example.com") == []


@pytest.mark.parametrize(
    "change",
    [
        {"to": "ada@example.com\r\nBcc: cy@example.com"},
        {"to": "ada@example.com, cy@example.com"},
        {"to": "Ada <ada@example.com>"},
        {"to": "ada"},
        {"to": ""},
        {"to": "@example.com"},
        {"to": "ada@"},
        {"to": "ada@exa mple.com"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"unsubscribe_url": "https://a.example/>\r\nBcc: cy@example.com"},
        {"key": "a\r\nBcc: cy@example.com"},
        {"key": ""},
    ],
)
async def test_what_cannot_be_written_is_rejected_for_good(post: Post, change: dict[str, str]) -> None:
    from msgspec.structs import replace

    with pytest.raises(Rejected):
        await post.mailer.send(replace(BLANK, **change))


async def test_a_domain_with_umlauts_is_spelled_for_the_mail_system(post: Post) -> None:
    local = new_id().hex
    _, message = to_somebody(post, to=f"{local}@bücher.example")
    await post.mailer.send(message)
    (mail,) = post.arrived(local)
    assert mail.to == f"{local}@xn--bcher-kva.example"


async def test_a_refused_receiver_is_rejected_and_the_next_one_is_served(post: Post) -> None:
    _, refused = to_somebody(post, to=post.refused_address)
    address, fine = to_somebody(post)

    with pytest.raises(Rejected):
        await post.mailer.send(refused)
    await post.mailer.send(fine)

    assert len(post.arrived(address)) == 1


async def test_nobody_there_is_worth_another_try(post: Post) -> None:
    with pytest.raises(Unavailable):
        await post.away.send(BLANK)


async def test_credentials_refused_are_worth_another_try_once_they_are_mended(post: Post) -> None:
    with pytest.raises(Unavailable):
        await post.locked_out.send(BLANK)


async def test_many_at_once_all_arrive(post: Post) -> None:
    letters = [to_somebody(post, key=f"k-{number}") for number in range(20)]

    await asyncio.gather(*(post.mailer.send(message) for _, message in letters))

    for address, message in letters:
        (mail,) = post.arrived(address)
        assert mail.headers["X-Entity-Ref-ID"] == message.key


async def test_the_errors_tell_nobody_whose_mail_it_was(post: Post) -> None:
    """They end in logs and in the jobs' table."""
    _, refused = to_somebody(post, to=post.refused_address)
    with pytest.raises(Rejected) as said:
        await post.mailer.send(refused)
    assert "@" not in str(said.value)

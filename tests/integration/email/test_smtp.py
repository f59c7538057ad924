"""SMTP as mail servers speak it: encryption, passwords, kept connections, hanging up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from directfanz.backends.email.contract import Message
from directfanz.backends.email.letter import Letter, read_sender, write
from directfanz.backends.email.smtp import SmtpCarrier, read_url
from directfanz.errors import Rejected, Unavailable
from tests.support.smtp import HOST, certificate, smtp_server

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def letter(to: str = "ada@example.com") -> Letter:
    message = Message(to=to, subject="Welcome", text="Hello", html="<p>Hello</p>", key="k")
    return write(message, read_sender("DirectFanz <hello@directfanz.io>"), NOW)


def carrier(url: str, timeout_seconds: float = 10) -> SmtpCarrier:
    return SmtpCarrier(read_url(url), timeout_seconds=timeout_seconds)


async def test_a_kept_connection_carries_the_next_letter() -> None:
    async with smtp_server() as server:
        post = carrier(f"smtp://{HOST}:{server.port}?starttls=never")
        for _ in range(10):
            await post.carry(letter())
        await post.close()

        assert len(server.mails) == 10
        assert server.connections == 1


async def test_many_at_once_share_few_connections() -> None:
    async with smtp_server() as server:
        post = carrier(f"smtp://{HOST}:{server.port}?starttls=never")
        await asyncio.gather(*(post.carry(letter()) for _ in range(30)))
        await post.close()

        assert len(server.mails) == 30
        assert server.connections <= 4


async def test_a_server_that_closed_a_kept_connection_gets_the_letter_on_a_new_one() -> None:
    async with smtp_server() as server:
        post = carrier(f"smtp://{HOST}:{server.port}?starttls=never")
        await asyncio.gather(*(post.carry(letter()) for _ in range(4)))
        server.hang_up()
        await post.carry(letter())
        await post.close()

        assert len(server.mails) == 5


async def test_a_server_away_between_two_letters() -> None:
    async with smtp_server() as server:
        post = carrier(f"smtp://{HOST}:{server.port}?starttls=never")
        await post.carry(letter())
    with pytest.raises(Unavailable):
        await post.carry(letter())
    await post.close()


async def test_letters_are_encrypted_where_the_certificate_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, tls = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    for scheme, from_the_start in (("smtp", False), ("smtps", True)):
        async with smtp_server(tls=tls, from_the_start=from_the_start) as server:
            post = carrier(f"{scheme}://{HOST}:{server.port}")
            await post.carry(letter())
            await post.close()
            assert [encrypted for encrypted, _ in server.mails] == [True]


async def test_no_letter_goes_to_a_stranger_or_in_the_open(tmp_path: Path) -> None:
    _, tls = certificate(tmp_path)
    async with smtp_server(tls=tls) as stranger, smtp_server() as in_the_open:
        for server in (stranger, in_the_open):
            post = carrier(f"smtp://{HOST}:{server.port}")
            with pytest.raises((Unavailable, Rejected)):
                await post.carry(letter())
            await post.close()
            assert server.mails == []


async def test_the_password_opens_and_a_wrong_one_may_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, tls = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with smtp_server(tls=tls, password=b"open: sesame") as server:
        right = carrier(f"smtp://us:open%3A%20sesame@{HOST}:{server.port}")
        wrong = carrier(f"smtp://us:wrong@{HOST}:{server.port}")
        await right.carry(letter())
        with pytest.raises(Unavailable, match="password"):
            await wrong.carry(letter())
        await right.close()
        await wrong.close()
        assert len(server.mails) == 1


async def test_a_server_that_says_nothing_is_given_up() -> None:
    callers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda reader, writer: callers.append(writer), HOST, 0)
    post = carrier(f"smtp://{HOST}:{silent.sockets[0].getsockname()[1]}?starttls=never", timeout_seconds=0.2)
    with pytest.raises(Unavailable):
        await post.carry(letter())
    await post.close()
    silent.close()
    for caller in callers:
        caller.close()
        await caller.wait_closed()


async def test_a_letter_interrupted_leaves_no_half_used_connection() -> None:
    async with smtp_server() as server:
        post = carrier(f"smtp://{HOST}:{server.port}?starttls=never")
        await post.carry(letter())
        sending = asyncio.create_task(post.carry(letter("cy@example.com")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await post.carry(letter("ben@example.com"))
        await post.close()

        assert b"ben@example.com" in server.mails[-1][1]

"""Everybody's mailbox: an SMTP server on this machine that keeps what it is given."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.url = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address.lower() in str(letter["To"]).lower()]

    def subjects(self, address: str) -> list[str]:
        return [str(letter["Subject"]) for letter in self.to(address)]

    def clear(self) -> None:
        self.letters.clear()


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def link_in(letter: EmailMessage) -> str:
    found = re.search(r"https?://\S+\?token=\S+", text_of(letter))
    assert found, text_of(letter)
    return found[0]


def token_in(letter: EmailMessage) -> str:
    return parse_qs(urlsplit(link_in(letter)).query)["token"][0]


@asynccontextmanager
async def mailbox_opened() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def begin() -> SMTP:
        sessions.append(SMTP(mailbox, loop=loop, enable_SMTPUTF8=True))
        return sessions[-1]

    server = await loop.create_server(begin, "127.0.0.1", 0)
    mailbox.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield mailbox
    finally:
        server.close()
        for session in sessions:
            if session.transport is not None:
                session.transport.close()
        await server.wait_closed()

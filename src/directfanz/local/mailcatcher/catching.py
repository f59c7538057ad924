"""The SMTP side. What a receiver's server may answer is had by address:

`bounce@...` is refused for good (550), `defer@...` for now (451); `bounce+anything@` and `defer+anything@` too.
"""

from __future__ import annotations

import asyncio
import logging

from aiosmtpd.smtp import SMTP, Envelope, Session

from directfanz.backends.clock.contract import Clock
from directfanz.local.mailcatcher.mailbox import Mailbox

MAX_MAIL_BYTES = 10 * 1024 * 1024
MAX_RECIPIENTS = 50
OK = "250 OK"
_ANSWERS = {
    "bounce": "550 5.1.1 Nobody has this address",
    "defer": "451 4.3.0 Come back later",
}
log = logging.getLogger("directfanz.mailcatcher")


class Catcher:
    def __init__(self, mailbox: Mailbox, clock: Clock) -> None:
        self._mailbox = mailbox
        self._clock = clock

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        person = address.partition("@")[0].partition("+")[0].casefold()
        if person in _ANSWERS:
            return _ANSWERS[person]
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        body = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            self._mailbox.add(envelope.mail_from or "", envelope.rcpt_tos, body, self._clock.now())
        except OSError as error:
            log.error("A mail could not be kept: %s.", error.strerror)
            return "452 4.3.1 No room for this mail now"
        return OK


async def listen(catcher: Catcher, host: str, port: int) -> asyncio.Server:
    def protocol() -> SMTP:
        return SMTP(
            catcher,
            hostname="localhost",
            ident="DirectFanz mail catcher",
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )

    return await asyncio.get_running_loop().create_server(protocol, host, port)

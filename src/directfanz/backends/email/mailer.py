"""The platform's mailer: one way to write a letter, several carriers to hand it to."""

from __future__ import annotations

from typing import Protocol

from directfanz.backends.clock.contract import Clock
from directfanz.backends.email.contract import Message
from directfanz.backends.email.letter import Letter, read_sender, write
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import DirectFanzError


class Carrier(Protocol):
    """Returns its id of the letter; `Unavailable` or `Rejected` as the mailer's contract says."""

    async def carry(self, letter: Letter) -> str: ...

    async def close(self) -> None: ...


class CarriedMail:
    def __init__(self, carrier: Carrier, sender: str, clock: Clock, telemetry: Telemetry) -> None:
        self._carrier = carrier
        self._sender = read_sender(sender)
        self._clock = clock
        self._sent = telemetry.counter("mails_sent_total")

    async def send(self, message: Message) -> str:
        try:
            known_as = await self._carrier.carry(write(message, self._sender, self._clock.now()))
        except DirectFanzError as error:
            self._sent.add(outcome=error.code)
            raise
        self._sent.add(outcome="sent")
        return known_as

    async def close(self) -> None:
        await self._carrier.close()

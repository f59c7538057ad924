"""Mail that leaves the platform.

- `send` returns the provider's id once the provider has taken the message; it says nothing of arrival.
- A message may be sent twice when a provider's answer is lost; the `key` goes along as `X-Entity-Ref-ID`.
- `Unavailable` means try later; `Rejected` means never (address refused, sender not allowed).
"""

from __future__ import annotations

from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    to: str
    subject: str
    text: str
    html: str
    key: str
    unsubscribe_url: str | None = None


class Mailer(Protocol):
    async def send(self, message: Message) -> str: ...

    async def close(self) -> None: ...

"""Why we close a socket, and what the client should do then. `docs/reference/realtime.md` shows this table."""

from __future__ import annotations

from typing import Literal, NamedTuple

ComeBack = Literal["no", "at once", "later", "with a new ticket"]


class Close(NamedTuple):
    code: int
    reason: str  # at most 123 bytes: it travels in a control frame
    come_back: ComeBack


GOODBYE = Close(1000, "Goodbye.", "no")
TOO_LARGE = Close(1009, "The message is too large.", "no")
RESTART = Close(1012, "We restart. Come back at once; another process takes over.", "at once")
BUSY = Close(1013, "We cannot take you at the moment. Wait a little, then come back.", "later")
NOT_UNDERSTOOD = Close(4400, "The message is not one of the protocol.", "no")
TICKET_REFUSED = Close(4401, "The ticket is forged, too old or used. Fetch another one.", "with a new ticket")
SESSION_ENDED = Close(4403, "The session has ended. Sign in again.", "no")
SILENT = Close(4408, "Nothing was heard from you for too long.", "at once")
TOO_SLOW = Close(4410, "You read too slowly. Come back and ask for what you missed.", "at once")
TOO_FAST = Close(4429, "You sent too much, or have too many connections. Wait a little.", "later")

ALL = (
    GOODBYE, TOO_LARGE, RESTART, BUSY, NOT_UNDERSTOOD, TICKET_REFUSED, SESSION_ENDED, SILENT, TOO_SLOW, TOO_FAST,
)  # fmt: skip

"""What accounts tell the other processes."""

from __future__ import annotations

from uuid import UUID

import msgspec

# Published when a session ends before its time; realtime closes the sockets that it opened.
SESSION_REVOKED = "session-revoked"


class SessionRevoked(msgspec.Struct, frozen=True):
    user: UUID
    session: UUID

"""What notifications tell the realtime process, and through it the browsers of one person."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.domains.notifications.models import View


def channel_of(user_id: UUID) -> str:
    return f"notify:{user_id}"


class Pushed(msgspec.Struct, frozen=True, tag="notification", tag_field="type"):
    """`notification` is None when only the count changed: something was read elsewhere."""

    unread: int
    position: int
    epoch: str
    notification: View | None = None

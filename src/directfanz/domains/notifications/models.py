from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.domains.notifications.kinds import KINDS, Channel, Kind


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        """A kind may have learned a new fact since this one was written."""
        return "..."


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    user_id: UUID
    position: int
    kind: str
    facts: Mapping[str, str]
    link: str
    created_at: datetime
    read_at: datetime | None
    times: int = 1  # so often it happened, when a burst is told as one

    @property
    def title(self) -> str:
        return _worded(_kind(self.kind).title, self._told)

    @property
    def text(self) -> str:
        return _worded(_kind(self.kind).text, self._told)

    @property
    def _told(self) -> Mapping[str, str]:
        """Of a burst `name` is the newest of those who took part."""
        if self.times == 1 or "name" not in self.facts:
            return self.facts
        others = "1 other" if self.times == 2 else f"{self.times - 1} others"
        return {**self.facts, "name": f"{self.facts['name']} and {others}"}


Outgoing = Literal["email", "push"]
Digest = Literal["at_once", "daily", "weekly", "never"]


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is told. Minutes of the day in their own zone; weekdays from Monday, 0. No quiet hours: both None."""

    quiet_from: int | None = None
    quiet_to: int | None = None
    digest: Digest = "at_once"
    digest_at: int = 18 * 60
    digest_weekday: int = 0


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """How one person wants to be told one kind. `chosen` is what differs from the kind's own way."""

    user_id: UUID
    rhythm: Rhythm | None
    has_browser: bool
    chosen: Mapping[Channel, bool]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """`gathered` waits for a digest."""

    notification_id: UUID
    user_id: UUID
    channel: Outgoing
    due_at: datetime
    gathered: bool = False


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `push_subscriptions`."""

    id: UUID
    user_id: UUID
    session_id: UUID | None
    endpoint: str
    p256dh: bytes
    auth: bytes
    device: str
    created_at: datetime
    used_at: datetime | None = None


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """What came since a position. After a `reset` the reader forgets what it has and reads its list anew."""

    notifications: list[Notification] = []
    unread: int
    position: int
    epoch: str
    reset: bool = False


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A notification in words, for a page, the API and the socket."""

    id: UUID
    position: int
    kind: str
    title: str
    text: str
    href: str | None
    picture: str
    created_at: datetime
    read_at: datetime | None


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    channel: Channel
    wanted: bool
    fixed: bool = False  # told whatever was chosen


def view(told: Notification) -> View:
    return View(
        id=told.id, position=told.position, kind=told.kind, title=told.title, text=told.text, href=told.link or None,
        picture=_kind(told.kind).picture, created_at=told.created_at, read_at=told.read_at,
    )  # fmt: skip


def _kind(name: str) -> Kind:
    """Old rows may be of a kind that is told no more."""
    return KINDS.get(name) or Kind(name=name, title=name, about="")


def _worded(words: str, facts: Mapping[str, str]) -> str:
    return words.format_map(_Facts(facts))

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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

    @property
    def title(self) -> str:
        return _worded(_kind(self.kind).title, self.facts)

    @property
    def text(self) -> str:
        return _worded(_kind(self.kind).text, self.facts)


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

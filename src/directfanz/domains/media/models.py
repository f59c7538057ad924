"""Files of creators, as the rest of the code sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

Kind = Literal["video", "audio", "image", "document", "file"]
State = Literal["uploading", "scanning", "processing", "ready", "failed"]
Source = Literal["upload", "recording"]
Role = Literal["playlist", "video", "audio", "image", "poster", "storyboard", "waveform", "preview", "captions"]
UploadState = Literal["open", "completed", "given_up"]

# Which state may follow which. `ready` goes back to `processing` when an original is worked on anew.
TRANSITIONS: dict[State, frozenset[State]] = {
    "uploading": frozenset({"scanning", "failed"}),
    "scanning": frozenset({"processing", "ready", "failed"}),
    "processing": frozenset({"ready", "failed"}),
    "ready": frozenset({"processing"}),
    "failed": frozenset({"scanning", "processing"}),
}
KINDS: tuple[Kind, ...] = ("video", "audio", "image", "document", "file")
# What viewers get a page's view of; the others are only downloaded.
WORKED_ON: frozenset[Kind] = frozenset({"video", "audio", "image", "document"})
LONGEST_NAME = 200
MEDIA, UPLOADS = "media", "uploads"  # buckets


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `assets`. `facts`: duration_ms, width, height, pages, loudness, ... as far as they are known."""

    id: UUID
    creator_id: UUID
    uploaded_by: UUID | None
    source: Source
    kind: Kind
    name: str
    bytes: int
    sha256: str | None
    mime: str
    state: State
    reason_code: str | None
    reason: str | None
    original: str | None
    version: int
    facts: Mapping[str, Any]
    downloadable: bool
    created_at: datetime
    updated_at: datetime
    ready_at: datetime | None
    removed_at: datetime | None

    @property
    def folder(self) -> str:
        """In the bucket `media`; all that belongs to this file lies under it."""
        return self.id.hex

    @property
    def views(self) -> str:
        """The folder that a viewer's grant opens."""
        return f"{self.folder}/v"

    @property
    def quarantine(self) -> str:
        """In the bucket `uploads`: where it waits until it has been looked through."""
        return self.folder


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `uploads`."""

    id: UUID
    asset_id: UUID
    creator_id: UUID
    user_id: UUID | None
    fingerprint: str
    key: str
    engine_id: str
    bytes: int
    part_bytes: int
    sha256: str | None
    state: UploadState
    created_at: datetime
    touched_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @property
    def parts(self) -> int:
        return -(-self.bytes // self.part_bytes)

    def size_of(self, number: int) -> int:
        return min(self.part_bytes, self.bytes - (number - 1) * self.part_bytes)


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """A file that viewers get. `path` is what follows `<asset hex>/v/<version>/`."""

    name: str
    role: Role
    path: str
    mime: str
    width: int | None = None
    height: int | None = None
    bitrate: int | None = None
    bytes: int = 0


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is what follows `<asset hex>/v/`."""

    language: str
    kind: Literal["subtitles", "captions", "chapters"]
    label: str
    path: str


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a page keeps, and what it may."""

    plan: str
    bytes: int
    files: int
    open_uploads: int
    most_bytes: int
    most_files: int
    most_file_bytes: int
    most_open_uploads: int


class ViewGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A way to what viewers get of one file, for less than a minute.

    `base_url` + `<version>/<path>` is the address of a rendition; it opens with the cookies, or with `query` after it.
    """

    base_url: str
    cookies: Mapping[str, str]
    cookie_path: str
    query: str
    expires_at: datetime


class OriginalGrant(msgspec.Struct, frozen=True, kw_only=True):
    """The one file as it was uploaded, saved under its name."""

    url: str
    expires_at: datetime

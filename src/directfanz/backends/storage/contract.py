"""Objects: named bytes in buckets.

- Keys are relative paths of visible text, 1 to 1024 bytes in UTF-8; no backslash, no `//`, no `.` or `..` part, no
  leading or trailing `/`. Anything else is `InvalidInput` before it reaches the engine.
- Metadata is text under names of small letters, digits and dashes; `MAX_METADATA_BYTES` in all, as it is encoded.
- `put` is atomic: a reader sees the old object or the whole new one. It checks the SHA-256 that the caller gives, or
  makes one; a checksum of the protocol guards the wire. `only_if_absent` raises `Conflict` when there is one.
- `get` of a missing key raises `NotFound`; a range that begins at or behind the end raises `InvalidInput`, one that only
  ends behind it is cut. `stream` gives one version of the object or raises `Conflict`.
- Reading is consistent: what was put is there, what was deleted is gone, `walk` shows it at once.
- `delete` of a missing key is no error. `walk` shows each key once, in the engine's order, which differs between engines.
- Parts of a multipart upload are 5 MiB to 5 GiB, but for the last; at most 10,000. An upload can be listed, resumed,
  completed and aborted. Completing again what was completed gives the same or `NotFound`; aborting what is gone is no error.
- A `checked` upload takes a part only with its SHA-256, and only the bytes that have it; `complete_upload` is given them again.
  `presign_parts` binds each address to one such sum: whoever sends sends `x-amz-checksum-sha256` with it, in base64.
- `presign_*` makes a URL that works without our credentials until it expires (at most 7 days, by the machine's clock).
- `Unavailable` may be retried; `Rejected` may not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

MIN_PART_BYTES = 5 * 1024 * 1024
MAX_PARTS = 10_000
MAX_KEY_BYTES = 1024
MAX_METADATA_BYTES = 1536  # S3 takes 2048, and our own entries are among them
MAX_WHOLE_BYTES = 64 * 1024 * 1024
MAX_PRESIGNED = timedelta(days=7)


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What was put, as it was counted on the way."""

    key: str
    size: int
    etag: str
    sha256: str  # hex


class ObjectInfo(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    size: int
    etag: str
    modified: datetime
    content_type: str = "application/octet-stream"
    metadata: Mapping[str, str] = msgspec.field(default_factory=dict)
    # Hex. Known of what was put whole, or with its SHA-256 announced; not of other uploads in parts, nor from `walk`.
    sha256: str | None = None


class Part(msgspec.Struct, frozen=True):
    number: int  # from 1
    etag: str
    size: int
    sha256: str | None = None  # hex; of a checked upload


class Swept(msgspec.Struct, kw_only=True):
    deleted: int = 0
    moved: int = 0
    aborted: int = 0


class Bucket(Protocol):
    """One bucket of platform.toml."""

    name: str

    async def put(
        self,
        key: str,
        body: bytes | AsyncIterator[bytes],
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        sha256: str | None = None,
        cache_control: str | None = None,
        only_if_absent: bool = False,
    ) -> Stored: ...

    async def get(self, key: str) -> bytes:
        """The whole object; `TooLarge` above MAX_WHOLE_BYTES."""
        ...

    def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Bytes `start` to `end` (not included)."""
        ...

    async def head(self, key: str) -> ObjectInfo: ...

    async def delete(self, *keys: str) -> None: ...

    def walk(self, folder: str = "") -> AsyncIterator[ObjectInfo]:
        """What is under a folder: key, size, ETag and time; the rest needs `head`."""
        ...

    async def copy(self, source: str, target: str) -> None:
        """Within the bucket, with its metadata, up to 5 GiB."""
        ...

    async def presign_get(self, key: str, lives: timedelta, *, download_as: str | None = None) -> str: ...

    async def presign_put(self, key: str, lives: timedelta, *, content_type: str | None = None) -> str: ...

    async def take_from(self, bucket: str, source: str, key: str, *, content_type: str) -> None:
        """A copy of an object of another bucket of ours, of any size, without its bytes passing through here."""
        ...

    async def begin_upload(
        self,
        key: str,
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        checked: bool = False,
    ) -> str: ...

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> Part: ...

    async def presign_part(self, key: str, upload_id: str, number: int, lives: timedelta) -> str: ...

    async def presign_parts(
        self, key: str, upload_id: str, sums: Mapping[int, str], lives: timedelta
    ) -> Mapping[int, str]: ...

    async def list_parts(self, key: str, upload_id: str) -> list[Part]: ...

    async def complete_upload(self, key: str, upload_id: str, parts: list[Part]) -> ObjectInfo: ...

    async def abort_upload(self, key: str, upload_id: str) -> None: ...


class Storage(Protocol):
    def bucket(self, name: str) -> Bucket:
        """By its name in platform.toml; another name is a `ConfigurationError`."""
        ...

    async def ensure_buckets(self) -> None:
        """Make what is missing. Here only: on AWS Terraform makes them."""
        ...

    async def sweep(self) -> Mapping[str, Swept]:
        """Carry out the lifecycle rules, by our clock. Here only: on AWS the store does it itself, by Terraform's rules."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...

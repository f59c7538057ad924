"""Objects: named bytes in buckets.

- Keys are relative paths of visible text, 1 to 1024 bytes in UTF-8; no `//`, no `.` or `..` part, no leading or
  trailing `/`. Anything else is `InvalidInput` before it reaches the engine.
- `put` is atomic: a reader sees the old object or the whole new one. It returns an ETag and checks the SHA-256 that the
  caller gives, or makes one; the engine's own CRC guards the wire.
- `get` of a missing key raises `NotFound`; a range outside the object raises `InvalidInput`.
- Reading is consistent: what was put is there, what was deleted is gone, `walk` shows it at once.
- `delete` of a missing key is no error. `walk` is ordered by key.
- Parts of a multipart upload are 5 MiB to 5 GiB, but for the last; at most 10,000. An upload can be listed, resumed, completed once
  and aborted.
- `presign_*` makes a URL that works without our credentials until it expires (at most 7 days).
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


class ObjectInfo(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    size: int
    etag: str
    modified: datetime
    content_type: str = "application/octet-stream"
    metadata: Mapping[str, str] = msgspec.field(default_factory=dict)
    sha256: str | None = None  # hex


class Part(msgspec.Struct, frozen=True):
    number: int  # from 1
    etag: str
    size: int


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
    ) -> ObjectInfo: ...

    async def get(self, key: str) -> bytes:
        """The whole object; for small ones."""
        ...

    def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Bytes `start` to `end` (not included)."""
        ...

    async def head(self, key: str) -> ObjectInfo: ...

    async def delete(self, *keys: str) -> None: ...

    def walk(self, prefix: str = "") -> AsyncIterator[ObjectInfo]: ...

    async def copy(self, source: str, target: str) -> None: ...

    async def presign_get(
        self, key: str, lives: timedelta, *, download_as: str | None = None
    ) -> str: ...

    async def presign_put(self, key: str, lives: timedelta, *, content_type: str | None = None) -> str: ...

    async def begin_upload(
        self, key: str, *, content_type: str = "application/octet-stream", metadata: Mapping[str, str] | None = None
    ) -> str: ...

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> Part: ...

    async def presign_part(self, key: str, upload_id: str, number: int, lives: timedelta) -> str: ...

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

    async def ping(self) -> None: ...

    async def close(self) -> None: ...

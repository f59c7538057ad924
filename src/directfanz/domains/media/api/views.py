"""What the answers hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.media.models import Asset, Kind, Source, State, Upload, UploadState
from directfanz.http.caller import require_scope
from directfanz.http.validation import Input

TAG = ["Files"]
WRITE = require_scope("posts:write")
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="In small hexadecimal digits.")]


class UploadAsk(Input, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=1000)]
    bytes: Annotated[int, Meta(ge=1, le=2**46)]
    fingerprint: Annotated[
        str,
        Meta(min_length=1, max_length=200, description="Whatever tells this file from others; asked again it goes on."),
    ]
    mime: Annotated[str, Meta(max_length=200)] = ""
    opening: Annotated[
        str,
        Meta(
            max_length=12_000,
            description="Its first bytes, at most 8 KiB, in base64: what is not taken is said at once.",
        ),
    ] = ""
    sha256: Sha256 | None = None


class PartAsk(Input, frozen=True, kw_only=True):
    number: Annotated[int, Meta(ge=1, le=10_000)]
    sha256: Sha256


class PartsAsk(Input, frozen=True, kw_only=True):
    parts: Annotated[list[PartAsk], Meta(min_length=1, max_length=100)]


class CompleteAsk(Input, frozen=True, kw_only=True):
    sha256: Annotated[Sha256 | None, Meta(description="Of the whole, if you know it.")] = None


class FileChange(Input, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    name: Annotated[
        Annotated[str, Meta(min_length=1, max_length=1000)] | None, Meta(description="As people see it.")
    ] = None
    downloadable: Annotated[bool | None, Meta(description="Whether who may see it may also save the original.")] = None


class UploadView(msgspec.Struct, frozen=True, kw_only=True):
    """`held`: the parts that are there, whole. Part `n` begins at byte `(n - 1) * part_bytes`."""

    id: UUID
    asset_id: UUID
    fingerprint: str
    bytes: int
    part_bytes: int
    parts: int
    state: UploadState
    held: list[int]
    expires_at: datetime


class PartAddress(msgspec.Struct, frozen=True, kw_only=True):
    """PUT the bytes there with these headers, within `seconds`."""

    number: int
    url: str
    headers: Mapping[str, str]


class PartsView(msgspec.Struct, frozen=True, kw_only=True):
    parts: list[PartAddress]
    seconds: int


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """`reason_code` and `reason` say why a file failed."""

    id: UUID
    creator_id: UUID
    source: Source
    kind: Kind
    name: str
    bytes: int
    sha256: str | None
    mime: str
    state: State
    reason_code: str | None
    reason: str | None
    version: int
    facts: Mapping[str, Any]
    downloadable: bool
    created_at: datetime
    ready_at: datetime | None
    removed_at: datetime | None


class UsageView(msgspec.Struct, frozen=True, kw_only=True):
    plan: str
    bytes: int
    files: int
    open_uploads: int
    most_bytes: int
    most_files: int
    most_file_bytes: int
    most_open_uploads: int


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    expires_at: datetime


class ViewGrantView(msgspec.Struct, frozen=True, kw_only=True):
    """`base_url` + `<version>/<path>` opens with the cookies of this answer, or with `query` after it. Ask again before it ends."""

    base_url: str
    query: str
    expires_at: datetime


def upload_view(upload: Upload, held: list[int]) -> UploadView:
    return UploadView(
        id=upload.id, asset_id=upload.asset_id, fingerprint=upload.fingerprint, bytes=upload.bytes,
        part_bytes=upload.part_bytes, parts=upload.parts, state=upload.state, held=held, expires_at=upload.expires_at,
    )  # fmt: skip


def file_view(asset: Asset) -> FileView:
    return FileView(**{name: getattr(asset, name) for name in FileView.__struct_fields__})

"""P11: each file type uploads, is stored and comes back byte for byte, with its metadata."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.contract import MIN_PART_BYTES, Bucket
from directfanz.backends.storage.multipart import PART_BYTES
from directfanz.backends.storage.store import S3Storage
from directfanz.backends.telemetry import open_telemetry
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from tests.support.engines import Engines
from tests.support.plain_settings import plain_settings
from tests.support.storage import chunks, read_all

# What U5 lets people publish, with how such a file begins; whatever looks at content may not change it.
FILE_TYPES = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBP",
    "image/avif": b"\x00\x00\x00\x20ftypavif",
    "image/svg+xml": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "audio/mpeg": b"ID3\x04\x00",
    "audio/flac": b"fLaC",
    "audio/ogg": b"OggS\x00\x02",
    "audio/wav": b"RIFF\x00\x00\x00\x00WAVEfmt ",
    "audio/mp4": b"\x00\x00\x00\x20ftypM4A ",
    "video/mp4": b"\x00\x00\x00\x20ftypisom",
    "video/webm": b"\x1a\x45\xdf\xa3",
    "video/quicktime": b"\x00\x00\x00\x14ftypqt  ",
    "video/mp2t": b"\x47\x40\x00\x10",
    "video/x-matroska": b"\x1a\x45\xdf\xa3\x01\x00",
    "application/pdf": b"%PDF-1.7\r\n%\xe2\xe3\xcf\xd3",
    "application/zip": b"PK\x03\x04",
    "application/gzip": b"\x1f\x8b\x08\x00",
    "application/epub+zip": b"PK\x03\x04mimetypeapplication/epub+zip",
    "application/json": b"\xef\xbb\xbf{}\r\n",
    "application/vnd.apple.mpegurl": b"#EXTM3U\n",
    "application/octet-stream": b"\x00",
    "text/plain; charset=utf-8": b"\xff\xfe\r\n\x00",
    "text/vtt": b"WEBVTT\n\n",
    "text/html; charset=utf-8": b"<!doctype html>\r\n",
}
# Around every edge where the way of storing changes.
SIZES = st.one_of(
    st.integers(0, 4096),
    st.sampled_from(
        [64 * 1024, 256 * 1024, 256 * 1024 + 1, MIN_PART_BYTES, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1]
    ),
)
NAMES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="/\\"), min_size=1, max_size=40
)
METADATA = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9})?", fullmatch=True).filter(lambda name: name != "sha256"),
    st.text(st.characters(codec="utf-8"), max_size=30),
    max_size=4,
)


@dataclass(frozen=True)
class World:
    """One loop for all examples: Hypothesis itself is not asynchronous."""

    portal: BlockingPortal
    bucket: Bucket


@pytest.fixture(scope="module")
def world(engines: Engines, platform: Platform) -> Iterator[World]:
    given = plain_settings(
        storage_endpoint=engines.storage_endpoint,
        storage_access_key=engines.storage_access_key,
        storage_secret_key=engines.storage_secret_key,
        storage_prefix=f"p11-{new_id().hex[:20]}-",
    )
    with start_blocking_portal() as portal:
        storage: S3Storage = open_storage(given, platform, SystemClock(), open_telemetry(given, platform, "test"))
        portal.call(storage.ensure_buckets)
        yield World(portal, storage.bucket("media"))
        portal.call(storage.close)


@pytest.mark.property("P11")
@pytest.mark.requirement("C4.3")
@given(
    content_type=st.sampled_from(sorted(FILE_TYPES)),
    size=SIZES,
    seed=st.integers(0, 2**32),
    name=NAMES.filter(lambda name: name.isprintable() and name not in (".", "..")),
    metadata=METADATA,
    streamed=st.booleans(),
    piece=st.integers(1, 3_000_000),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_file_comes_back_as_it_was(
    world: World,
    content_type: str,
    size: int,
    seed: int,
    name: str,
    metadata: dict[str, str],
    streamed: bool,
    piece: int,
) -> None:
    body = FILE_TYPES[content_type] + random.Random(seed).randbytes(size)
    world.portal.call(_there_and_back, world.bucket, name, body, content_type, metadata, streamed, piece)


async def _there_and_back(
    bucket: Bucket, name: str, body: bytes, content_type: str, metadata: dict[str, str], streamed: bool, piece: int
) -> None:
    key, digest = f"p11/{name}", hashlib.sha256(body).hexdigest()
    sent: bytes | AsyncIterator[bytes] = chunks(body, max(piece, len(body) // 1000)) if streamed else body

    stored = await bucket.put(key, sent, content_type=content_type, metadata=metadata)

    assert (stored.size, stored.sha256) == (len(body), digest)
    assert await bucket.get(key) == body
    assert await read_all(bucket.stream(key)) == body
    info = await bucket.head(key)
    assert (info.size, info.content_type, info.metadata) == (len(body), content_type, metadata)
    middle = len(body) // 2
    assert await read_all(bucket.stream(key, start=middle, end=middle + 100)) == body[middle : middle + 100]
    await bucket.delete(key)

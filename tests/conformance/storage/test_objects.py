"""Whole objects: put, read, replace, delete, list."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator

import pytest

from directfanz.backends.storage.contract import MAX_WHOLE_BYTES, Bucket
from directfanz.backends.storage.multipart import PART_BYTES
from directfanz.backends.storage.store import S3Storage
from directfanz.errors import ConfigurationError, Conflict, InvalidInput, NotFound, TooLarge
from tests.support.storage import bad_keys, chunks, failing_after, odd_keys, read_all


async def test_what_was_put_comes_back(bucket: Bucket, folder: str) -> None:
    body = os.urandom(70_000)

    stored = await bucket.put(
        f"{folder}/a.bin", body, content_type="image/png", metadata={"title": "Ada's café ☕ 100% "}
    )
    info = await bucket.head(f"{folder}/a.bin")

    assert await bucket.get(f"{folder}/a.bin") == body
    assert (stored.size, stored.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert (info.key, info.size, info.etag, info.sha256) == (stored.key, stored.size, stored.etag, stored.sha256)
    assert info.content_type == "image/png"
    assert info.metadata == {"title": "Ada's café ☕ 100% "}


async def test_an_empty_object_is_an_object(bucket: Bucket, folder: str) -> None:
    stored = await bucket.put(f"{folder}/empty", b"")

    assert stored.size == 0
    assert await bucket.get(f"{folder}/empty") == b""
    assert await read_all(bucket.stream(f"{folder}/empty")) == b""
    assert (await bucket.head(f"{folder}/empty")).size == 0


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 5])
async def test_a_stream_of_any_size_comes_back(bucket: Bucket, folder: str, size: int) -> None:
    body = os.urandom(1 << 20) * (size // (1 << 20)) + os.urandom(size % (1 << 20))

    stored = await bucket.put(f"{folder}/s", chunks(body, 300_007), content_type="video/mp4", metadata={"take": "2"})

    assert hashlib.sha256(await read_all(bucket.stream(f"{folder}/s"))).hexdigest() == stored.sha256
    assert stored.sha256 == hashlib.sha256(body).hexdigest()
    info = await bucket.head(f"{folder}/s")
    assert (info.size, info.content_type, info.metadata) == (size, "video/mp4", {"take": "2"})
    await bucket.delete(f"{folder}/s")


@pytest.mark.parametrize("size", [1000, PART_BYTES + 1000])
async def test_an_announced_checksum_is_compared_before_anything_is_seen(
    bucket: Bucket, folder: str, size: int
) -> None:
    key, old, new = f"{folder}/checked", b"the old one", os.urandom(1000) * (size // 1000)
    await bucket.put(key, old)

    with pytest.raises(InvalidInput, match="SHA-256"):
        await bucket.put(key, chunks(new, 99_991), sha256=hashlib.sha256(b"another").hexdigest())
    assert await bucket.get(key) == old

    right = hashlib.sha256(new).hexdigest()
    await bucket.put(key, chunks(new, 99_991), sha256=right)
    assert (await bucket.head(key)).sha256 == right


@pytest.mark.parametrize("size", [10, PART_BYTES + 10])
async def test_only_if_absent_keeps_the_first(bucket: Bucket, folder: str, size: int) -> None:
    key = f"{folder}/once"
    await bucket.put(key, b"a" * size, only_if_absent=True)

    with pytest.raises(Conflict):
        await bucket.put(key, b"b" * size, only_if_absent=True)

    assert (await bucket.get(key))[:1] == b"a"
    await bucket.delete(key)


@pytest.mark.parametrize("after", [1000, PART_BYTES + 1000])
async def test_a_source_that_fails_half_way_leaves_the_old_object(bucket: Bucket, folder: str, after: int) -> None:
    key = f"{folder}/half"
    await bucket.put(key, b"old")

    with pytest.raises(ConnectionResetError):
        await bucket.put(key, failing_after(after))

    assert await bucket.get(key) == b"old"


async def test_a_cancelled_writer_leaves_the_old_object(bucket: Bucket, folder: str) -> None:
    key, two_parts_in = f"{folder}/cancelled", asyncio.Event()
    await bucket.put(key, b"old")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield bytes(PART_BYTES)
        two_parts_in.set()
        await asyncio.Event().wait()

    writer = asyncio.create_task(bucket.put(key, endless()))
    await two_parts_in.wait()
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer

    assert await bucket.get(key) == b"old"


async def test_a_reader_sees_the_old_or_the_new_never_a_mixture(bucket: Bucket, folder: str) -> None:
    key, bodies = f"{folder}/torn", [bytes([letter]) * 200_000 for letter in b"abcdef"]
    await bucket.put(key, bodies[0])
    done = asyncio.Event()

    async def write() -> None:
        for body in bodies[1:] * 3:
            await bucket.put(key, body)
        done.set()

    async def read() -> None:
        while not done.is_set():
            assert await bucket.get(key) in bodies

    await asyncio.gather(write(), read(), read())


async def test_what_is_missing_is_said_so(bucket: Bucket, folder: str) -> None:
    missing = f"{folder}/nothing"

    with pytest.raises(NotFound):
        await bucket.get(missing)
    with pytest.raises(NotFound):
        await bucket.head(missing)
    with pytest.raises(NotFound):
        await read_all(bucket.stream(missing))
    with pytest.raises(NotFound):
        await bucket.copy(missing, f"{folder}/copy")
    await bucket.delete(missing, f"{missing}-2")


@pytest.mark.parametrize(("start", "end"), [(0, None), (0, 1), (5, 9), (9, None), (9, 10), (3, 3), (4, 999)])
async def test_a_range_is_cut_as_python_cuts(bucket: Bucket, folder: str, start: int, end: int | None) -> None:
    await bucket.put(f"{folder}/range", b"0123456789")

    assert await read_all(bucket.stream(f"{folder}/range", start=start, end=end)) == b"0123456789"[start:end]


@pytest.mark.parametrize(("start", "end"), [(10, None), (10, 11), (99, None), (-1, None), (5, 4)])
async def test_a_range_outside_is_refused(bucket: Bucket, folder: str, start: int, end: int | None) -> None:
    await bucket.put(f"{folder}/range", b"0123456789")

    with pytest.raises(InvalidInput):
        await read_all(bucket.stream(f"{folder}/range", start=start, end=end))


async def test_a_stream_gives_one_version_or_says_that_it_cannot(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/changing"
    await bucket.put(key, b"a" * 20_000_000)
    reading = bucket.stream(key)
    got = await anext(reading)

    await bucket.put(key, b"b" * 20_000_000)
    try:
        async for chunk in reading:
            got += chunk
    except Conflict:
        pass
    else:
        raise AssertionError("three windows of two versions were read as one object")

    assert set(got) == {ord("a")}
    await bucket.delete(key)


async def test_a_large_object_is_not_read_whole(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/large"
    await bucket.put(key, bytes(MAX_WHOLE_BYTES + 1))

    with pytest.raises(TooLarge):
        await bucket.get(key)
    await bucket.delete(key)


@pytest.mark.parametrize("name", odd_keys())
async def test_odd_names_are_names(bucket: Bucket, folder: str, name: str) -> None:
    key = f"{folder}/{name}"
    await bucket.put(key, name.encode())

    assert await bucket.get(key) == name.encode()
    assert [info.key async for info in bucket.walk(folder)] == [key]
    await bucket.delete(key)
    assert [info.key async for info in bucket.walk(folder)] == []


async def test_odd_names_are_deleted_together(bucket: Bucket, folder: str) -> None:
    names = [f"{folder}/{name}" for name in odd_keys()]
    await asyncio.gather(*(bucket.put(name, b"x") for name in names))
    await bucket.delete(*names, f"{folder}/never-there")
    assert [info.key async for info in bucket.walk(folder)] == []


@pytest.mark.parametrize("key", bad_keys())
async def test_bad_names_do_not_reach_the_engine(bucket: Bucket, key: str) -> None:
    with pytest.raises(InvalidInput):
        await bucket.put(key, b"x")
    with pytest.raises(InvalidInput):
        await bucket.get(key)
    with pytest.raises(InvalidInput):
        await bucket.delete(key)
    with pytest.raises(InvalidInput):
        bucket.stream(key)


@pytest.mark.parametrize(
    "metadata", [{"sha256": "mine"}, {"Title": "x"}, {"a b": "x"}, {"a": "x" * 2000}, {"a": "\ud800"}]
)
async def test_bad_metadata_is_refused(bucket: Bucket, folder: str, metadata: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        await bucket.put(f"{folder}/x", b"x", metadata=metadata)


async def test_walk_shows_each_object_of_a_folder_once(bucket: Bucket, folder: str) -> None:
    inside = {f"{folder}/in/{number:04}" for number in range(1100)} | {f"{folder}/in", f"{folder}/in/a/b/c"}
    outside = {f"{folder}/in-beside", f"{folder}/other/in/x"}
    limit = asyncio.Semaphore(16)

    async def put(key: str) -> None:
        async with limit:
            await bucket.put(key, b"x")

    await asyncio.gather(*(put(key) for key in inside | outside))
    seen = [info.key async for info in bucket.walk(f"{folder}/in")]

    assert len(seen) == len(set(seen))
    assert set(seen) == inside - {f"{folder}/in"}
    assert set(seen) == {info.key async for info in bucket.walk(f"{folder}/in/")}
    await bucket.delete(*seen)
    assert [info.key async for info in bucket.walk(f"{folder}/in")] == []


async def test_a_copy_has_everything_of_the_original(bucket: Bucket, folder: str) -> None:
    await bucket.put(f"{folder}/original", b"body", content_type="text/plain", metadata={"by": "Ada"})

    await bucket.copy(f"{folder}/original", f"{folder}/copy")
    original, copied = await bucket.head(f"{folder}/original"), await bucket.head(f"{folder}/copy")

    assert await bucket.get(f"{folder}/copy") == b"body"
    assert (copied.content_type, copied.metadata, copied.sha256) == ("text/plain", {"by": "Ada"}, original.sha256)


async def test_a_bucket_that_is_not_declared_is_a_mistake(storage: S3Storage) -> None:
    with pytest.raises(ConfigurationError, match=r"platform\.toml"):
        storage.bucket("nowhere")


async def test_it_says_that_it_is_there(storage: S3Storage) -> None:
    await storage.ping()


async def test_making_the_buckets_again_changes_nothing(storage: S3Storage, bucket: Bucket, folder: str) -> None:
    await bucket.put(f"{folder}/stays", b"x")
    await storage.ensure_buckets()
    assert await bucket.get(f"{folder}/stays") == b"x"

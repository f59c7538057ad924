"""Uploads that a client sends in parts, and addresses that work without our credentials."""

from __future__ import annotations

import os
from datetime import timedelta

import httpx
import pytest

from directfanz.backends.storage.contract import MIN_PART_BYTES, Bucket, Part
from directfanz.errors import InvalidInput, NotFound

HOUR = timedelta(hours=1)
BIG = os.urandom(MIN_PART_BYTES)


async def test_parts_in_any_order_make_one_object(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/film"
    upload = await bucket.begin_upload(key, content_type="video/mp4", metadata={"take": "ä"})
    last = await bucket.upload_part(key, upload, 3, b"the end")
    middle = await bucket.upload_part(key, upload, 2, BIG[::-1])
    first = await bucket.upload_part(key, upload, 1, BIG)

    info = await bucket.complete_upload(key, upload, [last, first, middle])

    assert (info.size, info.content_type, info.metadata) == (2 * MIN_PART_BYTES + 7, "video/mp4", {"take": "ä"})
    assert await bucket.get(key) == BIG + BIG[::-1] + b"the end"


async def test_an_upload_is_resumed_from_what_the_store_has(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/resumed"
    upload = await bucket.begin_upload(key)
    await bucket.upload_part(key, upload, 1, BIG)
    await bucket.upload_part(key, upload, 2, b"torn")

    there = await bucket.list_parts(key, upload)
    assert [(part.number, part.size) for part in there] == [(1, len(BIG)), (2, 4)]
    again = await bucket.upload_part(key, upload, 2, b"whole")
    await bucket.complete_upload(key, upload, [there[0], again])

    assert (await bucket.get(key))[-5:] == b"whole"


async def test_nothing_is_seen_before_it_is_complete(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/unseen"
    upload = await bucket.begin_upload(key)
    await bucket.upload_part(key, upload, 1, b"x")

    with pytest.raises(NotFound):
        await bucket.head(key)
    assert [info.key async for info in bucket.walk(folder)] == []
    await bucket.abort_upload(key, upload)


async def test_an_aborted_upload_is_gone_and_aborting_again_is_no_error(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/aborted"
    upload = await bucket.begin_upload(key)
    await bucket.upload_part(key, upload, 1, b"x")

    await bucket.abort_upload(key, upload)
    await bucket.abort_upload(key, upload)

    with pytest.raises(NotFound):
        await bucket.list_parts(key, upload)
    with pytest.raises(NotFound):
        await bucket.head(key)


async def test_completing_twice_makes_one_object(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/twice"
    upload = await bucket.begin_upload(key)
    part = await bucket.upload_part(key, upload, 1, b"x")
    first = await bucket.complete_upload(key, upload, [part])

    try:
        assert await bucket.complete_upload(key, upload, [part]) == first
    except NotFound:  # the engine has forgotten the upload: the object is there
        assert await bucket.head(key) == first


@pytest.mark.parametrize("number", [0, -1, 10_001])
async def test_a_part_has_a_number_in_bounds(bucket: Bucket, folder: str, number: int) -> None:
    with pytest.raises(InvalidInput):
        await bucket.upload_part(f"{folder}/x", "any", number, b"x")
    with pytest.raises(InvalidInput):
        await bucket.presign_part(f"{folder}/x", "any", number, HOUR)


async def test_parts_that_do_not_fit_are_refused(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/odd"
    upload = await bucket.begin_upload(key)
    small = [await bucket.upload_part(key, upload, number, b"small") for number in (1, 2)]

    with pytest.raises(InvalidInput):
        await bucket.complete_upload(key, upload, [])
    with pytest.raises(InvalidInput):
        await bucket.complete_upload(key, upload, [Part(1, "0" * 32, 5)])
    with pytest.raises(InvalidInput):
        await bucket.complete_upload(key, upload, small)
    with pytest.raises(NotFound):
        await bucket.head(key)
    await bucket.abort_upload(key, upload)


async def test_an_address_reads_one_object_under_the_name_it_is_to_be_saved_as(bucket: Bucket, folder: str) -> None:
    await bucket.put(f"{folder}/ü.png", b"picture", content_type="image/png", cache_control="private, max-age=60")
    url = await bucket.presign_get(f"{folder}/ü.png", HOUR, download_as='Ada\'s "ü" 100%.png')

    async with httpx.AsyncClient() as client:
        answer = await client.get(url)

    assert (answer.status_code, answer.content) == (200, b"picture")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=60"
    disposition = "attachment; filename=\"Ada's ___ 100_.png\"; filename*=UTF-8''Ada%27s%20%22%C3%BC%22%20100%25.png"
    assert answer.headers["content-disposition"] == disposition


async def test_an_address_writes_one_object(bucket: Bucket, folder: str) -> None:
    url = await bucket.presign_put(f"{folder}/a b.png", HOUR, content_type="image/png")

    async with httpx.AsyncClient() as client:
        answer = await client.put(url, content=b"picture", headers={"Content-Type": "image/png"})

    assert answer.status_code == 200
    assert await bucket.get(f"{folder}/a b.png") == b"picture"
    assert (await bucket.head(f"{folder}/a b.png")).content_type == "image/png"


async def test_a_browser_sends_parts_and_we_complete(bucket: Bucket, folder: str) -> None:
    key = f"{folder}/from browser"
    upload = await bucket.begin_upload(key)
    async with httpx.AsyncClient() as client:
        for number, body in ((1, BIG), (2, b"rest")):
            answer = await client.put(await bucket.presign_part(key, upload, number, HOUR), content=body)
            assert answer.status_code == 200
            assert answer.headers["etag"]

    await bucket.complete_upload(key, upload, await bucket.list_parts(key, upload))

    assert await bucket.get(key) == BIG + b"rest"


@pytest.mark.parametrize("lives", [timedelta(0), timedelta(seconds=-1), timedelta(days=7, seconds=1)])
async def test_an_address_lives_a_week_at_most(bucket: Bucket, lives: timedelta) -> None:
    with pytest.raises(InvalidInput):
        await bucket.presign_get("x", lives)
    with pytest.raises(InvalidInput):
        await bucket.presign_put("x", lives)

"""What only a real engine can show: who may do what, what is left behind, and what happens when it is away."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.control import Control
from directfanz.backends.storage.multipart import PART_BYTES
from directfanz.backends.storage.store import S3Storage
from directfanz.backends.telemetry import open_telemetry
from directfanz.errors import NotFound, Rejected, Unavailable
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from directfanz.settings import Secret, Settings
from tests.support.engines import REPOSITORY, Engines
from tests.support.own_engines import own_engines
from tests.support.plain_settings import plain_settings
from tests.support.storage import failing_after, read_all

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def seaweed(engines: Engines) -> Settings:
    return plain_settings(
        storage_endpoint=engines.storage_endpoint,
        storage_access_key=engines.storage_access_key,
        storage_secret_key=engines.storage_secret_key,
        storage_prefix=f"sw-{new_id().hex[:20]}-",
    )


def at(settings: Settings, platform: Platform) -> S3Storage:
    return open_storage(settings, platform, SystemClock(), open_telemetry(settings, platform, "test"))


@pytest.fixture(scope="module")
async def storage(seaweed: Settings, platform: Platform) -> AsyncIterator[S3Storage]:
    opened = at(seaweed, platform)
    await opened.ensure_buckets()
    yield opened
    await opened.close()


async def test_anyone_reads_a_public_object_and_nobody_a_private_one(storage: S3Storage, seaweed: Settings) -> None:
    public, private = storage.bucket("public"), storage.bucket("private")
    await public.put("p/logo.png", b"logo")
    await private.put("p/export.zip", b"export")

    async with httpx.AsyncClient(base_url=seaweed.storage_endpoint or "") as stranger:
        assert (await stranger.get(f"/{public.real_name}/p/logo.png")).content == b"logo"
        assert (await stranger.get(f"/{public.real_name}/")).status_code == 403
        assert (await stranger.put(f"/{public.real_name}/p/logo.png", content=b"x")).status_code == 403
        assert (await stranger.get(f"/{private.real_name}/p/export.zip")).status_code == 403


async def test_an_address_opens_its_own_object_only(storage: S3Storage) -> None:
    bucket = storage.bucket("media")
    await bucket.put("sign/mine", b"mine")
    await bucket.put("sign/other", b"other")
    reading = await bucket.presign_get("sign/mine", HOUR)
    writing = await bucket.presign_put("sign/mine", HOUR, content_type="image/png")

    async with httpx.AsyncClient() as client:
        assert (await client.get(reading)).content == b"mine"
        assert (await client.get(reading.replace("sign/mine", "sign/other"))).status_code == 403
        assert (await client.put(reading, content=b"x")).status_code == 403
        assert (await client.get(reading.replace("X-Amz-Expires=3600", "X-Amz-Expires=9600"))).status_code == 403
        html = {"Content-Type": "text/html"}
        assert (await client.put(writing, content=b"x", headers=html)).status_code == 403
    assert await bucket.get("sign/mine") == b"mine"


async def test_our_pages_may_upload_and_others_may_not(storage: S3Storage, seaweed: Settings) -> None:
    url = await storage.bucket("uploads").presign_put("cors/x", HOUR)
    asking = {"Access-Control-Request-Method": "PUT"}

    async with httpx.AsyncClient() as browser:
        ours = await browser.options(url, headers=asking | {"Origin": seaweed.site_url})
        theirs = await browser.options(url, headers=asking | {"Origin": "https://evil.example"})

    assert ours.headers["access-control-allow-origin"] == seaweed.site_url
    assert "access-control-allow-origin" not in theirs.headers


async def test_the_rules_of_platform_toml_are_set(storage: S3Storage, seaweed: Settings, platform: Platform) -> None:
    """SeaweedFS has one storage class, so only what deletes is set here; moto shows the rest."""
    for name, bucket in platform.buckets.items():
        status, rules = await _rules_of(seaweed, storage.bucket(name).real_name)
        deleting = [rule for rule in rules if "AbortIncompleteMultipartUpload" not in rule]
        assert (status == "Enabled") == bucket.versioned
        assert len(deleting) >= sum(rule.to == "deleted" for rule in bucket.lifecycle)


async def _rules_of(settings: Settings, bucket: str) -> tuple[str | None, list[Any]]:
    def work(s3: S3Client) -> tuple[str | None, list[Any]]:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        return s3.get_bucket_versioning(Bucket=bucket).get("Status"), list(rules)

    control = Control(settings)
    try:
        return await control.run(work)
    finally:
        await control.close()


async def test_an_upload_that_failed_leaves_no_parts(storage: S3Storage, seaweed: Settings) -> None:
    bucket, control = storage.bucket("media"), Control(seaweed)
    with pytest.raises(ConnectionResetError):
        await bucket.put("failed/film", failing_after(2 * PART_BYTES + 1000))

    left = await control.run(lambda s3: s3.list_multipart_uploads(Bucket=bucket.real_name, Prefix="failed/"))
    await control.close()

    assert left.get("Uploads", []) == []


async def test_an_upload_that_was_aborted_takes_nothing_more(storage: S3Storage) -> None:
    bucket = storage.bucket("media")
    upload = await bucket.begin_upload("aborted/film")
    part = await bucket.upload_part("aborted/film", upload, 1, b"x")
    await bucket.abort_upload("aborted/film", upload)

    with pytest.raises(NotFound):
        await bucket.upload_part("aborted/film", upload, 2, b"x")
    with pytest.raises(NotFound):
        await bucket.complete_upload("aborted/film", upload, [part])


WRITER = """
import asyncio, sys
from directfanz.backends.storage.multipart import PART_BYTES
from directfanz.platform_toml import load_platform
from directfanz.settings import Settings
import msgspec
from tests.integration.storage.test_seaweedfs import at
from pathlib import Path

async def main():
    settings = msgspec.json.decode(sys.stdin.readline(), type=Settings, dec_hook=lambda kind, value: kind(value))
    storage = at(settings, load_platform(Path(settings.platform_file)))
    async def endless():
        for number in range(5):
            yield b"new" * 1000 + bytes(PART_BYTES - 3000)
        print("half way", flush=True)
        await asyncio.Event().wait()
    await storage.bucket("media").put("killed/film", endless())

asyncio.run(main())
"""


@pytest.mark.property("P11")
async def test_a_writer_killed_half_way_leaves_the_old_object(storage: S3Storage, seaweed: Settings) -> None:
    bucket = storage.bucket("media")
    await bucket.put("killed/film", b"the old film")
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY
    )
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write(msgspec.json.encode(seaweed, enc_hook=str) + b"\n")
    assert await writer.stdout.readline() == b"half way\n"

    writer.send_signal(signal.SIGKILL)
    await writer.communicate()

    assert await bucket.get("killed/film") == b"the old film"
    assert [info.key async for info in bucket.walk("killed")] == ["killed/film"]


async def test_wrong_keys_are_refused_for_good(seaweed: Settings, platform: Platform) -> None:
    storage = at(msgspec.structs.replace(seaweed, storage_secret_key=Secret("wrong")), platform)
    with pytest.raises(Rejected):
        await storage.bucket("media").put("x", b"x")
    with pytest.raises(Rejected):
        await storage.bucket("media").begin_upload("x")
    await storage.close()


async def test_a_bucket_nobody_made_is_not_a_missing_object(seaweed: Settings, platform: Platform) -> None:
    storage = at(msgspec.structs.replace(seaweed, storage_prefix="never-made-"), platform)
    with pytest.raises(Rejected, match="bucket"):
        await storage.bucket("media").get("x")
    with pytest.raises(Rejected, match="bucket"):
        await storage.ping()
    await storage.close()


async def test_nobody_there_is_worth_another_try(platform: Platform) -> None:
    storage = at(
        plain_settings(storage_endpoint="http://127.0.0.1:9", storage_access_key="a", storage_secret_key="b"), platform
    )
    bucket = storage.bucket("media")
    for call in (
        bucket.put("x", b"x"),
        bucket.get("x"),
        bucket.head("x"),
        bucket.delete("x"),
        bucket.begin_upload("x"),
    ):
        with pytest.raises(Unavailable):
            await call
    with pytest.raises(Unavailable):
        await storage.ping()
    await storage.close()


async def test_objects_outlive_a_killed_engine_and_a_closed_store_says_so(platform: Platform) -> None:
    async with own_engines("seaweedfs") as mine:
        engine = mine.set.seaweedfs
        keys = engine.identities["app"]
        storage = at(
            plain_settings(
                storage_endpoint=engine.endpoint,
                storage_access_key=keys.access_key,
                storage_secret_key=keys.secret_key,
            ),
            platform,
        )
        await storage.ensure_buckets()
        bucket = storage.bucket("media")
        body = os.urandom(300_000)
        await asyncio.gather(*(bucket.put(f"o/{number}", body) for number in range(20)))

        await mine.kill("seaweedfs")

        assert len([info async for info in bucket.walk("o")]) == 20
        assert await read_all(bucket.stream("o/7", start=100, end=2000)) == body[100:2000]
        await storage.close()
        with pytest.raises(Unavailable):
            await bucket.begin_upload("late")

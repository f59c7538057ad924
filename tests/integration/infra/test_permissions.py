"""No call of an adapter lacks its permission, and no permission lacks its call: AWS itself writes down what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import timedelta

import boto3
import httpx
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.email.permissions import SENDING
from directfanz.backends.email.ses import SesCarrier
from directfanz.backends.permissions import Statement
from directfanz.backends.secrets.aws import AwsSecrets
from directfanz.backends.secrets.permissions import KEEPING, READING
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.multipart import PART_BYTES
from directfanz.backends.storage.permissions import OBJECTS
from directfanz.backends.telemetry import open_telemetry
from directfanz.backends.transcoder.contract import Facts, Order
from directfanz.backends.transcoder.mediaconvert.adapter import MediaConvert
from directfanz.backends.transcoder.permissions import CONVERTING
from directfanz.errors import DirectFanzError
from directfanz.platform_toml import Platform
from tests.support.at_home import letter
from tests.support.plain_settings import plain_settings
from tests.support.recording import Recording, recording_aws
from tests.support.storage import chunks, read_all

# What AWS checks for an operation, where that is not an action of the same name.
CHECKED = {
    "s3:HeadObject": {"s3:GetObject"},
    "s3:ListObjectsV2": {"s3:ListBucket"},
    "s3:CopyObject": {"s3:GetObject", "s3:PutObject"},
    "s3:DeleteObjects": {"s3:DeleteObject"},
    "s3:CreateMultipartUpload": {"s3:PutObject"},
    "s3:UploadPart": {"s3:PutObject"},
    "s3:CompleteMultipartUpload": {"s3:PutObject"},
    "s3:ListParts": {"s3:ListMultipartUploadParts"},
    "ses:SendEmail": {"ses:SendEmail", "ses:SendRawEmail"},
}
KEY_USE = {"kms:Decrypt", "kms:GenerateDataKey"}  # S3 and Secrets Manager ask for the caller; no adapter does


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with recording_aws() as recording:
        yield recording


def checked(recording: Recording) -> set[str]:
    return {action for asked in recording.asked for action in CHECKED.get(asked, {asked})}


def allowed(*statements: Statement) -> set[str]:
    return {action for statement in statements for action in statement.actions} - KEY_USE


async def test_storage_asks_for_what_its_role_allows(watched: Recording, platform: Platform) -> None:
    settings = plain_settings(storage_endpoint=watched.endpoint, storage_access_key="test", storage_secret_key="test")
    storage = open_storage(settings, platform, SystemClock(), open_telemetry(settings, platform, "test"))
    try:
        await storage.ensure_buckets()
        watched.asked.clear()  # buckets are Terraform's on AWS
        bucket = storage.bucket("media")
        await storage.ping()
        await bucket.put("a", b"one")
        await bucket.put("large", chunks(bytes(PART_BYTES + 1), PART_BYTES))
        assert await bucket.get("a") == b"one"
        assert await read_all(bucket.stream("a")) == b"one"
        await bucket.head("a")
        await bucket.copy("a", "b")
        assert len([found async for found in bucket.walk()]) == 3
        upload = await bucket.begin_upload("parts")
        part = await bucket.upload_part("parts", upload, 1, b"x")
        assert await bucket.list_parts("parts", upload)
        await bucket.complete_upload("parts", upload, [part])
        await bucket.abort_upload("parts", await bucket.begin_upload("parts"))
        async with httpx.AsyncClient() as browser:
            assert (
                await browser.put(await bucket.presign_put("c", timedelta(minutes=1)), content=b"c")
            ).status_code == 200
            assert (await browser.get(await bucket.presign_get("c", timedelta(minutes=1)))).content == b"c"
        await bucket.delete("a")
        await bucket.delete("b", "c")
    finally:
        await storage.close()
    assert checked(watched) == allowed(*OBJECTS)


async def test_processes_read_secrets_and_no_more(watched: Recording) -> None:
    secrets = AwsSecrets("directfanz", "us-east-1", watched.endpoint)
    await secrets.put("media-signing-key", "a key")
    await secrets.names()
    kept, watched.asked = checked(watched), set()
    await secrets.get("media-signing-key")
    assert checked(watched) == allowed(*READING)
    assert kept == allowed(*KEEPING)


async def test_mail_is_sent_and_nothing_else(watched: Recording) -> None:
    client = boto3.client("sesv2", region_name="us-east-1", endpoint_url=watched.endpoint)
    await asyncio.to_thread(client.create_email_identity, EmailIdentity="hello@example.com")
    client.close()
    watched.asked.clear()
    carrier = SesCarrier("us-east-1", watched.endpoint)
    await carrier.carry(letter("hello@example.com"))
    await carrier.close()
    assert checked(watched) == allowed(*SENDING)


async def test_films_are_converted_and_nothing_else(watched: Recording, platform: Platform) -> None:
    """What is asked counts here, not the answer: the suite of the transcoder has a MediaConvert that works."""
    settings = plain_settings(
        aws_endpoint=watched.endpoint,
        aws_region="us-east-1",
        mediaconvert_role="arn:aws:iam::123456789012:role/directfanz-test-mediaconvert",
        storage_endpoint=watched.endpoint,
        storage_access_key="test",
        storage_secret_key="test",
    )
    storage = open_storage(settings, platform, SystemClock(), open_telemetry(settings, platform, "test"))
    await storage.ensure_buckets()
    watched.asked.clear()
    converter = MediaConvert(settings, platform.processing, storage, poll_seconds=0)
    order = Order(
        token="a", bucket="uploads", source="a", target_bucket="media", target="a/v/1", rungs=(),
        facts=Facts(container="mov", seconds=1, bits_per_second=1),
    )  # fmt: skip

    async def tell(_: float) -> None: ...

    try:
        with pytest.raises(DirectFanzError):
            await converter.transcode(order, tell)
        await storage.bucket("media").put("a/v/1/work/mediaconvert.json", b'{"job":"1"}')
        for work in (converter.transcode(order, tell), converter.cancel(order)):
            with contextlib.suppress(DirectFanzError):
                await work
    finally:
        await converter.close()
        await storage.close()
    asked = {each for each in checked(watched) if each.startswith("mediaconvert:")}
    assert asked == allowed(*CONVERTING) - {"iam:PassRole"}

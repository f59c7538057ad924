"""P14: objects move to their class, and go, when the rules say so. P30: where they move to is cheap for how they are read.

The rules are platform.toml's; the calendar is ours, the store is real.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.storage.ageing import Version, due, fate_of
from directfanz.backends.storage.costs import cheapest, kept_in, watching
from directfanz.backends.storage.sweeping import CLASS_TAG, sweep_bucket
from directfanz.kit.ids import new_id
from directfanz.platform_toml import LifecycleRule, Platform
from tests.support.engines import Engines

P14, P30 = pytest.mark.property("P14"), pytest.mark.property("P30")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MIB = 1024 * 1024
DAY = timedelta(days=1)


def rules(*steps: tuple[int, str], prefix: str = "", noncurrent: bool = False) -> list[LifecycleRule]:
    return [LifecycleRule(after_days=days, to=to, prefix=prefix, noncurrent=noncurrent) for days, to in steps]  # type: ignore[arg-type]


@st.composite
def ladders(draw: st.DrawFn) -> list[LifecycleRule]:
    """Rules as platform.toml takes them: in order of age, each step further than the one before."""
    ways = draw(st.lists(st.sampled_from(["infrequent", "tiered", "archive", "deleted"]), min_size=1, unique=True))
    ways.sort(key=["infrequent", "tiered", "archive", "deleted"].index)
    ages = sorted(draw(st.sets(st.integers(1, 400), min_size=len(ways), max_size=len(ways))))
    return rules(
        *zip(ages, ways, strict=True), prefix=draw(st.sampled_from(["", "a/"])), noncurrent=draw(st.booleans())
    )


@P14
@given(ladders(), st.integers(0, 500), st.integers(0, 86_399), st.sampled_from(["a/x", "b/x"]), st.booleans())
def test_the_class_is_that_of_the_day(
    ladder: list[LifecycleRule], days: int, seconds: int, key: str, current: bool
) -> None:
    """Told by walking through the days, one after the other."""
    expected = None
    for day in range(days + 1):
        for rule in ladder:
            if rule.after_days == day and rule.noncurrent != current and key.startswith(rule.prefix):
                expected = rule.to
    assert fate_of(ladder, key, timedelta(days=days, seconds=seconds), current=current) == expected


@P14
@given(st.lists(st.integers(0, 90), min_size=1, max_size=6, unique=True), st.booleans(), st.integers(0, 200))
def test_a_replaced_version_counts_from_when_it_was_replaced(written: list[int], is_deleted: bool, today: int) -> None:
    """Versions written on those days, the last perhaps a deletion; versions go 30 days after they were replaced."""
    newest_first = sorted(written, reverse=True)
    versions = [
        Version(key="k", id=str(day), written=NOON + day * DAY, marker=is_deleted and index == 0)
        for index, day in enumerate(newest_first)
    ]
    gone = {each.version.id for each in due(rules((30, "deleted"), noncurrent=True), versions, NOON + today * DAY)}
    replaced = dict(zip(newest_first[1:], newest_first, strict=False))
    expected = {str(day) for day, by in replaced.items() if today - by >= 30}
    if is_deleted and len(expected) == len(versions) - 1:
        expected.add(str(newest_first[0]))  # nothing is left that it could hide
    assert gone == expected


@pytest.fixture(scope="module")
def s3(engines: Engines) -> Iterator[Any]:
    client = boto3.client(
        "s3", endpoint_url=engines.storage_endpoint, region_name="us-east-1",
        aws_access_key_id=engines.storage_access_key, aws_secret_access_key=engines.storage_secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )  # fmt: skip
    yield client
    client.close()


def bucket_of(s3: Any, platform: Platform, name: str) -> str:
    real = f"ageing-{name}-{new_id().hex[-8:]}"
    s3.create_bucket(Bucket=real)
    if platform.buckets[name].versioned:
        s3.put_bucket_versioning(Bucket=real, VersioningConfiguration={"Status": "Enabled"})
    return real


def tag_of(s3: Any, bucket: str, key: str) -> str | None:
    tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return next((tag["Value"] for tag in tags if tag["Key"] == CLASS_TAG), None)


def exists(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


@P14
@pytest.mark.parametrize("name", ["media", "uploads", "private", "backup", "public"])
def test_the_buckets_of_the_platform_age_in_the_real_store(s3: Any, platform: Platform, name: str) -> None:
    """A year and a month, on the days around which something happens: what the rules say is what lies there."""
    told, bucket = platform.buckets[name], bucket_of(s3, platform, name)
    keys = ["exports/a.zip", "film/v/1/0.m4s"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    written = datetime.now(UTC)
    days = sorted({0, *(rule.after_days + step for rule in told.lifecycle for step in (-1, 0, 1)), 400} - {-1})
    for day in days:
        sweep_bucket(s3, bucket, told.lifecycle, told.versioned, written + day * DAY + timedelta(minutes=5))
        for key in keys:
            fate = fate_of(told.lifecycle, key, day * DAY, current=True)
            assert exists(s3, bucket, key) == (fate != "deleted"), (day, key)
            if fate != "deleted":
                assert tag_of(s3, bucket, key) == fate, (day, key)


@P14
def test_what_was_replaced_or_deleted_is_really_gone_a_month_later(s3: Any, platform: Platform) -> None:
    told, bucket = platform.buckets["media"], bucket_of(s3, platform, "media")
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    s3.put_object(Bucket=bucket, Key="gone", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="gone")
    now = datetime.now(UTC) + timedelta(minutes=5)

    def left() -> tuple[int, int]:
        found = s3.list_object_versions(Bucket=bucket)
        return len(found.get("Versions", [])), len(found.get("DeleteMarkers", []))

    sweep_bucket(s3, bucket, told.lifecycle, True, now + 29 * DAY)
    assert left() == (3, 1)
    sweep_bucket(s3, bucket, told.lifecycle, True, now + 30 * DAY)
    sweep_bucket(s3, bucket, told.lifecycle, True, now + 30 * DAY)
    assert left() == (1, 0)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"two"


@P14
def test_parts_that_nobody_put_together_go_after_a_week(s3: Any, platform: Platform) -> None:
    bucket = bucket_of(s3, platform, "uploads")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="half")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="half", UploadId=upload, PartNumber=1, Body=b"x" * 100)
    now = datetime.now(UTC) + timedelta(minutes=5)
    assert sweep_bucket(s3, bucket, (), False, now + 6 * DAY).aborted == 0
    assert sweep_bucket(s3, bucket, (), False, now + 7 * DAY).aborted == 1
    with pytest.raises(ClientError, match="NoSuchUpload"):
        s3.list_parts(Bucket=bucket, Key="half", UploadId=upload)


SIZES = st.integers(1, 20_000 * MIB)
DAYS = st.integers(1, 1500)
READS = st.lists(st.integers(0, 1500), max_size=40).map(sorted)


@P30
@given(SIZES, DAYS, READS)
def test_the_way_media_are_kept_never_costs_more_than_leaving_them(size: int, days: int, reads: list[int]) -> None:
    """Whatever happens: beyond the fee for being watched, which is told apart, it is never above the naive policy."""
    seen = [day for day in reads if day < days]
    tiered, naive = kept_in("tiered", size, days, seen), kept_in("standard", size, days, seen)
    move = 0.01 / 1000
    assert tiered - watching(size, days) - move <= naive * (1 + 1e-9)


@P30
@given(st.integers(8 * MIB, 20_000 * MIB), st.integers(120, 1500), READS)
def test_the_fee_is_small_and_comes_back(size: int, days: int, reads: list[int]) -> None:
    """A film's part of 8 MiB pays two parts in a hundred at most; two months in which nobody looks bring that back."""
    seen = [day for day in reads if day < days]
    tiered, naive = kept_in("tiered", size, days, seen), kept_in("standard", size, days, seen)
    assert tiered <= naive * 1.04
    marks = [0, *seen, days]
    if max(after - before for before, after in itertools.pairwise(marks)) >= days * 0.2 + 60:
        assert tiered < naive


@P30
def test_media_move_by_how_they_are_read(platform: Platform) -> None:
    """Age alone would be dear: an old film that is read every week would pay for each reading."""
    assert fate_of(platform.buckets["media"].lifecycle, "x/v/1/0.m4s", 30 * DAY, current=True) == "tiered"
    weekly = list(range(0, 720, 7))
    assert kept_in("archive", 100 * MIB, 720, weekly) > kept_in("tiered", 100 * MIB, 720, weekly)
    assert cheapest(100 * MIB, 720, []) == "archive"
    assert kept_in("tiered", 100 * MIB, 720, []) < 0.4 * kept_in("standard", 100 * MIB, 720, [])


@P30
def test_what_is_never_read_back_goes_straight_to_the_archive(platform: Platform) -> None:
    backup = platform.buckets["backup"].lifecycle
    assert fate_of(backup, "2026/base.tar", 31 * DAY, current=True) == "archive"
    assert cheapest(500 * MIB, 365, [200]) == "archive"

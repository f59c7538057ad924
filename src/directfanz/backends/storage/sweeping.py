"""Carries the lifecycle rules out where the store does not: on one machine, by our own clock.

Deletion is real, as S3 does it: in a versioned bucket the current version gets a marker, a replaced one goes. Of storage classes the
store here has one, so the class is written beside the object, as a tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from directfanz.backends.storage.ageing import Due, Version, due
from directfanz.backends.storage.buckets import UNFINISHED_UPLOADS_DAYS
from directfanz.backends.storage.contract import Swept
from directfanz.platform_toml import LifecycleRule

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CLASS_TAG = "storage-class"


def sweep_bucket(s3: S3Client, name: str, rules: Sequence[LifecycleRule], versioned: bool, now: datetime) -> Swept:
    """May be cut off anywhere: the next sweep finds what is left."""
    swept = Swept(aborted=_abort_unfinished(s3, name, now))
    for each in due(rules, _versions(s3, name, versioned), now):
        if each.fate == "deleted":
            _delete(s3, name, each, versioned)
            swept.deleted += 1
        elif class_of(s3, name, each.version) != each.fate:
            _move(s3, name, each)
            swept.moved += 1
    return swept


def class_of(s3: S3Client, name: str, version: Version) -> str | None:
    tags = s3.get_object_tagging(Bucket=name, Key=version.key, **_which(version))["TagSet"]
    return next((tag["Value"] for tag in tags if tag["Key"] == CLASS_TAG), None)


def _move(s3: S3Client, name: str, each: Due) -> None:
    version = each.version
    tags = s3.get_object_tagging(Bucket=name, Key=version.key, **_which(version))["TagSet"]
    kept = [tag for tag in tags if tag["Key"] != CLASS_TAG]
    s3.put_object_tagging(
        Bucket=name,
        Key=version.key,
        Tagging={"TagSet": [*kept, {"Key": CLASS_TAG, "Value": each.fate}]},
        **_which(version),
    )


def _delete(s3: S3Client, name: str, each: Due, versioned: bool) -> None:
    if versioned and not each.current:
        s3.delete_object(Bucket=name, Key=each.version.key, **_which(each.version))
    else:
        s3.delete_object(Bucket=name, Key=each.version.key)


def _which(version: Version) -> dict[str, Any]:
    return {"VersionId": version.id} if version.id is not None else {}


def _versions(s3: S3Client, name: str, versioned: bool) -> Iterator[Version]:
    if not versioned:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for one in page.get("Contents", []):
                yield Version(key=one["Key"], id=None, written=one["LastModified"])
        return
    for listed in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        objects = [_version(each, marker=False) for each in listed.get("Versions", [])]
        markers = [_version(each, marker=True) for each in listed.get("DeleteMarkers", [])]
        newest_first = sorted(
            objects + markers, key=lambda pair: (pair[1].key, not pair[0], -pair[1].written.timestamp())
        )
        yield from (version for _, version in newest_first)


def _version(listed: Any, *, marker: bool) -> tuple[bool, Version]:
    version = Version(key=listed["Key"], id=listed.get("VersionId"), written=listed["LastModified"], marker=marker)
    return bool(listed.get("IsLatest")), version


def _abort_unfinished(s3: S3Client, name: str, now: datetime) -> int:
    """Whatever rules a bucket has: parts that nobody put together are seen by nobody and cost."""
    aborted = 0
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=name):
        for upload in page.get("Uploads", []):
            if now - upload["Initiated"] >= timedelta(days=UNFINISHED_UPLOADS_DAYS):
                s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
                aborted += 1
    return aborted

"""Buckets as platform.toml describes them, on one machine. On AWS Terraform makes them from the same lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from directfanz.platform_toml import Bucket, LifecycleRule

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

UNFINISHED_UPLOADS_DAYS = 7
STORAGE_CLASSES = {"infrequent": "STANDARD_IA", "tiered": "INTELLIGENT_TIERING", "archive": "GLACIER_IR"}


def ensure(s3: S3Client, name: str, bucket: Bucket, site_url: str) -> None:
    """Twice is as good as once, and two at the same time as one."""
    _create(s3, name)
    if bucket.versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    _put_lifecycle(s3, name, bucket.lifecycle)
    if bucket.presigned:
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [cors_rule(site_url)]})  # type: ignore[list-item]
    if bucket.public:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(public_policy(name)))


def _create(s3: S3Client, name: str) -> None:
    elsewhere: dict[str, Any] = {}
    if s3.meta.region_name != "us-east-1":
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": s3.meta.region_name}}
    try:
        s3.create_bucket(Bucket=name, **elsewhere)
    except (s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
        return


def _put_lifecycle(s3: S3Client, name: str, rules: tuple[LifecycleRule, ...]) -> None:
    """An engine with one storage class refuses to move objects between classes; it still deletes them."""
    try:
        _put_rules(s3, name, lifecycle(rules))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "NotImplemented":
            raise
        _put_rules(s3, name, lifecycle(rule for rule in rules if rule.to == "deleted"))


def _put_rules(s3: S3Client, name: str, rules: list[dict[str, Any]]) -> None:
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})  # type: ignore[typeddict-item]


def lifecycle(rules: Iterable[LifecycleRule]) -> list[dict[str, Any]]:
    """S3's words for them. Uploads that nobody finished go too."""
    made = [_rule(f"rule-{number}", rule) for number, rule in enumerate(rules, 1)]
    unfinished = {
        "ID": "unfinished-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED_UPLOADS_DAYS},
    }
    return [*made, unfinished]


def _rule(name: str, rule: LifecycleRule) -> dict[str, Any]:
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": rule.prefix}, **_action(rule)}


def _action(rule: LifecycleRule) -> dict[str, Any]:
    if rule.to == "deleted":
        if rule.noncurrent:
            return {"NoncurrentVersionExpiration": {"NoncurrentDays": rule.after_days}}
        return {"Expiration": {"Days": rule.after_days}}
    target = {"StorageClass": STORAGE_CLASSES[rule.to]}
    if rule.noncurrent:
        return {"NoncurrentVersionTransitions": [{"NoncurrentDays": rule.after_days, **target}]}
    return {"Transitions": [{"Days": rule.after_days, **target}]}


def cors_rule(site_url: str) -> dict[str, Any]:
    """Our own pages may read and write with presigned addresses; they need the ETag of each part they sent."""
    return {
        "AllowedOrigins": [site_url],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }


def public_policy(name: str) -> dict[str, Any]:
    """Anyone may read one object of which they know the name; nobody may list."""
    statement = {
        "Sid": "ReadOne",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}

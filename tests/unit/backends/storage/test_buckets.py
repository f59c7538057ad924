"""Lifecycle rules of platform.toml in S3's words."""

from __future__ import annotations

from directfanz.backends.storage.buckets import lifecycle, public_policy
from directfanz.platform_toml import LifecycleRule


def test_each_rule_becomes_one_of_s3() -> None:
    made = lifecycle(
        [
            LifecycleRule(after_days=30, to="infrequent"),
            LifecycleRule(after_days=180, to="archive", prefix="old/"),
            LifecycleRule(after_days=7, to="deleted", prefix="exports/"),
            LifecycleRule(after_days=30, to="deleted", noncurrent=True),
            LifecycleRule(after_days=9, to="archive", noncurrent=True),
        ]
    )

    assert [rule["Filter"]["Prefix"] for rule in made] == ["", "old/", "exports/", "", "", ""]
    assert made[0]["Transitions"] == [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    assert made[1]["Transitions"] == [{"Days": 180, "StorageClass": "GLACIER_IR"}]
    assert made[2]["Expiration"] == {"Days": 7}
    assert made[3]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert made[4]["NoncurrentVersionTransitions"] == [{"NoncurrentDays": 9, "StorageClass": "GLACIER_IR"}]
    assert made[5]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert len({rule["ID"] for rule in made}) == len(made)


def test_a_public_bucket_lets_read_and_nothing_else() -> None:
    (statement,) = public_policy("b")["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("s3:GetObject", "arn:aws:s3:::b/*")

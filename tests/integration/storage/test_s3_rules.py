"""What S3 is asked to do with age and versions; SeaweedFS has one storage class, so moto is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.buckets import lifecycle
from directfanz.backends.storage.control import Control
from directfanz.backends.telemetry import open_telemetry
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from tests.support.aws import REGION, aws
from tests.support.plain_settings import plain_settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


async def test_every_rule_of_platform_toml_reaches_s3(platform: Platform) -> None:
    simulated = aws()
    settings = plain_settings(
        storage_endpoint=simulated.endpoint,
        storage_access_key=simulated.access_key,
        storage_secret_key=simulated.secret_key,
        storage_region=REGION,
        storage_prefix=f"rules-{new_id().hex[:20]}-",
    )
    storage = open_storage(settings, platform, SystemClock(), open_telemetry(settings, platform, "test"))
    control = Control(settings)
    await storage.ensure_buckets()
    try:
        for name, bucket in platform.buckets.items():
            real = storage.bucket(name).real_name
            found = await control.run(_reads(real))
            assert {rule["ID"]: _plain(rule) for rule in found} == {
                rule["ID"]: _plain(rule) for rule in lifecycle(bucket.lifecycle)
            }
    finally:
        await control.close()
        await storage.close()


def _reads(bucket: str) -> Any:
    def work(s3: S3Client) -> list[Any]:
        return list(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"])

    return work


def _plain(rule: dict[str, Any]) -> dict[str, Any]:
    """Without what a service may leave out or spell otherwise."""
    return {key: value for key, value in rule.items() if key not in ("Filter", "Prefix")} | {
        "prefix": rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
    }

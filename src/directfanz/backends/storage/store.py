"""All buckets of the platform at one S3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from obstore.store import S3Store

from directfanz.backends.clock.contract import Clock
from directfanz.backends.storage import buckets
from directfanz.backends.storage.contract import Swept
from directfanz.backends.storage.control import CONNECT_SECONDS, READ_SECONDS, Control
from directfanz.backends.storage.faults import translated
from directfanz.backends.storage.s3 import S3Bucket
from directfanz.backends.storage.sweeping import sweep_bucket
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import ConfigurationError
from directfanz.platform_toml import Bucket, Platform
from directfanz.settings import Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

RETRIES = 3
RETRY_SECONDS = 10


class S3Storage:
    def __init__(self, settings: Settings, platform: Platform, clock: Clock, telemetry: Telemetry) -> None:
        self._settings = settings
        self._platform = platform
        self._clock = clock
        self._control = Control(settings)
        self._buckets = {name: self._bucket(name, clock, telemetry) for name in platform.buckets}

    def bucket(self, name: str) -> S3Bucket:
        found = self._buckets.get(name)
        if found is None:
            raise ConfigurationError(f"There is no bucket {name}. Add it to [buckets] in platform.toml.")
        return found

    async def ensure_buckets(self) -> None:
        def work(s3: S3Client) -> None:
            for name, bucket in self._platform.buckets.items():
                buckets.ensure(s3, self._real_name(name), bucket, self._settings.site_url)

        with translated("of the buckets"):
            await self._control.run(work)

    async def sweep(self) -> Mapping[str, Swept]:
        if self._settings.storage_endpoint is None:
            return {}
        swept = {}
        for name, bucket in self._platform.buckets.items():

            def work(s3: S3Client, name: str = name, bucket: Bucket = bucket) -> Swept:
                return sweep_bucket(s3, self._real_name(name), bucket.lifecycle, bucket.versioned, self._clock.now())

            with translated(f"of the bucket {name}"):
                swept[name] = await self._control.run(work)
        return swept

    async def ping(self) -> None:
        await next(iter(self._buckets.values())).ping()

    async def close(self) -> None:
        await self._control.close()

    def _real_name(self, name: str) -> str:
        return f"{self._settings.storage_prefix}{name}"

    def _bucket(self, name: str, clock: Clock, telemetry: Telemetry) -> S3Bucket:
        store = S3Store(self._real_name(name), **_options(self._settings))
        return S3Bucket(name, self._real_name(name), store, self._control, clock, telemetry)


def _options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "region": settings.storage_region,
        "checksum_algorithm": "crc64nvme",
        "disable_bulk_delete": True,  # see S3Bucket._delete_some
        "virtual_hosted_style_request": settings.storage_endpoint is None,
        "client_options": {
            "allow_http": bool(settings.storage_endpoint and settings.storage_endpoint.startswith("http://")),
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=READ_SECONDS),
        },
        "retry_config": {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
    }
    if settings.storage_endpoint:
        options["endpoint"] = settings.storage_endpoint
    if settings.storage_access_key and settings.storage_secret_key:
        options["access_key_id"] = settings.storage_access_key
        options["secret_access_key"] = settings.storage_secret_key
    return options

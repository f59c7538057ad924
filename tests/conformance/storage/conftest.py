"""Every test of this folder runs against SeaweedFS, as on one machine, and against S3 as moto simulates it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.contract import Bucket
from directfanz.backends.storage.store import S3Storage
from directfanz.backends.telemetry import open_telemetry
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from directfanz.settings import Settings
from tests.support.aws import REGION, aws
from tests.support.plain_settings import plain_settings

IMPLEMENTATIONS = ["seaweedfs", "s3"]


@pytest.fixture(scope="session", params=IMPLEMENTATIONS)
def storage_settings(request: pytest.FixtureRequest) -> Settings:
    prefix = f"conf-{new_id().hex[:20]}-"
    if request.param == "s3":
        simulated = aws()
        return plain_settings(
            storage_endpoint=simulated.endpoint,
            storage_access_key=simulated.access_key,
            storage_secret_key=simulated.secret_key,
            storage_region=REGION,
            storage_prefix=prefix,
        )
    engines = request.getfixturevalue("engines")
    return plain_settings(
        storage_endpoint=engines.storage_endpoint,
        storage_access_key=engines.storage_access_key,
        storage_secret_key=engines.storage_secret_key,
        storage_prefix=prefix,
    )


@pytest.fixture(scope="session")
def engine_name(request: pytest.FixtureRequest, storage_settings: Settings) -> str:
    return "seaweedfs" if storage_settings.storage_region == "us-east-1" else "s3"


@pytest.fixture(scope="session")
async def storage(storage_settings: Settings, platform: Platform) -> AsyncIterator[S3Storage]:
    telemetry = open_telemetry(storage_settings, platform, "test")
    opened = open_storage(storage_settings, platform, SystemClock(), telemetry)
    await opened.ensure_buckets()
    yield opened
    await opened.close()


@pytest.fixture
def bucket(storage: S3Storage) -> Bucket:
    return storage.bucket("media")


@pytest.fixture
def folder() -> str:
    """A place in the bucket that no other test uses."""
    return f"t-{new_id().hex}"

"""Reading the contract must not cost the import of an S3 client: it is imported where the store is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directfanz.backends.clock.contract import Clock
    from directfanz.backends.storage.store import S3Storage
    from directfanz.backends.telemetry.contract import Telemetry
    from directfanz.platform_toml import Platform
    from directfanz.settings import Settings


def open_storage(settings: Settings, platform: Platform, clock: Clock, telemetry: Telemetry) -> S3Storage:
    from directfanz.backends.storage.store import S3Storage

    return S3Storage(settings, platform, clock, telemetry)

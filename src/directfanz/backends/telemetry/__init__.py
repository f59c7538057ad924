"""Reading the contract must not cost the import of OpenTelemetry: it is imported where telemetry is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directfanz.backends.telemetry.opening import ProcessTelemetry
    from directfanz.platform_toml import Platform
    from directfanz.settings import Settings


def open_telemetry(settings: Settings, platform: Platform, service: str) -> ProcessTelemetry:
    from directfanz.backends.telemetry import opening

    return opening.open_telemetry(settings, platform, service)

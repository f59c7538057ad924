"""Settings for a test that needs no world: nothing in them leads anywhere until it is replaced."""

from __future__ import annotations

from directfanz.settings import Settings, load
from tests.support.engines import REPOSITORY


def plain_settings(**values: str) -> Settings:
    given = {
        "environment": "test",
        "profile": "local",
        "platform_file": str(REPOSITORY / "platform.toml"),
        "site_url": "http://localhost:8080",
        "secret_key": "a key for tests that nobody needs to guess",
        "database_url": "postgresql://nobody@127.0.0.1:9/nothing",
        "cache_nodes": "127.0.0.1:9",
        "smtp_url": "smtp://127.0.0.1:9",
        "telemetry_backend": "none",
    } | values
    return load({f"DIRECTFANZ_{name.upper()}": value for name, value in given.items()})

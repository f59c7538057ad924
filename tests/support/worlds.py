"""A world: one database, cache number and set of buckets that nobody else touches."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from directfanz.local.engines.roles import Roles, drop_database, ensure_database, ensure_roles
from directfanz.settings import Settings, load
from tests.support.engines import REPOSITORY, Engines, only_one_worker, run_folder

TEMPLATE = "directfanz_template"
SITE_URL = "http://localhost:8080"


class World(msgspec.Struct, frozen=True):
    settings: Settings
    owner_url: str
    name: str


def migrated_template(engines: Engines) -> str:
    """Made once per run, by the first worker that needs it."""
    done = run_folder() / "template.done"
    with only_one_worker("template"):
        if not done.exists():
            _make_template(engines)
            done.touch()
    return TEMPLATE


def _make_template(engines: Engines) -> None:
    from directfanz.backends.database.migrations import migrate
    from directfanz.platform_toml import load_platform

    platform = load_platform(REPOSITORY / "platform.toml")
    server = engines.postgres_url()
    ensure_roles(server, Roles(engines.owner_password, engines.app_password))
    ensure_database(server, TEMPLATE, platform.database.extensions)
    asyncio.run(migrate(engines.owner_url(TEMPLATE), folder=REPOSITORY / "database" / "migrations"))


def make_world(engines: Engines, name: str, cache_database: int, state: Path) -> World:
    template = migrated_template(engines)
    with only_one_worker("template"):  # PostgreSQL copies a template for one at a time
        ensure_database(engines.postgres_url(), name, (), template)
    return World(_settings(engines, name, cache_database, state), engines.owner_url(name), name)


def end_world(engines: Engines, world: World) -> None:
    drop_database(engines.postgres_url(), world.name)


def _settings(engines: Engines, name: str, cache_database: int, state: Path) -> Settings:
    values = {
        "environment": "test",
        "profile": "local",
        "platform_file": str(REPOSITORY / "platform.toml"),
        "state_dir": str(state),
        "site_url": SITE_URL,
        "secret_key": "a key for tests that nobody needs to guess",
        "database_url": engines.app_url(name),
        "database_owner_url": engines.owner_url(name),
        "cache_nodes": f"127.0.0.1:{engines.valkey_port}",
        "cache_database": str(cache_database),
        "cache_password": engines.valkey_password,
        "storage_endpoint": engines.storage_endpoint,
        "storage_access_key": engines.storage_access_key,
        "storage_secret_key": engines.storage_secret_key,
        "storage_prefix": f"{name.replace('_', '-')}-",
        "smtp_url": "smtp://127.0.0.1:9",  # nobody listens there; a test that reads mail starts a catcher
        "telemetry_backend": "none",
    }
    return load({f"DIRECTFANZ_{key.upper()}": value for key, value in values.items()})

"""One database per way to it: PostgreSQL itself, and PostgreSQL behind the pool that stands before it on AWS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.contract import Database
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.telemetry import open_telemetry
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.platform_toml import Platform
from directfanz.settings import Settings
from tests.support.pooler import pooler

TABLE = """
create table if not exists conformance_notes (
    id     bigint constraint conformance_notes_pkey primary key,
    text   text not null,
    amount integer constraint conformance_notes_amount check (amount >= 0),
    friend bigint constraint conformance_notes_friend references conformance_notes
)
"""


@pytest.fixture(scope="session")
def table(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(TABLE)


@pytest.fixture
async def telemetry(settings: Settings, platform: Platform) -> AsyncIterator[Telemetry]:
    telemetry = open_telemetry(settings, platform, "test")
    yield telemetry
    await telemetry.close()


@pytest.fixture(scope="module", params=["directly", "through PgBouncer"])
def address(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    if request.param == "directly":
        yield settings.database_url
        return
    with pooler(settings.database_url) as pooled:
        yield pooled


@pytest.fixture
async def database(address: str, platform: Platform, telemetry: Telemetry, table: None) -> AsyncIterator[Database]:
    database = Postgres(address, platform.database, SystemClock(), telemetry)
    await database.start()
    async with database.writing() as tx:
        await tx.execute("DELETE FROM conformance_notes")
    yield database
    await database.close()

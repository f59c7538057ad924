"""The pool before the database, started by the script of its image: few connections behind many clients, TLS before it, and refusals."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from directfanz.settings import Settings
from tests.support.pooler import environment, needed, pooler, start

CLIENTS, BEHIND = 40, 3


async def test_many_clients_share_few_connections(settings: Settings) -> None:
    with pooler(settings.database_url, PGBOUNCER_POOL_SIZE=str(BEHIND)) as pooled:
        clients = await asyncio.gather(*(asyncpg.connect(pooled) for _ in range(CLIENTS)))
        behind = await asyncio.gather(*(_look(client) for client in clients for _ in range(3)))
        for client in clients:
            client.terminate()
    assert 1 <= len(set(behind)) <= BEHIND


async def _look(client: asyncpg.Connection) -> int:
    async with _locks.setdefault(id(client), asyncio.Lock()):
        number: int = await client.fetchval("SELECT pg_backend_pid() FROM pg_sleep(0.005)")
        return number


_locks: dict[int, asyncio.Lock] = {}


async def test_it_speaks_tls_alone_and_knows_its_user(settings: Settings) -> None:
    with pooler(settings.database_url) as pooled:
        place = urlsplit(pooled)
        with pytest.raises((asyncpg.PostgresError, ConnectionError), match=r"SSL required|connection"):
            await asyncpg.connect(pooled.replace("sslmode=require", "sslmode=disable"))
        with pytest.raises(asyncpg.PostgresError, match="authentication failed"):
            await asyncpg.connect(pooled.replace(str(place.password), "not-the-password"))
        open_to = ssl.create_default_context()
        open_to.check_hostname, open_to.verify_mode = False, ssl.CERT_NONE
        client = await asyncpg.connect(pooled, ssl=open_to)
        assert await client.fetchval("SELECT 1") == 1
        client.terminate()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PGBOUNCER_DATABASE_HOST", "", "PGBOUNCER_DATABASE_HOST is not set"),
        ("PGBOUNCER_DATABASE_HOST", "db\nauth_type = trust", "may have letters"),
        ("PGBOUNCER_DATABASE_NAME", "x user=postgres", "may have letters"),
        ("PGBOUNCER_POOL_SIZE", "", "a number from 1 to 1000"),
        ("PGBOUNCER_POOL_SIZE", "0", "a number from 1 to 1000"),
        ("PGBOUNCER_POOL_SIZE", "99999999999999999999", "a number from 1 to 1000"),
        ("PGBOUNCER_POOL_MODE", "statement", "must be transaction or session"),
        ("PGBOUNCER_SERVER_TLS_MODE", "prefer", "must be disable, require, verify-ca or verify-full"),
        ("PGBOUNCER_SERVER_TLS_MODE", "verify-full", "to verify the database by"),
        ("PGBOUNCER_USERS", "somebody", "a line of its user list"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_starts(name: str, value: str, reason: str, tmp_path: Path) -> None:
    needed()
    told = environment(
        "postgresql://directfanz_app:secret-of-a-test@127.0.0.1:5432/directfanz", tmp_path / "pool", 6432
    )
    said, code = _ended(start(told | {name: value, "PGBOUNCER_SERVER_CA": "/nowhere.pem"}))
    assert code == 64
    assert reason in said
    assert "secret-of-a-test" not in said


def _ended(running: subprocess.Popen[str]) -> tuple[str, int]:
    said, _ = running.communicate(timeout=20)
    return said, running.returncode

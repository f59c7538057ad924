"""The schema, moved forward by plain SQL files.

    database/migrations/0010_accounts.expand.sql     before a deploy: old and new code both work with it
    database/migrations/0012_drop_nick.contract.sql  after it: only the new code does

An expand builds on no contract of its own release, and a release's contracts are applied before the next one's deploy.
Each file is one transaction, unless its first line is `-- outside a transaction` (then it holds one statement, such as CREATE
INDEX CONCURRENTLY). What was applied is remembered with its checksum; a file that changes afterwards is refused. The queue's own
schema comes from the installed procrastinate package, as step 0000, and its later migrations when the package moves.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import logging
import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import asyncpg
import msgspec

from directfanz.backends.database.translation import VENDOR_ERRORS, translate
from directfanz.errors import ConfigurationError

Phase = Literal["expand", "contract", "all"]
FOLDER = Path(__file__).resolve().parents[4] / "database" / "migrations"
log = logging.getLogger("directfanz.migrations")

_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.(expand|contract)\.sql")
_QUEUE_PART = re.compile(r"\d\d\.\d\d\.\d\d_\d\d_(?:(pre|post)_)?.*\.sql")
OUTSIDE = "-- outside a transaction"
QUEUE = "0000_procrastinate"
APP_ROLE = "directfanz_app"
_LOCK = 0x6466_7A01  # any number of our own: only one migrator at a time
# A migration that waits long for a lock holds up everybody queueing behind it, so it gives way and tries again.
LOCK_SECONDS, LOCK_TRIES, LOCK_PAUSE_SECONDS = 5, 12, 1


class Step(msgspec.Struct, frozen=True):
    name: str
    phase: Literal["expand", "contract"]
    sql: str
    checksum: str | None = None  # none for the queue's: its files are not ours to judge


async def migrate(owner_url: str, folder: Path = FOLDER, phase: Phase = "all") -> list[str]:
    """Applies what is missing and returns its names. A database that is still empty gets every file, whatever the phase."""
    steps = read_steps(folder)
    connection = await _connect(owner_url)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
        await _require_app_role(connection)
        known = await _known(connection)
        if known and QUEUE in known:
            _refuse_changed(steps, known)
        else:
            phase = "all"
            await _install_queue(connection)
            known = await _known(connection)
        return [await _apply(connection, step) for step in _missing([*queue_steps(), *steps], known, phase)]
    except VENDOR_ERRORS as error:
        raise translate(error, closed=connection.is_closed()) from error
    finally:
        await connection.close()


async def pending(owner_url: str, folder: Path = FOLDER) -> list[str]:
    """What `migrate` would apply, for a look before a deploy."""
    connection = await _connect(owner_url)
    try:
        known = await _known(connection)
        return [step.name for step in [*queue_steps(), *read_steps(folder)] if step.name not in known]
    finally:
        await connection.close()


def read_steps(folder: Path) -> list[Step]:
    """In the order of their numbers, a contract after the expand of its number."""
    steps, numbers = [], dict[tuple[str, str], str]()
    for path in folder.glob("*.sql"):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise ConfigurationError(f"{path}: a migration is named 0012_what_it_does.expand.sql or .contract.sql")
        phase: Literal["expand", "contract"] = "expand" if match[1] == "expand" else "contract"
        other = numbers.setdefault((path.name[:4], phase), path.name)
        if other != path.name:
            raise ConfigurationError(f"{path}: {other} has the same number. Take the next free one.")
        text = path.read_text(encoding="utf-8")
        steps.append(Step(path.name.removesuffix(".sql"), phase, text, hashlib.sha256(text.encode()).hexdigest()))
    if not steps:
        raise ConfigurationError(f"{folder} holds no migrations. Is this the folder of the checkout?")
    return sorted(steps, key=lambda step: (step.name[:4], step.phase == "contract"))


def queue_steps() -> list[Step]:
    """The package's migrations since version 3. Those it calls `post` may run only when no old worker is left."""
    files = resources.files("procrastinate.sql") / "migrations"
    steps = []
    for file in sorted(files.iterdir(), key=lambda file: file.name):
        match = _QUEUE_PART.fullmatch(file.name)
        if match:
            name = f"{QUEUE}/{file.name.removesuffix('.sql')}"
            steps.append(Step(name, "contract" if match[1] == "post" else "expand", file.read_text()))
    return steps


def _missing(steps: Iterable[Step], known: dict[str, str | None], phase: Phase) -> list[Step]:
    return [step for step in steps if step.name not in known and phase in ("all", step.phase)]


def _refuse_changed(steps: list[Step], known: dict[str, str | None]) -> None:
    for step in steps:
        if step.name in known and known[step.name] != step.checksum:
            raise ConfigurationError(
                f"{step.name}.sql has changed since it was applied. Put it back as it was and write a new migration."
            )


async def _connect(owner_url: str) -> Any:
    settings = {"application_name": "directfanz migrate", "lock_timeout": f"{LOCK_SECONDS}s", "timezone": "UTC"}
    try:
        return await asyncpg.connect(owner_url, server_settings=settings, statement_cache_size=0, timeout=10)
    except VENDOR_ERRORS as error:
        raise translate(error, closed=False) from error


async def _require_app_role(connection: Any) -> None:
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", APP_ROLE):
        raise ConfigurationError(
            f"The role {APP_ROLE} does not exist. Make it before the schema: it is granted rights."
        )


async def _known(connection: Any) -> dict[str, str | None]:
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return {}
    return dict(await connection.fetch("SELECT name, checksum FROM schema_migrations"))


async def _install_queue(connection: Any) -> None:
    """The package's whole schema at once; its single migrations count as applied."""
    schema = (resources.files("procrastinate.sql") / "schema.sql").read_text()
    async with connection.transaction():
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            " name text PRIMARY KEY, checksum text, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        await connection.execute(schema)
        names = [QUEUE, *(step.name for step in queue_steps())]
        await connection.executemany("INSERT INTO schema_migrations (name) VALUES ($1)", [(name,) for name in names])
    log.info("queue of procrastinate %s installed", importlib.metadata.version("procrastinate"))


async def _apply(connection: Any, step: Step) -> str:
    for attempt in range(1, LOCK_TRIES + 1):
        try:
            await _apply_once(connection, step)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            if attempt == LOCK_TRIES:
                raise
            await asyncio.sleep(LOCK_PAUSE_SECONDS)
        except asyncpg.PostgresError as error:
            raise ConfigurationError(f"{step.name}.sql{_line(step, error)}: {error}") from error
        else:
            break
    log.info("applied %s", step.name)
    return step.name


async def _apply_once(connection: Any, step: Step) -> None:
    remember = "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)"
    if step.sql.startswith(OUTSIDE):
        await connection.execute(step.sql)
        await connection.execute(remember, step.name, step.checksum)
        return
    async with connection.transaction():
        await connection.execute(step.sql)
        await connection.execute(remember, step.name, step.checksum)


def _line(step: Step, error: asyncpg.PostgresError) -> str:
    position = getattr(error, "position", None)
    return f":{step.sql[: int(position)].count(chr(10)) + 1}" if position else ""

"""Opens what a process stands on, in order, and closes it in reverse order.

Which implementation serves a contract is decided here and nowhere else, from the settings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from directfanz.backends import Backends
from directfanz.backends.billing import open_billing
from directfanz.backends.billing.contract import Billing
from directfanz.backends.cache import connect as connect_cache
from directfanz.backends.cache.contract import Cache
from directfanz.backends.cdn import open_cdn
from directfanz.backends.clock.contract import Clock
from directfanz.backends.clock.shifted import ShiftedClock
from directfanz.backends.clock.system import SystemClock
from directfanz.backends.database.contract import Database
from directfanz.backends.database.postgres import Postgres
from directfanz.backends.email import open_mailer
from directfanz.backends.email.contract import Mailer
from directfanz.backends.jobs.procrastinate_queue import ProcrastinateQueue
from directfanz.backends.live import Lives
from directfanz.backends.push import open_push
from directfanz.backends.push.contract import Push
from directfanz.backends.scanning import open_scanner
from directfanz.backends.secrets import open_secrets
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.contract import Storage
from directfanz.backends.telemetry import open_telemetry
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.backends.transcoder import open_transcoder
from directfanz.backends.transcoder.contract import Transcoder
from directfanz.kit.signing import TokenSigner
from directfanz.platform_toml import Platform, load_platform
from directfanz.settings import Settings

CLOSE_SECONDS = 10.0
log = logging.getLogger("directfanz.assembly")


@asynccontextmanager
async def opened(settings: Settings, *, service: str, clock: Clock | None = None) -> AsyncIterator[Backends]:
    """If one part does not open, those before it are closed and its error goes on."""
    platform = load_platform(Path(settings.platform_file))
    time = clock or _clock(settings)
    async with AsyncExitStack() as parts:
        telemetry: Telemetry = open_telemetry(settings, platform, service)
        parts.push_async_callback(closed, "telemetry", telemetry.close)
        database = await _database(settings, platform, time, telemetry, parts)
        cache = await _cache(settings, platform, time, telemetry, parts)
        storage: Storage = open_storage(settings, platform, time, telemetry)
        parts.push_async_callback(closed, "storage", storage.close)
        transcoder: Transcoder = open_transcoder(settings, platform, storage)
        parts.push_async_callback(closed, "transcoder", transcoder.close)
        mailer: Mailer = open_mailer(settings, time, telemetry)
        parts.push_async_callback(closed, "mailer", mailer.close)
        secrets = open_secrets(settings, platform)
        live = Lives(settings, platform, time, cache, secrets)
        parts.push_async_callback(closed, "live", live.close)
        push: Push = open_push(settings, secrets, time, telemetry)
        parts.push_async_callback(closed, "push", push.close)
        billing: Billing = open_billing(settings, time, telemetry, taxed=platform.charges.tax == "provider")
        parts.push_async_callback(closed, "billing", billing.close)
        yield Backends(
            settings=settings,
            platform=platform,
            clock=time,
            telemetry=telemetry,
            secrets=secrets,
            database=database,
            cache=cache,
            storage=storage,
            scanner=open_scanner(settings),
            cdn=open_cdn(settings, secrets, time),
            transcoder=transcoder,
            live=live,
            jobs=ProcrastinateQueue(),
            mailer=mailer,
            push=push,
            billing=billing,
            tokens=TokenSigner(settings.secret_key),
        )


def _clock(settings: Settings) -> Clock:
    return ShiftedClock(Path(settings.clock_shift_file)) if settings.clock_shift_file else SystemClock()


async def _database(
    settings: Settings, platform: Platform, clock: Clock, telemetry: Telemetry, parts: AsyncExitStack
) -> Database:
    database: Database = Postgres(
        settings.database_url, platform.database, clock, telemetry, replica_url=settings.database_replica_url
    )
    parts.push_async_callback(closed, "database", database.close)  # before start: half a pool is closed too
    await database.start()
    return database


async def _cache(
    settings: Settings, platform: Platform, clock: Clock, telemetry: Telemetry, parts: AsyncExitStack
) -> Cache:
    cache: Cache = connect_cache(settings, platform, clock, telemetry)
    parts.push_async_callback(closed, "cache", cache.close)
    await cache.start()
    return cache


async def closed(name: str, close: Callable[[], Awaitable[None]], within_seconds: float | None = None) -> None:
    """Closes and waits, within a limit; what one part does wrong does not keep the others open."""
    limit = CLOSE_SECONDS if within_seconds is None else within_seconds
    try:
        async with asyncio.timeout(limit):
            await close()
    except TimeoutError:
        log.error("The %s did not close within %s seconds; leaving it.", name, limit)
    except Exception:
        log.exception("The %s did not close as it should.", name)

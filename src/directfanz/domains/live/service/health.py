"""How streams do, for the console of their creators."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.live.models import Health, Level
from directfanz.domains.live.repository import health
from directfanz.kit.ids import new_id

SHOWN = 100
FIGURES_KEPT = timedelta(days=7)
_AT_ONCE = 20_000


async def report(backends: Backends, figures: dict[UUID, dict[str, object]]) -> None:
    """The figures of many streams at once: bitrate, frames, drift, and so on."""
    now = backends.clock.now()
    rows = [Health(id=new_id(), stream_id=s, at=now, kind="figures", figures=f) for s, f in figures.items()]
    if rows:
        async with backends.database.writing() as tx:
            await health.insert(tx, rows)


async def note(
    backends: Backends, stream_id: UUID, code: str, message: str, level: Level = "info", **figures: object
) -> None:
    """Something happened; `message` is a sentence for the creator."""
    row = Health(
        id=new_id(), stream_id=stream_id, at=backends.clock.now(), kind="event", level=level, code=code, message=message,
        figures=figures,
    )  # fmt: skip
    async with backends.database.writing() as tx:
        await health.insert(tx, [row])


async def events(reader: Reader, stream_id: UUID, limit: int = SHOWN) -> list[Health]:
    """The newest first."""
    return await health.newest(reader, stream_id, "event", limit)


async def figures(reader: Reader, stream_id: UUID, limit: int = SHOWN) -> list[Health]:
    return await health.newest(reader, stream_id, "figures", limit)


async def prune(backends: Backends) -> int:
    """Figures every five seconds are of use for days; what happened stays with its stream. In parts, so that no lock is long."""
    before, gone = backends.clock.now() - FIGURES_KEPT, 0
    while True:
        async with backends.database.writing() as tx:
            count = await health.remove_before(tx, before, _AT_ONCE)
        gone += count
        if count < _AT_ONCE:
            return gone

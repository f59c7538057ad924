"""What the provider told us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from directfanz.backends.billing.contract import Event
from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import KeptEvent

PROVIDER = "stripe"
_COLUMNS = (
    "event_id, kind, object_id, account, payload, created_at, received_at, processed_at, handled, attempts, error"
)


async def is_processed(reader: Reader, event_id: str) -> bool:
    sql = "SELECT processed_at IS NOT NULL FROM provider_events WHERE provider = $1 AND event_id = $2"
    return bool(await reader.fetch_value(sql, PROVIDER, event_id))


async def take(tx: Writer, event: Event, now: datetime, *, handled: bool) -> bool:
    """Marks it as processed. False when it was before; whoever handles the same at this moment waits here for the other's end."""
    return await tx.execute(
        """INSERT INTO provider_events AS kept
               (provider, event_id, kind, object_id, account, payload, created_at, received_at, processed_at, handled, attempts)
           VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $8, $9, 1)
           ON CONFLICT (provider, event_id) DO UPDATE
               SET processed_at = excluded.processed_at, handled = excluded.handled, attempts = kept.attempts + 1, error = NULL
               WHERE kept.processed_at IS NULL""",
        PROVIDER, event.id, event.kind, event.object_id, event.account, _text(event), event.created_at, now, handled,
    ) == 1  # fmt: skip


async def take_all(tx: Writer, taken: Sequence[Event], now: datetime, *, handled: bool) -> set[str]:
    """Marks each as processed, each once; which of them were not before. In the order of their ids, so that two stretches do not
    wait for each other crosswise."""
    told = sorted(taken, key=lambda event: event.id)
    rows = await tx.fetch(
        """INSERT INTO provider_events AS kept
               (provider, event_id, kind, object_id, account, payload, created_at, received_at, processed_at, handled, attempts)
           SELECT $1, id, k, o, a, p::jsonb, c, $2, $2, $3, 1
             FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[]) AS e (id, k, o, a, p, c)
           ON CONFLICT (provider, event_id) DO UPDATE
               SET processed_at = excluded.processed_at, handled = excluded.handled, attempts = kept.attempts + 1, error = NULL
               WHERE kept.processed_at IS NULL
           RETURNING event_id""",
        PROVIDER, now, handled, [each.id for each in told], [each.kind for each in told], [each.object_id for each in told],
        [each.account for each in told], [_text(each) for each in told], [each.created_at for each in told],
    )  # fmt: skip
    return {row[0] for row in rows}


async def keep_failed(tx: Writer, event: Event, now: datetime, error: str) -> None:
    await tx.execute(
        """INSERT INTO provider_events AS kept
               (provider, event_id, kind, object_id, account, payload, created_at, received_at, handled, attempts, error)
           VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, true, 1, $9)
           ON CONFLICT (provider, event_id) DO UPDATE SET attempts = kept.attempts + 1, error = excluded.error
               WHERE kept.processed_at IS NULL""",
        PROVIDER, event.id, event.kind, event.object_id, event.account, _text(event), event.created_at, now, error,
    )  # fmt: skip


async def find(reader: Reader, event_id: str) -> KeptEvent | None:
    sql = f"SELECT {_COLUMNS} FROM provider_events WHERE provider = $1 AND event_id = $2"  # noqa: S608
    row = await reader.fetch_row(sql, PROVIDER, event_id)
    return _kept(row) if row else None


async def newest(reader: Reader, *, failed: bool, limit: int) -> list[KeptEvent]:
    """Indexes: provider_events_failed, provider_events_newest."""
    which = "processed_at IS NULL" if failed else "true"
    sql = f"SELECT {_COLUMNS} FROM provider_events WHERE {which} ORDER BY received_at DESC, event_id DESC LIMIT $1"  # noqa: S608
    return [_kept(row) for row in await reader.fetch(sql, limit)]


async def count_failed(reader: Reader) -> int:
    return int(await reader.fetch_value("SELECT count(*) FROM provider_events WHERE processed_at IS NULL"))


async def processed_among(reader: Reader, ids: list[str]) -> set[str]:
    sql = "SELECT event_id FROM provider_events WHERE provider = $1 AND event_id = ANY($2) AND processed_at IS NOT NULL"
    return {row[0] for row in await reader.fetch(sql, PROVIDER, ids)}


async def forget_old(tx: Writer, before: datetime, most: int) -> int:
    """Their payloads hold people's addresses. Index: provider_events_newest."""
    return await tx.execute(
        """DELETE FROM provider_events WHERE (provider, event_id) IN (
               SELECT provider, event_id FROM provider_events WHERE received_at < $1 AND processed_at IS NOT NULL LIMIT $2)""",
        before, most,
    )  # fmt: skip


def _text(event: Event) -> str:
    return msgspec.json.encode(event.object).decode()


def _kept(row: Row) -> KeptEvent:
    return KeptEvent(
        event_id=row[0], kind=row[1], object_id=row[2], account=row[3], payload=msgspec.json.decode(row[4]), created_at=row[5],
        received_at=row[6], processed_at=row[7], handled=row[8], attempts=row[9], error=row[10],
    )  # fmt: skip

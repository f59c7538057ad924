"""Recording, reading and checking.

    await audit.record(tx, actor=caller.user_id, action="accounts.suspended", target=user_id, reason=why)

Record last in the transaction: from here to the commit nobody else records. Facts are small and hold no mail address, name or secret:
an entry outlives the account it speaks of.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.backends.telemetry import context
from directfanz.domains.audit import repository
from directfanz.domains.audit.models import Checked, Entry, Seal, Wanted

ENTRIES_AT_ONCE = 10_000


async def record(
    tx: Writer, *, actor: UUID | None, action: str, target: UUID | None = None, **facts: str | int | bool | None
) -> None:
    request_id = context.request_id.get()
    await repository.insert(tx, actor, action, target, request_id or None, msgspec.json.encode(facts))


async def newest(backends: Backends, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
    async with backends.database.reading() as reader:
        return await repository.newest(reader, wanted, before, limit)


async def about(reader: Reader, person: UUID) -> list[Entry]:
    return await repository.about(reader, person)


async def check(backends: Backends, known: Seal | None = None) -> Checked:
    """Every entry, in stretches. `known` is an end kept from earlier: it finds a chain that was written anew as a whole."""
    async with backends.database.reading() as reader:
        end = await repository.end(reader)
        last = max(end.position if end else 0, known.position if known else 0)
        broken = None if known is None or await repository.seal_at(reader, known.position) == known else known.position
        for after in range(0, last, ENTRIES_AT_ONCE):
            found = await repository.first_break(reader, after, min(after + ENTRIES_AT_ONCE, last))
            if found is not None:
                broken = found if broken is None else min(found, broken)
                break
    return Checked(last, broken, end)


def plain(entry: Entry) -> dict[str, object]:
    """For somebody's own copy of their data."""
    facts = ", ".join(f"{name}: {value}" for name, value in entry.facts.items())
    return {"at": entry.at, "what": entry.action, "details": facts}

"""A creator's members: found, noted about, taken along as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.memberships.errors import NoSuchMembership
from directfanz.domains.memberships.models import Happened
from directfanz.domains.memberships.repository import members, memberships
from directfanz.domains.memberships.repository.members import MemberFilter, MemberRow, Note, Segment
from directfanz.errors import InvalidInput, NotFound
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money, plain
from directfanz.kit.time import rfc3339

__all__ = [
    "MemberCard",
    "MemberFilter",
    "MemberRow",
    "Note",
    "Segment",
    "add_note",
    "as_csv",
    "counts",
    "newest",
    "one",
]

NEW_SINCE = timedelta(days=30)
NOTE_CHARACTERS = 2000
ROWS_AT_ONCE = 500
_HEAD = (
    "Handle", "Name", "Tier", "State", "Source", "Amount", "Currency", "Interval", "Member since", "Period ends", "Ended",
    "Reason", "Why they left",
)  # fmt: skip
# A table program takes a cell that begins so for a formula and would run it.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


class MemberCard(msgspec.Struct, frozen=True, kw_only=True):
    member: MemberRow
    notes: list[Note]
    history: list[Happened]


async def newest(
    backends: Backends, caller: Caller, creator_id: UUID, wanted: MemberFilter, before: UUID | None, limit: int
) -> list[MemberRow]:
    async with backends.database.reading() as reader:
        await team.require(reader, caller, creator_id, "members")
        return await members.newest(reader, creator_id, wanted, backends.clock.now() - NEW_SINCE, before, limit)


async def counts(backends: Backends, caller: Caller, creator_id: UUID) -> dict[str, int]:
    async with backends.database.reading() as reader:
        await team.require(reader, caller, creator_id, "members")
        return await members.counts(reader, creator_id, backends.clock.now() - NEW_SINCE)


async def one(backends: Backends, caller: Caller, creator_id: UUID, membership_id: UUID) -> MemberCard:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "members")
        found = await members.find(tx, creator_id, membership_id)
        if found is None:
            raise NoSuchMembership("There is no such member on this page.")
        return MemberCard(
            member=found, notes=await members.notes(tx, creator_id, found.user_id),
            history=await memberships.history(tx, membership_id),
        )  # fmt: skip


async def add_note(backends: Backends, caller: Caller, creator_id: UUID, membership_id: UUID, text: str) -> UUID:
    """Read by the team only; the member finds it in a copy of their data."""
    written, note_id = text.strip(), new_id()
    if not 1 <= len(written) <= NOTE_CHARACTERS:
        raise InvalidInput.in_field("text", f"A note has 1 to {NOTE_CHARACTERS} characters.")
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "members")
        found = await members.find(tx, creator_id, membership_id)
        if found is None:
            raise NoSuchMembership("There is no such member on this page.")
        now = backends.clock.now()
        await members.add_note(tx, note_id, creator_id, found.user_id, caller.require_user(), written, now)
    return note_id


async def remove_note(backends: Backends, caller: Caller, creator_id: UUID, note_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "members")
        if not await members.remove_note(tx, creator_id, note_id):
            raise NotFound("There is no such note.")


async def as_csv(backends: Backends, caller: Caller, creator_id: UUID, wanted: MemberFilter) -> AsyncIterator[bytes]:
    """Asked for and recorded before the first byte; then a page of rows at a time, however many there are."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "members")
        await audit.record(tx, actor=caller.user_id, action="memberships.members_exported", target=creator_id)
    return _lines(backends, creator_id, wanted)


async def _lines(backends: Backends, creator_id: UUID, wanted: MemberFilter) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + _written([_HEAD])  # so that table programs read it as UTF-8
    before: UUID | None = None
    since = backends.clock.now() - NEW_SINCE
    while True:
        async with backends.database.reading() as reader:
            rows = await members.newest(reader, creator_id, wanted, since, before, ROWS_AT_ONCE)
        if rows:
            yield _written([_cells(row) for row in rows])
            before = rows[-1].id
        if len(rows) < ROWS_AT_ONCE:
            return


def _cells(row: MemberRow) -> list[str]:
    return [
        row.handle, row.display_name, row.tier_name, row.state, row.source, plain(Money(row.amount, row.currency)),
        row.currency, row.interval, rfc3339(row.started_at), rfc3339(row.period_end) if row.period_end else "",
        rfc3339(row.ended_at) if row.ended_at else "", row.end_reason or row.cancel_reason or "", row.cancel_comment,
    ]  # fmt: skip


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode()


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINS) else cell

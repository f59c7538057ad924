"""`status`: where a move stands, asked without a lease and without touching anything."""

from __future__ import annotations

import msgspec

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.errors import SideProblem
from directfanz.migrate.follow import channels, guard
from directfanz.migrate.follow.channels import Channel
from directfanz.migrate.follow.guard import SlotStanding
from directfanz.migrate.move import parts, statements
from directfanz.migrate.side import Side
from directfanz.migrate.state.store import Line, Store
from directfanz.migrate.state.tables import SCHEMA

LAST_LINES = 12


class MoveStatus(msgspec.Struct, frozen=True):
    phase: str
    doing: str | None
    source: str
    target: str
    done: int
    total: int
    rows: int
    bytes: int
    statements_done: int
    statements: int
    slots: list[SlotStanding]
    channels: list[Channel]
    verified: str
    journal: list[Line]


def look(source: Side | None, target: Side, clock: Clock) -> MoveStatus:
    with target.session("status") as session:
        store = Store.open(session, clock)
        now, account = store.standing(), parts.account(session, store.run)
        done, every = statements.counted(session, store.run)
        verdicts = store.verdicts()
        verified = ""
        if verdicts:
            at, _, equal, rows, _ = verdicts[-1]
            verified = f"{at:%d %b %H:%M}: {rows:,} rows, {'equal' if equal else 'NOT equal'}"
        return MoveStatus(
            now.phase,
            now.doing,
            store.plan.source,
            store.plan.target,
            account.done,
            account.total,
            account.rows,
            account.bytes,
            done,
            every,
            _slots(source, store),
            channels.standing(session),
            verified,
            store.journal(LAST_LINES),
        )


def _slots(source: Side | None, store: Store) -> list[SlotStanding]:
    """A source that is away is no reason to say nothing."""
    if source is None:
        return []
    try:
        with source.session("status") as session:
            return guard.slots(session, store.plan.options.slot_bytes, f"{SCHEMA}_{store.run.hex[-8:]}")
    except SideProblem:
        return []

"""The ledger of statements: what the schema needs after the rows, each done exactly once."""

from __future__ import annotations

import uuid

import msgspec

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.move.dump import Statement
from directfanz.migrate.side import Session
from directfanz.migrate.state.tables import SCHEMA


class Pending(msgspec.Struct, frozen=True):
    number: int
    kind: str
    name: str
    source_oid: int
    text: str


def keep(session: Session, run: uuid.UUID, section: str, statements: list[Statement], first: int) -> None:
    with session.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {SCHEMA}.statement (run, number, section, kind, name, source_oid, text) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (run, first + number, section, one.kind, one.name, one.source_oid, one.text)
                for number, one in enumerate(statements)
            ],
        )


def pending(session: Session, run: uuid.UUID, section: str = "post-data") -> list[Pending]:
    rows = session.rows(
        f"""SELECT number, kind, name, source_oid, text FROM {SCHEMA}.statement
        WHERE run = %s AND section = %s AND done_at IS NULL ORDER BY number""",
        (run, section),
    )
    return [Pending(*row) for row in rows]


def counted(session: Session, run: uuid.UUID) -> tuple[int, int]:
    """Done, and all."""
    done, every = session.rows(
        f"SELECT count(done_at), count(*) FROM {SCHEMA}.statement WHERE run = %s AND section = 'post-data'", (run,)
    )[0]
    return done, every


def carry_out(session: Session, run: uuid.UUID, clock: Clock, statement: Pending, text: str = "") -> None:
    """Together with its line in the ledger, so that a crash leaves either both or none."""
    with session.transaction():
        session.execute(text or statement.text)
        session.execute(
            f"UPDATE {SCHEMA}.statement SET done_at = %s WHERE run = %s AND number = %s",
            (clock.now(), run, statement.number),
        )

"""The differing rows of one table, put right: surplus ones go, missing ones come, all found by the hash of the whole row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from directfanz.migrate.catalogue.tables import Table
from directfanz.migrate.errors import GateFailed, WrongUse
from directfanz.migrate.follow import channels, markers
from directfanz.migrate.follow.fences import lock_tables
from directfanz.migrate.side import Session, literal
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.verify import digests
from directfanz.migrate.verify.pair import at_one_moment, read_under
from directfanz.migrate.work import Work

DRAIN_SECONDS = 2


def repair_table(work: Work, table: Table, phase: str) -> int:
    if phase == "cut_over":
        raise WrongUse("After the cutover the target is the truth. Roll back first, or leave the old side as it is.")
    with work.target.session("repair", autocommit=False) as target, _source(work, table, phase) as source:
        _sign(target)
        buckets = digests.differing(digests.read_buckets(source, table), digests.read_buckets(target, table))
        if not buckets:
            return 0
        rows = digests.read_rows(source, target, table, buckets)
        gone = _take_away(target, table, buckets, rows.extra)
        _bring(source, target, table, buckets, rows.missing)
        left = digests.differing(digests.read_buckets(source, table), digests.read_buckets(target, table))
        if left:
            raise GateFailed(f"{table.quoted} could not be repaired; nothing was changed.")
        target.commit()
    return gone + sum(rows.missing.values())


@contextlib.contextmanager
def _source(work: Work, table: Table, phase: str) -> Iterator[Session]:
    """The source while the table stands still: the moment of the copy, or now, with its writers waiting and the stream drained."""
    if phase == "copied":
        with at_one_moment(work, phase) as pair, work.source.session("repair") as session:
            read_under(session, pair.source[table.quoted])
            yield session
        return
    with work.source.session("repair") as locking, work.source.session("repair") as session:
        lock_tables(work, locking, [table.quoted], "SHARE")
        locking.execute("SET idle_in_transaction_session_timeout = 0")
        with work.target.session("repair") as looking:
            if markers.arrives(work, session, looking, channels.forward_numbers(work), DRAIN_SECONDS) is None:
                raise GateFailed(f"The target is more than {DRAIN_SECONDS} s behind; {table.quoted} was not repaired.")
        yield session
        locking.execute("COMMIT")


def _sign(target: Session) -> None:
    """What we write is marked as coming from elsewhere, so the stream back leaves it out; triggers do not fire."""
    target.execute("SET session_replication_role = replica")
    name = f"{SCHEMA}_repair"
    if not target.value("SELECT true FROM pg_replication_origin WHERE roname = %s", (name,)):
        target.execute("SELECT pg_replication_origin_create(%s)", (name,))
    target.execute("SELECT pg_replication_origin_session_setup(%s)", (name,))


def _take_away(target: Session, table: Table, buckets: list[int], extra: dict[int, int]) -> int:
    gone = 0
    for value, count in extra.items():
        gone += target.execute(
            f"""DELETE FROM ONLY {table.quoted} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ONLY {table.quoted}
            WHERE {table.bucket} = ANY(%s) AND {table.row_hash} = %s LIMIT %s))""",
            (buckets, value, count),
        ).rowcount
    return gone


def _bring(source: Session, target: Session, table: Table, buckets: list[int], missing: dict[int, int]) -> None:
    if not missing:
        return
    wanted = ", ".join(f"({value}, {count})" for value, count in missing.items())
    selected = f"""SELECT {table.column_list} FROM (SELECT *, {table.row_hash} AS dfz_hash, row_number() OVER (PARTITION BY
        {table.row_hash}) AS dfz_number FROM ONLY {table.quoted} WHERE {table.bucket} = ANY({literal(buckets)})) x
        JOIN (VALUES {wanted}) w(hash, copies) ON w.hash = x.dfz_hash AND x.dfz_number <= w.copies"""
    with source.cursor() as reading, target.cursor() as writing:
        columns = f"({table.column_list})" if table.moved else ""
        with (
            reading.copy(f"COPY ({selected}) TO STDOUT") as leaving,
            writing.copy(f"COPY {table.quoted} {columns} FROM STDIN") as entering,
        ):
            for block in leaving:
                entering.write(block)

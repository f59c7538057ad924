"""Inside the fence: what no stream carries, brought over while nobody writes."""

from __future__ import annotations

from directfanz.migrate.catalogue.tables import Table, read_tables
from directfanz.migrate.cutover.direction import Direction
from directfanz.migrate.errors import GateFailed
from directfanz.migrate.follow import sequences
from directfanz.migrate.move import large_objects
from directfanz.migrate.side import Session
from directfanz.migrate.verify import digests
from directfanz.migrate.work import Work


def bring(
    work: Work, direction: Direction, here: Session, there: Session, states: sequences.States, unlogged: list[Table]
) -> None:
    sequences.set_states(there, states)
    if sequences.states(there, list(states)) != states:
        raise GateFailed("A sequence of the other side did not take its state.")
    if work.plan.large_objects or here.value("SELECT true FROM pg_largeobject_metadata LIMIT 1"):
        large_objects.copy(work, back=direction.is_back)
    for table in unlogged:
        if digests.differing(digests.read_buckets(here, table), digests.read_buckets(there, table)):
            _take_again(here, there, table)


def unlogged_tables(session: Session) -> list[Table]:
    return [table for table in read_tables(session) if not table.logged]


def _take_again(here: Session, there: Session, table: Table) -> None:
    with there.transaction():
        there.execute("SET LOCAL session_replication_role = replica")
        there.execute(f"DELETE FROM ONLY {table.quoted}")
        with (
            here.cursor() as reading,
            there.cursor() as writing,
            reading.copy(f"COPY (SELECT {table.column_list} FROM ONLY {table.quoted}) TO STDOUT") as leaving,
            writing.copy(f"COPY {table.quoted} ({table.column_list}) FROM STDIN") as entering,
        ):
            for block in leaving:
                entering.write(block)

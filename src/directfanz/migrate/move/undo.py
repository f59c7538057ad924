"""The way back of a copy: streams closed, the source as it was, the target empty but for its schema's story."""

from __future__ import annotations

from directfanz.migrate.follow import follow, identity
from directfanz.migrate.move import roles, schema
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.work import Work


def undo_copy(work: Work) -> None:
    """Rows, indexes and all that came after the schema go: the schema is made anew, which is quicker than taking it apart."""
    follow.stop(work)
    identity.restore(work, work.source)
    follow.leave_source(work)
    for table in ("part", "generation"):
        work.store.session.execute(f"DELETE FROM {SCHEMA}.{table} WHERE run = %s", (work.store.run,))
    work.store.forget(identity.FACT)
    schema.remove_schema(work, leave_open=False)
    schema.make_schema(work)
    _drop_markers(work)


def undo_schema(work: Work) -> None:
    schema.remove_schema(work)
    roles.take_away(work)


def _drop_markers(work: Work) -> None:
    with work.target.session("rollback") as target:
        rows = target.rows(
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname ~ '^marker_'""",
            (SCHEMA,),
        )
        for (name,) in rows:
            target.execute(f"DROP TABLE {SCHEMA}.{name}")

"""The same verbs with DMS in the place of our own copier and streams: it carries rows; schema, verification, fence and doors are ours.

Its task is made beforehand (`infra/modules/migration`) with every table of the plan and `dfz_migration.marker_1` in its mappings, with
`TargetTablePrepMode: DO_NOTHING`, `StopTaskCachedChangesNotApplied: true`, and `session_replication_role = replica` for its sessions on the
target. So `copy` is its full load, after which it stops; indexes and keys are built; `follow` has it go on. It carries nothing back.
"""

from __future__ import annotations

import time

from directfanz.migrate.catalogue.tables import Table, read_tables
from directfanz.migrate.dms.tasks import BUSY, Task, TaskTable
from directfanz.migrate.errors import GateFailed, MigrationError, WrongUse
from directfanz.migrate.follow import guard, identity
from directfanz.migrate.move import large_objects, parts, rest
from directfanz.migrate.state.tables import LINK, SCHEMA, marker_table
from directfanz.migrate.work import Work

LOOK_SECONDS = 2.0
STOP_SECONDS = 300
NUMBER = 1  # of the only stream
ONE_PART = 1 << 62


def task_of(work: Work) -> Task:
    return Task(work.options.dms_task)


def copy(work: Work) -> None:
    with work.source.session("copy") as source:
        tables = read_tables(source)
    guard.arm(work)
    identity.prepare(work, tables)
    _lay_out(work, tables)
    task = task_of(work)
    task.start()
    _watch(work, task, tables)
    rest.finish(work, set())
    large_objects.copy(work)
    account = parts.account(work.store.session, work.store.run)
    work.store.end(f"DMS copied {account.rows:,} rows in {len(tables)} tables.", rows=account.rows)


def _lay_out(work: Work, tables: list[Table]) -> None:
    """Its tables in the ledgers of ours, so that progress, verification and fence know them."""
    for side in (work.source, work.target):
        with side.session("copy") as session:
            session.execute(LINK)
            session.execute(marker_table(NUMBER))
    session, names = work.store.session, [table.quoted for table in tables]
    with session.transaction():
        if session.value(f"SELECT true FROM {SCHEMA}.generation WHERE run = %s", (work.store.run,)):
            return
        session.execute(
            f"INSERT INTO {SCHEMA}.generation (run, number, slot, snapshot, tables, streamed) VALUES (%s, %s, 'dms', NULL, %s, %s)",
            (work.store.run, NUMBER, names, [table.quoted for table in tables if table.logged]),
        )
        parts.lay_out(session, work.store.run, tables, NUMBER, ONE_PART)


def _watch(work: Work, task: Task, tables: list[Table]) -> None:
    """Until every table is whole and the task stands still."""
    progress, wanted = work.progress("copy"), {(table.schema, table.name): table.quoted for table in tables}
    while True:
        now = task.standing()  # first: what the tables say afterwards is at least as new
        told = task.tables()
        _require_well(told, now.status, now.reason)
        whole = [one for one in told if one.whole and (one.schema, one.name) in wanted]
        for one in whole:
            _arrived(work, wanted[one.schema, one.name], one.rows)
        account = parts.account(work.store.session, work.store.run)
        progress.told(f"DMS: {now.status}", account.done, account.total, sum(one.rows for one in told))
        if len(whole) == len(wanted) and now.status not in (*BUSY, "running"):
            return
        if now.status == "stopped" and len(whole) < len(wanted):
            missing = sorted(set(wanted.values()) - {wanted[one.schema, one.name] for one in whole})
            raise GateFailed(f"DMS stopped ({now.reason}), and these tables are not whole: {', '.join(missing[:5])}.")
        time.sleep(LOOK_SECONDS)


def _require_well(tables: list[TaskTable], status: str, reason: str) -> None:
    if bad := [f"{one.schema}.{one.name}: {one.state}" for one in tables if one.failed]:
        raise MigrationError(f"DMS could not load {'; '.join(bad[:5])}. Its log in CloudWatch says why.")
    if status.startswith("failed") or status == "deleting":
        raise MigrationError(f"The task of DMS is {status}: {reason}")


def _arrived(work: Work, relation: str, rows: int) -> None:
    work.store.session.execute(
        f"""UPDATE {SCHEMA}.part SET rows = %s, done_at = coalesce(done_at, clock_timestamp())
        WHERE run = %s AND relation = %s AND generation = %s""",
        (rows, work.store.run, relation, NUMBER),
    )


def go_on(work: Work) -> None:
    """The changes since the full load, and from then on all others."""
    task_of(work).start()
    require_running(work)


def require_running(work: Work) -> None:
    task, end = task_of(work), work.clock.monotonic() + STOP_SECONDS
    while (now := task.standing()).status in BUSY and work.clock.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    if now.status != "running":
        raise GateFailed(f"The task of DMS is {now.status}: {now.reason or 'no reason given'}.")


def stop(work: Work) -> None:
    """And wait, for who empties the target next must not meet it there."""
    task, end = task_of(work), work.clock.monotonic() + STOP_SECONDS
    task.stop()
    while task.standing().status in BUSY:
        if work.clock.monotonic() > end:
            raise MigrationError(f"The task of DMS did not stop within {STOP_SECONDS} s.")
        time.sleep(LOOK_SECONDS)


def require_options(*, engine: str, task: str, reverse: bool, follow: bool) -> None:
    if engine != "dms":
        return
    Task(task)
    if reverse or not follow:
        raise WrongUse("DMS carries changes one way: plan with --no-reverse, and with a stream.")

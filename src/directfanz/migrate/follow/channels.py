"""The streams: forward, one for each generation, and one back that carries only what was born on the target.

Both stand from `follow` on, and neither passes on what it received (`origin = none`), so a cutover and its rollback touch no stream.
"""

from __future__ import annotations

import msgspec
from psycopg import conninfo

from directfanz.migrate.errors import GateFailed
from directfanz.migrate.move.generations import all_generations, name_of
from directfanz.migrate.move.holder import FAILOVER_VERSION
from directfanz.migrate.side import Session, Side, literal, quoted
from directfanz.migrate.state.tables import BACK, LINK, SCHEMA, marker, marker_table
from directfanz.migrate.work import Work

ORIGIN_VERSION = 160_000
FIRST_SECONDS = 60  # for a stream to begin and catch up with what the copy left behind


class Channel(msgspec.Struct, frozen=True):
    name: str
    number: int
    running: bool
    errors: int
    enabled: bool


def forward_numbers(work: Work) -> list[int]:
    return [one.number for one in all_generations(work) if one.slot and one.tables]


def open_forward(work: Work) -> None:
    if work.options.engine == "dms":
        return
    address = _seen_from_the_other(work.source, work.options.source_as_seen_by_target)
    with work.target.session("follow") as target:
        for number in forward_numbers(work):
            name = name_of(work, number)
            if not _there(target, name):
                target.execute(_subscription(work, name, address))


def open_back(work: Work) -> None:
    if not work.options.reverse:
        return
    name = name_of(work, BACK)
    tables = [table for one in all_generations(work) for table in one.streamed]
    with work.source.session("follow") as source, work.target.session("follow") as target:
        for side in (source, target):
            side.execute(LINK)
            side.execute(marker_table(BACK))
        if not target.value("SELECT true FROM pg_publication WHERE pubname = %s", (name,)):
            target.execute(
                f"CREATE PUBLICATION {quoted(name)} FOR TABLE ONLY {', ONLY '.join([marker(BACK), *tables])}"
            )
        if not target.value("SELECT true FROM pg_replication_slots WHERE slot_name = %s", (name,)):
            more = ", failover => true" if work.plan.target_version >= FAILOVER_VERSION else ""
            target.value(f"SELECT pg_create_logical_replication_slot(%s, 'pgoutput'{more})", (name,))
        if not _there(source, name):
            address = _seen_from_the_other(work.target, work.options.target_as_seen_by_source)
            source.execute(_subscription(work, name, address))


def _subscription(work: Work, name: str, address: str) -> str:
    """On a slot of the same name that is there already. A standby's copy of the slot is one that both its sides call `failover`."""
    oldest = min(work.plan.source_version, work.plan.target_version)
    return (
        f"CREATE SUBSCRIPTION {quoted(name)} CONNECTION {literal(address)} PUBLICATION {quoted(name)} WITH ("
        f"create_slot = false, slot_name = {literal(name)}, copy_data = false, origin = none, "
        f"streaming = {'parallel' if oldest >= ORIGIN_VERSION else 'on'}{', failover = true' if oldest >= FAILOVER_VERSION else ''})"
    )


def _seen_from_the_other(side: Side, other_name: str) -> str:
    """The servers may know each other by other names than we know them."""
    words = dict(side.words)
    if other_name:
        host, _, port = other_name.partition(":")
        words |= {"host": host, "port": port or words.get("port", "5432")}
    return conninfo.make_conninfo("", **words, connect_timeout="10")


def _there(session: Session, name: str) -> bool:
    return bool(
        session.value(
            """SELECT true FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
            WHERE d.datname = current_database() AND s.subname = %s""",
            (name,),
        )
    )


def standing(session: Session) -> list[Channel]:
    rows = session.rows(
        f"""SELECT s.subname, s.subenabled, t.pid IS NOT NULL, coalesce(e.apply_error_count, 0)::bigint FROM pg_subscription s
        JOIN pg_database d ON d.oid = s.subdbid LEFT JOIN pg_stat_subscription_stats e ON e.subid = s.oid
        LEFT JOIN pg_stat_subscription t ON t.subid = s.oid AND t.relid IS NULL AND t.leader_pid IS NULL
        WHERE d.datname = current_database() AND s.subname LIKE '{SCHEMA}%' ORDER BY 1"""
    )
    return [
        Channel(name, int(name.rpartition("_")[2]), running, errors, enabled) for name, enabled, running, errors in rows
    ]


def close(subscriber: Side, publisher: Side, names: list[str]) -> None:
    """Subscription, slot and publication, whichever of them are there; nobody needs the other side to be well."""
    with subscriber.session("rollback") as session:
        for name in names:
            if _there(session, name):
                session.execute(f"ALTER SUBSCRIPTION {quoted(name)} DISABLE")
                session.execute(f"ALTER SUBSCRIPTION {quoted(name)} SET (slot_name = NONE)")
                session.execute(f"DROP SUBSCRIPTION {quoted(name)}")
    with publisher.session("rollback") as session:
        for name in names:
            session.execute(
                """SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots
                WHERE slot_name = %s AND active_pid IS NOT NULL""",
                (name,),
            )
            session.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", (name,)
            )
            session.execute(f"DROP PUBLICATION IF EXISTS {quoted(name)}")


def require_running(work: Work) -> None:
    if work.options.engine == "dms":
        from directfanz.migrate.dms import engine

        return engine.require_running(work)
    wanted = {name_of(work, number) for number in forward_numbers(work)}
    with work.source.session("follow") as source, work.target.session("follow") as target:
        kept = {row[0] for row in source.rows("SELECT slot_name FROM pg_replication_slots")}
        if gone := sorted(wanted - kept):
            raise GateFailed(
                f"The source does not know {', '.join(gone)}: a standby took over that had no copy of the slot, or somebody dropped it. "
                "What was written since cannot follow. Say `rollback --to planned`, and move anew."
            )
        found = {one.name: one for one in standing(target)}
    for name in sorted(wanted):
        one = found.get(name)
        if one is None or not one.running:
            errors = f" It failed {one.errors} times: the target's log says why." if one and one.errors else ""
            raise GateFailed(f"The stream {name} does not run.{errors}")
    return None

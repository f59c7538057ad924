"""`preflight`: everything that is known to go wrong later, asked now. Only looks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Literal

import msgspec

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.catalogue.own import OURS
from directfanz.migrate.catalogue.tables import Table, read_tables
from directfanz.migrate.errors import GateFailed, SideName
from directfanz.migrate.follow import guard, identity
from directfanz.migrate.move import roles
from directfanz.migrate.plan import Options, Plan
from directfanz.migrate.side import Session, Side
from directfanz.migrate.state.tables import SCHEMA

Verdict = Literal["fine", "warning", "failed"]
OLDEST = 150_000
ORIGIN = 160_000  # the first version that can leave out what came from elsewhere
SKEW_SECONDS = 5


class Check(msgspec.Struct, frozen=True):
    name: str
    side: SideName
    verdict: Verdict
    words: str


class Looking(msgspec.Struct, frozen=True):
    source: Session
    target: Session
    plan: Plan
    tables: list[Table]
    clock: Clock

    @property
    def options(self) -> Options:
        return self.plan.options


Found = Iterator[Check]
Question = Callable[[Looking], Found]


def preflight(source: Side, target: Side, plan: Plan, clock: Clock) -> list[Check]:
    with source.session("preflight") as here, target.session("preflight") as there:
        here.execute("SET default_transaction_read_only = on")
        there.execute("SET default_transaction_read_only = on")
        looking = Looking(here, there, plan, read_tables(here), clock)
        return [signed(check, plan.options.accept) for question in QUESTIONS for check in question(looking)]


def require_fine(checks: list[Check]) -> None:
    if bad := [check for check in checks if check.verdict == "failed"]:
        lines = "\n".join(f"  {check.name}: {check.words}" for check in bad)
        raise GateFailed(f"{len(bad)} of {len(checks)} checks failed:\n{lines}")


def signed(check: Check, accepted: Collection[str]) -> Check:
    """A warning that nobody has signed stops the move as a failure does."""
    if check.verdict == "warning" and check.name not in accepted:
        return Check(check.name, check.side, "failed", f"{check.words} If you can live with it: --accept {check.name}")
    return check


def judged(name: str, side: SideName, bad: object, words: str, *, warning: bool = False) -> Check:
    """`bad` false: all is well, and the words are not said."""
    if not bad:
        return Check(name, side, "fine", "")
    return Check(name, side, "warning" if warning else "failed", words.format(_told(bad)))


def _told(bad: object) -> str:
    if isinstance(bad, list | tuple | set):
        some = [str(one) for one in bad][:10]
        return ", ".join(some) + (f" and {len(bad) - 10} more" if len(bad) > 10 else "")
    return str(bad)


def _column(session: Session, question: str, params: Any = None) -> list[Any]:
    return [row[0] for row in session.rows(question, params)]


def _versions(one: Looking) -> Found:
    source, target = one.plan.source_version, one.plan.target_version
    yield judged(
        "version", "source", source < OLDEST and source, "PostgreSQL {} is too old; 15 is the oldest that is moved."
    )
    yield judged("version", "target", target < source and target, "The target's version {} is older than the source's.")
    old = one.options.follow and one.options.reverse and min(source, target) < ORIGIN
    yield judged("way-back", "source", old, "A stream back needs PostgreSQL 16 on both sides; plan with --no-reverse.")


def _stream(one: Looking) -> Found:
    if not one.options.follow:
        return
    both: tuple[tuple[SideName, Session], ...] = (("source", one.source), ("target", one.target))
    for name, session in both if one.options.reverse else both[:1]:
        level = session.value("SHOW wal_level")
        yield judged(
            "wal-level",
            name,
            level != "logical" and level,
            "wal_level is {}; set it to logical and restart the server.",
        )
        free = session.value(
            "SELECT current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)"
        )
        yield judged(
            "slots", name, free < 2 and str(free), "Only {} replication slots are free; raise max_replication_slots."
        )
        free = session.value(
            "SELECT current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication)"
        )
        yield judged("senders", name, free < 2 and str(free), "Only {} WAL senders are free; raise max_wal_senders.")
    for name, session in (both[1:], both)[one.options.reverse]:
        free = session.value(
            "SELECT current_setting('max_logical_replication_workers')::int - (SELECT count(*) FROM pg_stat_subscription)"
        )
        yield judged(
            "workers", name, free < 1 and str(free), "{} logical replication workers are free; raise the limit."
        )


def _rights(one: Looking) -> Found:
    question = """SELECT rolsuper OR (rolreplication AND (rolbypassrls OR NOT EXISTS (SELECT FROM pg_class WHERE relrowsecurity)))
        OR pg_has_role(current_user, coalesce((SELECT oid FROM pg_roles WHERE rolname = 'rds_superuser'), 10), 'member')
        FROM pg_roles WHERE rolname = current_user"""
    for name, session in (("source", one.source), ("target", one.target)):
        allowed = session.value(question)
        yield judged("rights", "source" if name == "source" else "target", not allowed,
                     "Our role may not replicate or read past row security; use a superuser, or rds_superuser on RDS.")  # fmt: skip


def _target_is_empty(one: Looking) -> Found:
    there = _column(one.target, f"SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE {OURS} AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e') ORDER BY 1")  # fmt: skip
    yield judged("empty", "target", there, "There is something already: {}. Move into an empty database.")


def _same_letters(one: Looking) -> Found:
    question = """SELECT pg_encoding_to_char(encoding), datlocprovider::text, datcollate, coalesce(to_jsonb(d) ->> 'datlocale',
        to_jsonb(d) ->> 'daticulocale', '') FROM pg_database d WHERE datname = current_database()"""
    here, there = one.source.rows(question)[0], one.target.rows(question)[0]
    yield judged(
        "encoding", "target", here[0] != there[0] and there[0], f"The source writes {here[0]} and the target {{}}."
    )
    yield judged("sql-ascii", "source", here[0] == "SQL_ASCII",
                 "An SQL_ASCII database may hold text that is none; find and mend it first.")  # fmt: skip
    yield judged("collation", "target", here[1:] != there[1:] and list(there[1:]),
                 f"Text sorts by other rules than in the source ({_told(here[1:])}): {{}}. Unique text and ranges may act otherwise.",
                 warning=True)  # fmt: skip
    version = "SELECT datcollversion FROM pg_database WHERE datname = current_database()"
    old, new = one.source.value(version), one.target.value(version)  # none: nobody says, as for C
    yield judged("collation-version", "target", bool(old and new and old != new) and new,
                 f"Text sorts by an other version of the rules, {{}} instead of {old}. Ranges of text may act otherwise.",
                 warning=True)  # fmt: skip


def _extensions(one: Looking) -> Found:
    wanted: dict[str, str] = dict(one.source.rows("SELECT extname, extversion FROM pg_extension"))
    there: dict[str, str] = dict(one.target.rows("SELECT name, default_version FROM pg_available_extensions"))
    yield judged("extensions", "target", sorted(wanted.keys() - there.keys()), "These are not available: {}.")
    other = [
        f"{name} {version} -> {there[name]}"
        for name, version in sorted(wanted.items())
        if there.get(name, version) != version
    ]
    yield judged("extension-versions", "target", other, "These come in another version: {}.", warning=True)


def _roles(one: Looking) -> Found:
    if not one.options.owners:
        return
    named = _column(one.source, roles.NAMED)
    there = set(_column(one.target, "SELECT rolname FROM pg_roles"))
    yield judged("roles", "target", not one.options.make_roles and [name for name in named if name not in there],
                 "These own something or may do something, and are not there: {}. Plan with --make-roles or --no-owners.")  # fmt: skip


def _keys(one: Looking) -> Found:
    if not one.options.follow:
        return
    keyless = identity.keyless(one.tables)
    bad = [table.quoted for table in keyless if table.incomparable]
    yield judged(
        "identity",
        "source",
        bad,
        "Without a key, and with columns that cannot be compared (json, xml, point): {}. Give them a key.",
    )
    loud = [table.quoted for table in keyless if not table.incomparable]
    yield judged(
        "keyless", "source", loud, "Without a key; all columns will be logged for each change: {}.", warning=True
    )


def _not_carried(one: Looking) -> Found:
    if not one.options.follow:
        return
    unlogged = [table.quoted for table in one.tables if not table.logged]
    yield judged(
        "unlogged",
        "source",
        unlogged,
        "No stream carries unlogged tables: {}. They are copied again inside the fence.",
        warning=True,
    )
    yield judged("large-objects", "source", one.plan.large_objects and str(one.plan.large_objects),
                 "No stream carries large objects ({} of them). What changed is copied again inside the fence.", warning=True)  # fmt: skip
    always = _column(one.source, f"""SELECT o.oid::regclass || ' ' || t.tgname FROM pg_trigger t JOIN pg_class o ON o.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = o.relnamespace WHERE {OURS} AND t.tgenabled IN ('A', 'R') AND NOT t.tgisinternal""")  # fmt: skip
    yield judged(
        "always-triggers",
        "source",
        always,
        "These fire for replicated rows too, so what they do would be done twice: {}.",
    )


def _quiet_source(one: Looking) -> Found:
    open_ones = _column(one.source, "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
    yield judged(
        "prepared", "source", open_ones, "Prepared transactions hold back every slot: {}. Commit or roll them back."
    )
    long_ones = _column(
        one.source,
        """SELECT pid || ' since ' || xact_start FROM pg_stat_activity WHERE xact_start < clock_timestamp() - interval '10 min'
        AND backend_type = 'client backend' AND application_name NOT LIKE 'directfanz migrate%'""",
    )
    yield judged("long-transactions", "source", long_ones, "The slot would wait for these: {}.", warning=True)
    theirs = _column(one.source, f"""SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
        WHERE d.datname = current_database() AND subname NOT LIKE '{SCHEMA}%'""")  # fmt: skip
    yield judged("subscriptions", "source", theirs, "Streams into the source do not move with it: {}.", warning=True)
    invalid = _column(one.source, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    yield judged(
        "invalid-indexes", "source", invalid, "These indexes are not valid: {}. Drop or rebuild them.", warning=True
    )


def _leftovers(one: Looking) -> Found:
    there = _column(one.source, f"SELECT nspname FROM pg_namespace WHERE nspname = '{SCHEMA}'")
    yield judged(
        "leftovers",
        "source",
        there,
        f"The source still has the schema {SCHEMA} of an earlier move; roll that one back, or drop it.",
    )


def _room(one: Looking) -> Found:
    kept = one.source.value("SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'")
    small = one.options.follow and 0 <= kept << 20 < one.options.slot_bytes and f"{kept} MB"
    yield judged(
        "slot-room", "source", small, "max_slot_wal_keep_size is {}, less than the plan's own limit.", warning=True
    )
    for name, session in (("source", one.source), ("target", one.target)):
        apart = abs((session.value("SELECT clock_timestamp()") - one.clock.now()).total_seconds())
        yield judged("clock", "source" if name == "source" else "target", apart > SKEW_SECONDS and f"{apart:.0f}",
                     "Its clock is {} s away from ours.", warning=True)  # fmt: skip


def _guards(one: Looking) -> Found:
    if one.options.follow:
        allowed = one.source.value(
            """SELECT rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'rds_superuser' AND pg_has_role(current_user, r.oid,
            'member')) FROM pg_roles WHERE rolname = current_user"""
        )
        yield judged(
            "event-triggers", "source", not allowed, "Our role may not make event triggers, so nothing would stop DDL."
        )
        found = guard.slots(one.source, one.options.slot_bytes, SCHEMA)
        yield judged("other-slots", "source", [slot.name for slot in found], "Slots of an earlier move are there: {}.")


def _stays_behind(one: Looking) -> Found:
    """Said plainly: nothing here is lost silently."""
    places = _column(one.source, f"""SELECT DISTINCT t.spcname FROM pg_class c JOIN pg_tablespace t ON t.oid = c.reltablespace
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS}""")  # fmt: skip
    yield judged(
        "tablespaces",
        "source",
        places,
        "Everything goes to the target's default place; these tablespaces stay behind: {}.",
        warning=True,
    )
    labels = one.source.value("SELECT count(*) FROM pg_seclabels WHERE provider IS NOT NULL")
    yield judged(
        "security-labels",
        "source",
        labels and str(labels),
        "{} security labels stay behind: set them in the target.",
        warning=True,
    )
    theirs = _column(one.source, """SELECT DISTINCT c.oid::regclass::text FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e' AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0""")  # fmt: skip
    yield judged(
        "extension-tables", "source", theirs, "Rows of tables that belong to extensions stay behind: {}.", warning=True
    )


QUESTIONS: tuple[Question, ...] = (
    _versions, _stream, _rights, _guards, _target_is_empty, _same_letters, _extensions, _roles, _keys, _not_carried, _quiet_source,
    _leftovers, _room, _stays_behind,
)  # fmt: skip

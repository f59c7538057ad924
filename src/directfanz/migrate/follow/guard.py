"""Two guards: one against a schema that changes under a running stream, one against a stream that fills the source's disk."""

from __future__ import annotations

from typing import Literal

import msgspec

from directfanz.migrate.side import Session
from directfanz.migrate.state.tables import LINK, SCHEMA
from directfanz.migrate.work import Work

Level = Literal["fine", "warning", "pause", "let go"]
# Shares of what the source may keep for us.
LEVELS: tuple[tuple[float, Level], ...] = ((0.8, "let go"), (0.5, "pause"), (0.25, "warning"))
HARMLESS = ("REFRESH MATERIALIZED VIEW",)  # it changes no definition; matviews are filled anew at the cutover


def _function(policy: str) -> str:
    act = (
        "RAISE EXCEPTION 'The schema is being moved: % on % has to wait until the move is over.', one.command_tag, one.object_identity"
        " USING HINT = 'directfanz migrate status tells how far it is; with the option --ddl record changes are let through and noted.'"
        if policy == "block"
        else f"INSERT INTO {SCHEMA}.ddl_log (tag, object) VALUES (one.command_tag, one.object_identity)"
    )
    harmless = ", ".join(f"'{tag}'" for tag in HARMLESS)
    return f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.guard() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $guard$
DECLARE one record;
BEGIN
  IF current_setting('application_name') LIKE 'directfanz migrate%' THEN RETURN; END IF;
  IF tg_event = 'sql_drop' THEN
    FOR one IN SELECT tg_tag AS command_tag, d.object_identity FROM pg_catalog.pg_event_trigger_dropped_objects() d
      WHERE NOT d.is_temporary AND d.original LOOP {act}; END LOOP;
  ELSE
    FOR one IN SELECT c.command_tag, c.object_identity FROM pg_catalog.pg_event_trigger_ddl_commands() c
      WHERE coalesce(c.schema_name, '') !~ '^pg_temp' AND c.command_tag NOT IN ({harmless}) LOOP {act}; END LOOP;
  END IF;
END $guard$;"""


def arm(work: Work) -> None:
    with work.source.session("guard") as source, source.transaction():
        source.execute(LINK)
        source.execute(f"DROP EVENT TRIGGER IF EXISTS {SCHEMA}_ddl; DROP EVENT TRIGGER IF EXISTS {SCHEMA}_drop")
        source.execute(_function(work.options.ddl))
        source.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC")
        source.execute(f"CREATE EVENT TRIGGER {SCHEMA}_ddl ON ddl_command_end EXECUTE FUNCTION {SCHEMA}.guard()")
        source.execute(f"CREATE EVENT TRIGGER {SCHEMA}_drop ON sql_drop EXECUTE FUNCTION {SCHEMA}.guard()")


def disarm(source: Session) -> None:
    source.execute(f"DROP EVENT TRIGGER IF EXISTS {SCHEMA}_ddl; DROP EVENT TRIGGER IF EXISTS {SCHEMA}_drop")


def recorded(work: Work) -> list[str]:
    """What changed the schema while we looked away."""
    with work.source.session("guard") as source:
        if source.value("SELECT to_regclass(%s)", (f"{SCHEMA}.ddl_log",)) is None:
            return []
        rows = source.rows(f"SELECT tag, coalesce(object, ''), who FROM {SCHEMA}.ddl_log ORDER BY at")
    return [f"{tag} {what} by {who}" for tag, what, who in rows]


class SlotStanding(msgspec.Struct, frozen=True):
    name: str
    kept_bytes: int
    active: bool
    lost: bool
    level: Level


def level_of(kept_bytes: int, limit: int) -> Level:
    return next((level for share, level in LEVELS if kept_bytes >= limit * share), "fine")


def slots(session: Session, limit: int, like: str) -> list[SlotStanding]:
    rows = session.rows(
        """SELECT slot_name, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, active, wal_status = 'lost'
        FROM pg_replication_slots WHERE slot_name LIKE %s AND database = current_database() ORDER BY 1""",
        (like.replace("_", r"\_") + "%",),
    )
    return [SlotStanding(name, kept, active, bool(lost), level_of(kept, limit)) for name, kept, active, lost in rows]

"""`schema`: everything that is no row, in one transaction; nothing is tolerated that does not work."""

from __future__ import annotations

from directfanz.migrate.catalogue import compare
from directfanz.migrate.errors import TargetProblem
from directfanz.migrate.move import roles, statements
from directfanz.migrate.move.dump import Dump, Statement
from directfanz.migrate.side import Session, literal, quoted
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.work import Work

# Written into a list of their own kind by whoever set them; quoted again they would be one long name.
LISTS = ("search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries")


def move_schema(work: Work) -> None:
    before, after = make_schema(work)
    work.store.end(f"The schema is there: {before} statements now, {after} after the rows.")


def make_schema(work: Work) -> tuple[int, int]:
    """How many statements were carried out, and how many wait for the rows."""
    progress = work.progress("schema")
    roles.make(work)
    dump = Dump(work.source, owners=work.options.owners)
    try:
        before, after = dump.statements("pre-data"), dump.statements("post-data")
    finally:
        dump.close()
    with work.source.session("schema") as source:
        catalogue, settings = compare.read(source), _settings(source)
        if work.options.owners:
            settings += roles.database_grants(source)
    with work.target.session("schema", autocommit=False) as target:
        target.execute("SET check_function_bodies = off; SET default_table_access_method = heap")
        for number, one in enumerate(before):
            _run(target, one)
            progress.told(f"{one.kind} {one.name}", number, len(before))
        statements.keep(target, work.store.run, "post-data", after, 1)
        for text in settings:
            target.execute(text.format(database=quoted(work.target.database)))
        target.commit()
    _close_to_others(work)
    work.store.remember("catalogue", compare.digest(catalogue))
    progress.told("schema", len(before), len(before), now=True)
    return len(before), len(after)


def _run(target: Session, one: Statement) -> None:
    try:
        # Two kinds are there in every database already.
        text = (
            one.text.replace("CREATE SCHEMA public;", "CREATE SCHEMA IF NOT EXISTS public;")
            if one.kind == "SCHEMA"
            else one.text
        )
        target.execute(text)
    except TargetProblem as error:
        raise TargetProblem(
            f"{error.message}\nIt was asked for {one.kind} {one.name}:\n{one.text[:500]}", error.sqlstate
        ) from error


def _settings(source: Session) -> list[str]:
    """`ALTER DATABASE .. SET`, which no dump of one database brings along."""
    rows = source.rows(
        """SELECT r.rolname, s.setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE d.datname = current_database()"""
    )
    texts = []
    for role, settings in rows:
        whose = (
            f"ROLE {quoted(role).replace('{', '{{').replace('}', '}}')} IN DATABASE {{database}}"
            if role
            else "DATABASE {database}"
        )
        for setting in settings:
            name, _, value = setting.partition("=")
            if name == "default_transaction_read_only":
                continue
            written = value if name in LISTS else literal(value)
            texts.append(f"ALTER {whose} SET {name} TO " + written.replace("{", "{{").replace("}", "}}"))
    return texts


def _close_to_others(work: Work) -> None:
    """Until the flip nobody writes here but us: a stray row would stop the stream, or travel back to production."""
    with work.target.session("schema") as target:
        target.execute(f"ALTER DATABASE {quoted(work.target.database)} SET default_transaction_read_only = on")


def remove_schema(work: Work, *, leave_open: bool = True) -> None:
    """The target as it was: nothing but our story."""
    with work.target.session("rollback") as target:
        if leave_open:
            target.execute(f"ALTER DATABASE {quoted(work.target.database)} RESET default_transaction_read_only")
        target.execute(_DROP_ALL)
        target.execute(f"DELETE FROM {SCHEMA}.statement WHERE run = %s", (work.store.run,))
    work.store.forget("catalogue")


_DROP_ALL = f"""
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT evtname FROM pg_event_trigger e WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_event_trigger'::regclass
    AND d.objid = e.oid AND d.deptype = 'e') LOOP EXECUTE format('DROP EVENT TRIGGER %I', one.evtname); END LOOP;
  FOR one IN SELECT pubname FROM pg_publication LOOP EXECUTE format('DROP PUBLICATION %I', one.pubname); END LOOP;
  FOR one IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP
    EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', one.extname); END LOOP;
  FOR one IN SELECT srvname FROM pg_foreign_server LOOP EXECUTE format('DROP SERVER %I CASCADE', one.srvname); END LOOP;
  FOR one IN SELECT nspname FROM pg_namespace n WHERE nspname NOT IN ('pg_catalog', 'information_schema', '{SCHEMA}')
    AND nspname !~ '^pg_(toast|temp)' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', one.nspname); END LOOP;
  FOR one IN SELECT oid FROM pg_largeobject_metadata LOOP PERFORM lo_unlink(one.oid); END LOOP;
END $$;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMENT ON SCHEMA public IS 'standard public schema';
"""

"""What is the database's own: not the system's, not ours, and not an extension's."""

from __future__ import annotations

from directfanz.migrate.state.tables import SCHEMA

OURS = f"n.nspname NOT IN ('pg_catalog', 'information_schema', '{SCHEMA}') AND n.nspname !~ '^pg_(toast|temp)'"


def own(catalogue: str, column: str = "oid", alias: str = "o") -> str:
    of_it = f"e.classid = '{catalogue}'::regclass AND e.objid = {alias}.{column} AND e.deptype = 'e'"
    return f"NOT EXISTS (SELECT FROM pg_depend e WHERE {of_it})"

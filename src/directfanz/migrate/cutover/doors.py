"""Who may write where. A closed database takes no writes and no new visitors, whatever role they have; ours are let in."""

from __future__ import annotations

from directfanz.migrate.side import Session, Side, quoted
from directfanz.migrate.work import Work

_VISITORS = """
SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
WHERE d.datname = current_database() AND a.privilege_type = 'CONNECT' AND a.grantee <> d.datdba
AND a.grantee <> (SELECT oid FROM pg_roles WHERE rolname = current_user)"""
_OTHERS = """
SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity WHERE datname = current_database()
AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'directfanz migrate%'"""


def close(work: Work, side: Side, session: Session) -> None:
    """First what is remembered, then what is done: a crash in between forgets nobody."""
    fact = f"visitors of the {side.name}"
    visitors = sorted({row[0] for row in session.rows(_VISITORS)})
    if visitors:
        work.store.remember(fact, visitors)
        session.execute(f"REVOKE CONNECT ON DATABASE {quoted(side.database)} FROM {', '.join(visitors)}")
    session.execute(f"ALTER DATABASE {quoted(side.database)} SET default_transaction_read_only = on")
    session.execute(_OTHERS)


def open_(work: Work, side: Side, session: Session) -> None:
    session.execute(f"ALTER DATABASE {quoted(side.database)} RESET default_transaction_read_only")
    if visitors := work.store.recall(f"visitors of the {side.name}"):
        session.execute(f"GRANT CONNECT ON DATABASE {quoted(side.database)} TO {', '.join(visitors)}")

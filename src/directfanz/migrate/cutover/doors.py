"""Who may write where. A closed database takes no writes and no new visitors, whatever role they have; ours are let in."""

from __future__ import annotations

from datetime import datetime

from directfanz.migrate.errors import GateFailed
from directfanz.migrate.side import Session, Side, quoted
from directfanz.migrate.work import Work

_VISITORS = """
SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
WHERE d.datname = current_database() AND a.privilege_type = 'CONNECT' AND a.grantee <> d.datdba
AND a.grantee <> (SELECT oid FROM pg_roles WHERE rolname = current_user)"""
_OTHERS = """FROM pg_stat_activity WHERE datname = current_database()
AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'directfanz migrate%%'
AND backend_start <= %s"""
LEAVE_SECONDS = 2.0


def note_visitors(work: Work, side: Side, session: Session, known: list[str] | None = None) -> list[str]:
    """Whom to let in again. Before the fence, so that inside it only what is new has to be written down."""
    visitors = sorted({row[0] for row in session.rows(_VISITORS)})
    if visitors and visitors != known:
        work.store.remember(f"visitors of the {side.name}", visitors)
    return visitors


def close(work: Work, side: Side, session: Session, known: list[str] | None = None) -> None:
    """First what is remembered, then what is done: a crash in between forgets nobody."""
    see_out(work, side, session, shut(work, side, session, known))


def shut(work: Work, side: Side, session: Session, known: list[str] | None = None) -> datetime:
    """For those who come from now on. When that was: who came earlier is still inside, and writers among them wait for the lock."""
    visitors = note_visitors(work, side, session, known)
    leave = f"REVOKE CONNECT ON DATABASE {quoted(side.database)} FROM {', '.join(visitors)}; " if visitors else ""
    session.execute(f"{leave}ALTER DATABASE {quoted(side.database)} SET default_transaction_read_only = on")
    at: datetime = session.value("SELECT clock_timestamp()")
    return at


def see_out(work: Work, side: Side, session: Session, closed_at: datetime) -> None:
    """Who came before the door was closed; who comes later may only read.

    All are told at once, and we look ourselves until two looks find nobody, for one who was on the doorstep at the first: the server's own
    wait looks every 100 ms, at one after the other.
    """
    empty = 0

    def gone() -> bool:
        nonlocal empty
        told = session.rows(f"SELECT pg_terminate_backend(pid) {_OTHERS}", (closed_at,))
        empty = 0 if told else empty + 1
        return empty > 1

    if not work.until(gone, LEAVE_SECONDS):
        raise GateFailed(f"Sessions on the {side.name} did not end within {LEAVE_SECONDS:.0f} s.")


def open_(work: Work, side: Side, session: Session) -> None:
    visitors = work.store.recall(f"visitors of the {side.name}")
    enter = f"; GRANT CONNECT ON DATABASE {quoted(side.database)} TO {', '.join(visitors)}" if visitors else ""
    session.execute(f"ALTER DATABASE {quoted(side.database)} RESET default_transaction_read_only{enter}")

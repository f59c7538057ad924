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
FENCE = "directfanz migrate fence"


def note_visitors(work: Work, side: Side, session: Session, known: list[str] | None = None) -> list[str]:
    """Whom to let in again. Before the fence, so that inside it only what is new has to be written down."""
    visitors = sorted({row[0] for row in session.rows(_VISITORS)})
    if visitors and visitors != known:
        work.store.remember(f"visitors of the {side.name}", visitors)
    return visitors


def close(work: Work, side: Side, session: Session) -> None:
    """First what is remembered, then what is done: a crash in between forgets nobody."""
    prepare(work, side, session)
    see_out(work, side, session, shut(session))
    flush(session)


def prepare(work: Work, side: Side, session: Session, known: list[str] | None = None) -> None:
    """All but the commit. Should we fall silent now, the server itself takes it back and the door stays open."""
    visitors = note_visitors(work, side, session, known)
    leave = f"REVOKE CONNECT ON DATABASE {quoted(side.database)} FROM {', '.join(visitors)}; " if visitors else ""
    session.execute(
        f"SET idle_in_transaction_session_timeout = '{work.options.fence_ms}ms'; SET synchronous_commit = off; BEGIN; "
        f"{leave}ALTER DATABASE {quoted(side.database)} SET default_transaction_read_only = on"
    )


def shut(session: Session) -> datetime:
    """For those who come from now on. When that was: who came earlier is still inside, and writers among them wait for the lock."""
    session.execute("COMMIT")
    at: datetime = session.value("SELECT clock_timestamp()")
    return at


def flush(session: Session) -> None:
    """The closed door onto the disk, with any commit that waits for one. Others are seen out meanwhile."""
    session.execute("SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'directfanz', 'closed')")


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


def opening(work: Work, side: Side) -> str:
    """What opens it, in one trip."""
    visitors = work.store.recall(f"visitors of the {side.name}")
    enter = f"; GRANT CONNECT ON DATABASE {quoted(side.database)} TO {', '.join(visitors)}" if visitors else ""
    return f"ALTER DATABASE {quoted(side.database)} RESET default_transaction_read_only{enter}"


def open_(work: Work, side: Side, session: Session) -> None:
    session.execute(opening(work, side))


def turn_away(work: Work, side: Side) -> None:
    """Sessions of a fence whose operator is gone: what one of them was told last must not be done after we have looked."""
    with side.session("door") as session:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
        if not work.until(lambda: not session.rows(ended, (FENCE,)), LEAVE_SECONDS):
            raise GateFailed(f"A session of an earlier fence on the {side.name} does not end. Try again.")

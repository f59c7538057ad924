"""Materialized views hold rows of their own, which no stream carries and the target makes anew.

They are compared after the copy, when both sides hold the same moment and the source's views are as fresh as its rows: a view that the
source refreshed long ago holds what its tables held then. So each is asked on both sides what it would hold if it were made now; that must
be equal, and where the source's own copy is that fresh, the target's copy must be so too.
"""

from __future__ import annotations

from directfanz.migrate.catalogue.own import OURS
from directfanz.migrate.side import Session, quoted
from directfanz.migrate.verify.pair import Pair, read_under
from directfanz.migrate.work import Work

_VIEWS = f"""SELECT n.nspname, o.relname, rtrim(pg_get_viewdef(o.oid), '; ') FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
WHERE o.relkind = 'm' AND o.relispopulated AND {OURS} ORDER BY 1, 2"""
Held = dict[str, str]


def differing(work: Work, pair: Pair) -> list[str]:
    """Only right after the copy: later, when they are filled is each side's own affair."""
    snapshots = set(pair.source.values())
    if work.store.standing().phase != "copied" or len(snapshots) != 1:
        return []
    with work.source.session("verify") as here, work.target.session("verify") as there:
        read_under(here, snapshots.pop())
        fresh, copies = _fresh_and_copies(here)
        read_under(there, pair.target)
        _, made = _fresh_and_copies(there)
    return sorted(name for name in copies if copies[name] == fresh[name] and made.get(name) != copies[name])


def _fresh_and_copies(session: Session) -> tuple[Held, Held]:
    fresh, copies = Held(), Held()
    for schema, name, definition in session.rows(_VIEWS):
        whole = quoted(schema, name)
        fresh[whole] = _sum(session, f"({definition})")
        copies[whole] = _sum(session, whole)
    return fresh, copies


def _sum(session: Session, what: str) -> str:
    return str(session.rows(f"SELECT count(*), sum(hashtextextended(x::text, 0)) FROM {what} x")[0])

"""How a changed row is found on the other side when its table has no key: by all its columns, for as long as the move lasts."""

from __future__ import annotations

from directfanz.migrate.catalogue.tables import Table
from directfanz.migrate.side import Side
from directfanz.migrate.work import Work

FACT = "identity"  # tables that we gave REPLICA IDENTITY FULL


def keyless(tables: list[Table]) -> list[Table]:
    """Those whose updates PostgreSQL would refuse once they are published."""
    return [table for table in tables if table.identity == "n" or (table.identity == "d" and not table.key)]


def prepare(work: Work, tables: list[Table]) -> None:
    """Before the publication: from then on the application's own updates would fail."""
    names = [table.quoted for table in keyless(tables)]
    before = {table.quoted: table.identity for table in keyless(tables)}
    if names:
        work.store.remember(FACT, {**before, **(work.store.recall(FACT) or {})})
        _set(work.source, dict.fromkeys(names, "FULL"))


def prepare_target(work: Work) -> None:
    _set(work.target, dict.fromkeys(work.store.recall(FACT) or {}, "FULL"))


def restore(work: Work, *sides: Side) -> None:
    written = {"n": "NOTHING", "d": "DEFAULT"}
    for side in sides:
        _set(side, {name: written[was] for name, was in (work.store.recall(FACT) or {}).items()})


def _set(side: Side, identities: dict[str, str]) -> None:
    with side.session("identity") as session:
        for name, identity in identities.items():
            if session.value("SELECT to_regclass(%s)", (name,)) is not None:
                session.execute("SET lock_timeout = '2s'")
                session.execute(f"ALTER TABLE ONLY {name} REPLICA IDENTITY {identity}")

"""Sequences, which no stream carries: their exact state, from the side that has the writes to the other."""

from __future__ import annotations

from directfanz.migrate.catalogue.own import OURS
from directfanz.migrate.side import Session, literal, quoted
from directfanz.migrate.work import Work

States = dict[str, tuple[int, bool]]
BATCH = 400


def names(session: Session) -> list[str]:
    rows = session.rows(
        f"""SELECT n.nspname, o.relname FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
        WHERE o.relkind = 'S' AND o.relpersistence <> 't' AND {OURS} ORDER BY 1, 2"""
    )
    return [quoted(schema, name) for schema, name in rows]


def states(session: Session, known: list[str] | None = None) -> States:
    """One question for many: inside the fence every round trip is time that writers wait."""
    found: States = {}
    every = known if known is not None else names(session)
    for first in range(0, len(every), BATCH):
        question = " UNION ALL ".join(
            f"SELECT {literal(name)}, last_value, is_called FROM {name}" for name in every[first : first + BATCH]
        )
        found |= {name: (value, called) for name, value, called in session.rows(question)}
    return found


def set_states(session: Session, wanted: States) -> None:
    items = list(wanted.items())
    for first in range(0, len(items), BATCH):
        calls = ", ".join(
            f"setval({literal(name)}, {value}, {str(called).lower()})"
            for name, (value, called) in items[first : first + BATCH]
        )
        session.execute(f"SELECT {calls}")


def carry_over(work: Work) -> None:
    with work.source.session("sequences") as source, work.target.session("sequences") as target:
        set_states(target, states(source))

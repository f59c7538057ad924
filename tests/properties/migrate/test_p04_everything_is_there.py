"""P4: a migration keeps every table, column, constraint, index, sequence; and P33 for what was copied at rest."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from directfanz.migrate import verbs
from directfanz.migrate.catalogue import compare
from directfanz.migrate.errors import SideProblem
from directfanz.migrate.follow import sequences
from directfanz.migrate.side import Session, quoted
from directfanz.migrate.verify.verify import verify
from tests.support.nasty import TYPES, GeneratedTable, tables
from tests.support.two_homes import Homes

SCHEMAS_EACH = 26  # four databases of 26 generated schemas: more than a hundred, in few moves
NAMES = tuple(f'S{number} "x" %s' for number in range(SCHEMAS_EACH))


class Database(tuple[tuple[GeneratedTable, GeneratedTable, int, int], ...]):
    """Too long to be shown whole."""

    def __repr__(self) -> str:
        return f"Database of {len(self)} schemas"


DATABASES = st.tuples(
    *(st.tuples(tables(name, 0), tables(name, 1), st.integers(0, 1000), st.integers(0, 9)) for name in NAMES)
).map(Database)


def _statements(first: GeneratedTable, second: GeneratedTable, pick: int, count: int) -> list[str]:
    made = [
        f"CREATE SCHEMA {quoted(first.schema)}",
        TYPES.replace("{s}", quoted(first.schema)),
        first.create,
        second.create,
    ]
    made += [one.insert(pick, count) for one in (first, second) if count]
    if first.keyed:
        made.append(
            f"ALTER TABLE {second.quoted} ADD COLUMN up int8 REFERENCES {first.quoted} ON DELETE SET NULL DEFERRABLE"
        )
    return [*made, *first.extras, *second.extras]


@pytest.mark.property("P4")
@pytest.mark.property("P33")
async def test_both_catalogues_and_all_rows_are_equal(homes: Homes) -> None:
    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    @given(DATABASES)
    def moved(database: Database) -> None:
        with homes.move("\n;".join(text for one in database for text in _statements(*one))) as moving:
            moving.plan(follow=False, part_bytes=8192)
            with moving.work() as work:
                verbs.schema(work)
                verbs.copy(work)
                verdict = verify(work)
                assert verdict.equal, verdict.sentences()
                assert len(verdict.tables) == 2 * SCHEMAS_EACH
            with moving.source.session("test") as here, moving.target.session("test") as there:
                assert compare.compare(compare.read(here), compare.read(there)) == []
                assert sequences.states(here) == sequences.states(there)
                _act_alike(database, here, there)

    await asyncio.to_thread(moved)


def _act_alike(database: Database, *sides: Session) -> None:
    """The same write has the same effect on both, or is refused with the same words: defaults, identities, checks."""
    for first, *_ in database:
        question = f"INSERT INTO {first.quoted} (k) SELECT coalesce(max(k), 0) + 1 FROM {first.quoted} RETURNING k"
        answers = [_answer(side, question) for side in sides]
        assert answers[0] == answers[1], first.create


def _answer(side: Session, question: str) -> str:
    try:
        return str(side.rows(question))
    except SideProblem as error:
        return error.message.partition(": ")[2]

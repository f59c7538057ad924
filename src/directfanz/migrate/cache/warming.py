"""A cache filled from its primary source before anybody reads it.

Everything is written under the prefix of a new generation, and one key then names the generation that is read: nobody sees half a cache,
and the way back is to name the old one.
"""

from __future__ import annotations

from directfanz.migrate.cache.carrying import AT_ONCE, Shelf
from directfanz.migrate.errors import WrongUse
from directfanz.migrate.progress import Progress
from directfanz.migrate.side import Side

CURSOR = "dfz_warm"


def warm(database: Side, shelf: Shelf, query: str, generation: str, seconds: int, progress: Progress) -> int:
    """`query` gives (key, value), both text. How many keys were written."""
    count = 0
    with database.session("cache", autocommit=False) as session:
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        session.execute(f"DECLARE {CURSOR} NO SCROLL CURSOR FOR {query}")
        while rows := session.rows(f"FETCH {AT_ONCE} FROM {CURSOR}"):
            if len(rows[0]) != 2:
                raise WrongUse("The query must give two columns: a key and its value.")
            shelf.set_many({f"{generation}:{key}": str(value) for key, value in rows}, seconds)
            count += len(rows)
            progress.told("warm", count, count, count)
    return count


def point_at(shelf: Shelf, name: str, generation: str, seconds: int) -> None:
    shelf.set_many({name: generation}, seconds)

"""What tests of moves share: small databases to move, a verdict that must be good, other options for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from directfanz.migrate.verify.verify import verify
from directfanz.migrate.work import Work

ROWS = (
    "CREATE TABLE big (id int PRIMARY KEY, v text STORAGE EXTERNAL)",
    "INSERT INTO big SELECT n, repeat(md5(n::text), 40) FROM generate_series(1, 4000) n",
    "VACUUM ANALYZE",
)
SMALL = ("CREATE TABLE a (id serial PRIMARY KEY, v text)", "INSERT INTO a (v) SELECT 'x' FROM generate_series(1, 50)")


def require_equal(work: Work) -> None:
    verdict = verify(work)
    assert verdict.equal, verdict.sentences()


@contextmanager
def with_options(work: Work, **options: object) -> Iterator[None]:
    """Nobody may change a plan that is kept."""
    kept = work.store.plan
    work.store.plan = msgspec.structs.replace(kept, options=msgspec.structs.replace(kept.options, **options))
    try:
        yield
    finally:
        work.store.plan = kept

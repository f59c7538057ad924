"""A disk that is full, for one PostgreSQL: no file of its may grow, or begin, beyond a size. Its log of writes is what needs new files."""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Iterator

import psutil
import psycopg

from tests.support.own_engines import PATIENCE_SECONDS, OwnEngines

SEGMENT_BYTES = 16 << 20
AHEAD = """SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name > pg_walfile_name(pg_current_wal_lsn())"""


@contextlib.contextmanager
def no_room_for_its_log(home: OwnEngines) -> Iterator[None]:
    """Segments that were made ahead are used up first; the next one cannot be made, and PostgreSQL stops itself."""
    with psycopg.connect(home.set.postgres.url(), autocommit=True) as session:
        while session.execute(AHEAD).fetchone() != (0,):
            session.execute("SELECT pg_logical_emit_message(false, 'test', 'a little')")
            session.execute("SELECT pg_switch_wal()")
    pid = home.pid("postgres")
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    _allow(pid, (SEGMENT_BYTES - 1, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):  # it may have been started anew
            _allow(pid, (soft, hard))
        _await(home)


def _allow(pid: int, limits: tuple[int, int]) -> None:
    first = psutil.Process(pid)
    for process in (first, *first.children()):
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)


def _await(home: OwnEngines) -> None:
    """It answers, and what began under the limit is gone."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with psycopg.connect(home.set.postgres.url(), autocommit=True) as session:
                session.execute("SELECT pg_logical_emit_message(false, 'test', 'room'); SELECT pg_switch_wal()")
                return
        except psycopg.Error:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)

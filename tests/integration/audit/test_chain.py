"""The audit log only grows, and whoever changes it all the same is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.audit.jobs import CHECK, SEAL_KEY, Check
from directfanz.domains.audit.models import Wanted
from directfanz.errors import DirectFanzError, Rejected
from tests.support.engines import Engines
from tests.support.worlds import World

OLU, BEN = UUID(int=1), UUID(int=2)


@pytest.fixture
async def fresh(fresh_world: World) -> AsyncIterator[Backends]:
    from directfanz.backends.assembly import opened

    async with opened(fresh_world.settings, service="test") as backends:
        await backends.storage.ensure_buckets()
        yield backends


@pytest.fixture
async def superuser(engines: Engines, fresh_world: World) -> AsyncIterator[asyncpg.Connection]:
    """Who can change anything: switches the triggers off first."""
    connection = await asyncpg.connect(engines.postgres_url(fresh_world.name))
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


async def record(backends: Backends, count: int = 1) -> None:
    for number in range(count):
        async with backends.database.writing() as tx:
            await audit.record(tx, actor=OLU, action="accounts.suspended", target=BEN, reason=f"spam {number}")


async def test_entries_come_back_newest_first_and_by_their_facts(fresh: Backends) -> None:
    await record(fresh, 3)
    async with fresh.database.writing() as tx:
        await audit.record(tx, actor=None, action="privacy.erased", target=OLU)
    everything = await audit.newest(fresh, Wanted(), None, 10)
    assert [entry.position for entry in everything] == [4, 3, 2, 1]
    assert everything[1].facts == {"reason": "spam 2"}
    assert [e.position for e in await audit.newest(fresh, Wanted(action="privacy."), None, 10)] == [4]
    assert [e.position for e in await audit.newest(fresh, Wanted(subject=BEN), 3, 10)] == [2, 1]
    assert await audit.newest(fresh, Wanted(action="%"), None, 10) == []


async def test_an_entry_goes_with_its_transaction(fresh: Backends) -> None:
    async def fail(tx: Writer) -> None:
        await audit.record(tx, actor=OLU, action="accounts.suspended")
        raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError):
        await fresh.database.run(fail)
    assert await audit.newest(fresh, Wanted(), None, 10) == []


async def test_many_at_once_make_one_chain(fresh: Backends) -> None:
    await asyncio.gather(*(record(fresh, 5) for _ in range(8)))
    checked = await audit.check(fresh)
    assert (checked.entries, checked.whole) == (40, True)


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_log SET action = 'a.b'", "DELETE FROM audit_log", "TRUNCATE audit_log", "DROP TABLE audit_log"],
)
async def test_the_application_and_the_owner_cannot_change_it(fresh: Backends, fresh_world: World, change: str) -> None:
    await record(fresh)

    async def attempt(tx: Writer) -> None:
        await tx.execute(change)

    with pytest.raises(DirectFanzError):
        await fresh.database.run(attempt)
    if "DROP" not in change:  # what owns a table may drop it; nobody who serves requests is the owner
        owner = await asyncpg.connect(fresh_world.owner_url)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only grows"):
                await owner.execute(change)
        finally:
            await owner.close()
    assert (await audit.check(fresh)).entries == 1


TAMPERINGS = [
    'UPDATE audit_log SET facts = \'{{"reason": "none"}}\' WHERE position = {0}',
    "UPDATE audit_log SET at = at - interval '1 second' WHERE position = {0}",
    "UPDATE audit_log SET actor = null WHERE position = {0}",
    "DELETE FROM audit_log WHERE position = {0}",
    "UPDATE audit_log SET hash = sha256('x') WHERE position = {0}",
    # with a seal of its own that fits: the next entry still remembers the old one
    """UPDATE audit_log SET action = 'x.y', hash = audit_hash(
           position, at, actor, 'x.y', target, request_id, facts, previous) WHERE position = {0}""",
]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(1, 11), how=st.sampled_from(TAMPERINGS))
async def test_any_change_is_found(fresh: Backends, superuser: asyncpg.Connection, place: int, how: str) -> None:
    if not await audit.newest(fresh, Wanted(), None, 1):
        await record(fresh, 12)
    kept = await superuser.fetch("SELECT * FROM audit_log")
    await superuser.execute(how.format(place))
    checked = await audit.check(fresh)
    await superuser.execute("DELETE FROM audit_log")
    await superuser.copy_records_to_table("audit_log", records=[tuple(row) for row in kept])
    assert checked.broken_at in (place, place + 1)
    assert (await audit.check(fresh)).whole


async def test_a_chain_cut_at_its_end_or_written_anew_is_found_by_the_kept_seal(
    fresh: Backends, superuser: asyncpg.Connection
) -> None:
    await record(fresh, 5)
    await CHECK.run(fresh, Check())
    await superuser.execute("DELETE FROM audit_log WHERE position > 3")
    with pytest.raises(Rejected, match="broken at entry"):
        await CHECK.run(fresh, Check())
    assert (await audit.check(fresh)).whole, "without the seal it looks whole: that is why it is kept elsewhere"
    await record(fresh, 4)
    with pytest.raises(Rejected, match="broken at entry 5"):
        await CHECK.run(fresh, Check())
    await fresh.storage.bucket("backup").delete(SEAL_KEY)
    await CHECK.run(fresh, Check())


async def test_a_stretch_longer_than_one_look_is_checked_over_its_seams(
    fresh: Backends, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "ENTRIES_AT_ONCE", 4)
    await record(fresh, 12)
    assert (await audit.check(fresh)).whole
    await superuser.execute(TAMPERINGS[-1].format(4))
    assert (await audit.check(fresh)).broken_at == 5

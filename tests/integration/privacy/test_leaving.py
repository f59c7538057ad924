"""Ben closes his account: hidden at once, erased when the time of grace is over, unless he comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts.models import Person
from directfanz.domains.accounts.service.profile import person_called
from directfanz.domains.audit import service as audit
from directfanz.domains.audit.models import Wanted
from directfanz.domains.privacy.contributors import CONTRIBUTORS
from directfanz.domains.privacy.errors import NotClosing
from directfanz.domains.privacy.jobs import SWEEP, Sweep
from directfanz.domains.privacy.models import GRACE
from directfanz.domains.privacy.service import exports, leaving
from directfanz.errors import NotFound
from tests.support.accounts import Someone, Stage

# What says nothing about a person: keys and figures of the platform itself.
OWN_TABLES = {"exports", "closings"}


async def seen(stage: Stage, who: Someone) -> Person:
    async with stage.backends.database.reading() as reader:
        return await person_called(reader, who.handle)


async def closing(stage: Stage) -> Someone:
    ben = await stage.joined("ben")
    await leaving.close_account(stage.backends, await stage.caller(ben))
    return ben


async def test_at_once_he_is_signed_out_hidden_and_told(stage: Stage) -> None:
    ben = await closing(stage)
    assert await stage.who_is(ben.browser) is None
    with pytest.raises(NotFound):
        await seen(stage, ben)
    await stage.work()
    assert "Your account is closing" in stage.mailbox.subjects(ben.email)


async def test_he_comes_back_in_time(stage: Stage) -> None:
    ben = await closing(stage)
    await stage.sign_in(ben)
    await leaving.keep_account(stage.backends, await stage.caller(ben))
    with pytest.raises(NotClosing):
        await leaving.keep_account(stage.backends, await stage.caller(ben))
    await stage.clock.advance(GRACE + timedelta(days=1))
    await SWEEP.run(stage.backends, Sweep())
    await stage.sign_in(ben)
    assert (await seen(stage, ben)).id == ben.user_id


async def test_a_moment_before_the_end_nothing_is_erased(stage: Stage) -> None:
    ben = await closing(stage)
    await stage.clock.advance(GRACE - timedelta(seconds=1))
    await SWEEP.run(stage.backends, Sweep())
    await stage.sign_in(ben)


async def test_then_nothing_of_him_is_left_but_what_must_stay(stage: Stage) -> None:
    ben = await stage.joined("ben")
    await exports.ask_export(stage.backends, await stage.caller(ben))
    await stage.work()
    [export] = await exports.list_exports(stage.backends, await stage.caller(ben))
    await leaving.close_account(stage.backends, await stage.caller(ben))
    await stage.clock.advance(GRACE + timedelta(minutes=1))
    for _ in range(2):
        await SWEEP.run(stage.backends, Sweep())
    await stage.work()
    async with stage.backends.database.reading() as reader:
        left = await mentions(reader, ben)
    assert left <= {"users.handle", "audit_log.actor", "audit_log.target", "closings.user_id", "users.id"}, left
    with pytest.raises(NotFound):
        await stage.backends.storage.bucket("private").head(export.key)
    acts = await audit.newest(stage.backends, Wanted(subject=ben.user_id), None, 1)
    assert acts[0].action == "privacy.erased"
    again = stage.someone("ben")
    again.email, again.handle = ben.email, again.handle
    await stage.sign_up(again)
    await stage.work()
    await stage.verify(again, stage.newest_token(ben.email))


async def mentions(reader: Reader, who: Someone) -> set[str]:
    """Every column of every table in which his id, address, name or handle still stands."""
    columns = await reader.fetch(
        """SELECT table_name, column_name FROM information_schema.columns
           WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%'"""
    )
    found = set()
    for table, column in columns:
        for text in (str(who.user_id), who.email, who.handle, who.user_id.hex):
            sql = f'SELECT true FROM "{table}" WHERE "{column}"::text ILIKE $1 LIMIT 1'
            if await reader.fetch_value(sql, f"%{text}%"):
                found.add(f"{table}.{column}")
    return found


async def test_every_table_that_names_a_person_belongs_to_somebody(stage: Stage) -> None:
    """A new table with a person in it must be exported and erased, or this fails."""
    async with stage.backends.database.reading() as reader:
        rows = await reader.fetch(
            """SELECT DISTINCT c.conrelid::regclass::text FROM pg_constraint c
               WHERE c.contype = 'f' AND c.confrelid = 'users'::regclass"""
        )
    known = OWN_TABLES.union(*(part.tables for part in CONTRIBUTORS))
    assert {row[0] for row in rows} <= known | {"idempotency_keys"}

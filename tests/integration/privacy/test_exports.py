"""Ben takes his data along; nobody else does."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from uuid import UUID

import httpx
import msgspec
import pytest

from directfanz.domains.notifications.service import inbox
from directfanz.domains.privacy.contributors import CONTRIBUTORS
from directfanz.domains.privacy.errors import ExportUnderWay, NoSuchExport
from directfanz.domains.privacy.jobs import SWEEP, Sweep
from directfanz.domains.privacy.models import EXPORT_LIVES, EXPORT_TRANSITIONS, GIVE_UP_AFTER, Export
from directfanz.domains.privacy.service import exports
from directfanz.domains.privacy.service.exports import BUILD_EXPORT, BuildExport
from directfanz.errors import NotFound
from tests.support.accounts import Someone, Stage


async def ready(stage: Stage, who: Someone) -> Export:
    await exports.ask_export(stage.backends, await stage.caller(who))
    await stage.work()
    return (await exports.list_exports(stage.backends, await stage.caller(who)))[0]


async def test_he_gets_everything_in_one_file(stage: Stage) -> None:
    ben = await stage.joined("ben")
    export = await ready(stage, ben)
    assert export.state == "ready"
    link = await exports.download_link(stage.backends, await stage.caller(ben), export.id)
    async with httpx.AsyncClient() as client:
        answer = await client.get(link)
    assert answer.status_code == 200
    assert "my-data-" in answer.headers["content-disposition"]
    assert hashlib.sha256(answer.content).hexdigest() == export.sha256
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    names = set(archive.namelist())
    assert {"README.txt", "index.html"} | {f"data/{part.name}.json" for part in CONTRIBUTORS} <= names
    profile = msgspec.json.decode(archive.read("data/accounts.json"))["Profile"][0]
    assert profile["email"] == ben.email
    assert ben.email in archive.read("index.html").decode()
    assert b"argon2" not in b"".join(archive.read(name) for name in names)


async def test_he_is_told_once_when_it_is_ready(stage: Stage) -> None:
    ben = await stage.joined("ben")
    export = await ready(stage, ben)
    await BUILD_EXPORT.run(stage.backends, BuildExport(export.id))
    told = await inbox.newest(stage.backends, await stage.caller(ben), None, 10)
    assert [each.title for each in told if each.kind == "privacy.export_ready"] == ["Your data is ready"]
    assert stage.mailbox.subjects(ben.email)[-1] == "Your data is ready"


async def test_nobody_else_gets_it_and_cannot_tell_that_it_is_there(stage: Stage) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    export = await ready(stage, ben)
    messages = []
    for key in (export.id, UUID(int=7)):
        with pytest.raises(NoSuchExport) as refusal:
            await exports.download_link(stage.backends, await stage.caller(cy), key)
        messages.append(refusal.value.message)
    assert messages[0] == messages[1]


async def test_one_at_a_time(stage: Stage) -> None:
    caller = await stage.caller(await stage.joined("ben"))
    await exports.ask_export(stage.backends, caller)
    with pytest.raises(ExportUnderWay):
        await exports.ask_export(stage.backends, caller)


async def test_after_its_time_it_is_gone(stage: Stage) -> None:
    ben = await stage.joined("ben")
    export = await ready(stage, ben)
    await stage.clock.advance(EXPORT_LIVES + timedelta(minutes=1))
    with pytest.raises(NoSuchExport):
        await exports.download_link(stage.backends, await stage.caller(ben), export.id)
    await SWEEP.run(stage.backends, Sweep())
    with pytest.raises(NotFound):
        await stage.backends.storage.bucket("private").head(export.key)
    assert (await exports.list_exports(stage.backends, await stage.caller(ben)))[0].state == "expired"


async def test_a_worker_killed_while_it_builds_is_followed_by_one_that_finishes(stage: Stage) -> None:
    """Its job is found in the state in which the dead one left it."""
    ben = await stage.joined("ben")
    asked = await exports.ask_export(stage.backends, await stage.caller(ben))
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE exports SET state = 'running' WHERE id = $1", asked.id)
    await stage.work()
    assert (await exports.list_exports(stage.backends, await stage.caller(ben)))[0].state == "ready"


@pytest.mark.parametrize("left_in", ["waiting", "running"])
async def test_what_never_finishes_does_not_stand_in_the_way_for_ever(stage: Stage, left_in: str) -> None:
    caller = await stage.caller(await stage.joined("ben"))
    asked = await exports.ask_export(stage.backends, caller)
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE exports SET state = $2 WHERE id = $1", asked.id, left_in)
    await SWEEP.run(stage.backends, Sweep())
    with pytest.raises(ExportUnderWay):
        await exports.ask_export(stage.backends, caller)
    await stage.clock.advance(GIVE_UP_AFTER + timedelta(minutes=1))
    await SWEEP.run(stage.backends, Sweep())
    assert (await exports.list_exports(stage.backends, caller))[0].state == "failed"
    await exports.ask_export(stage.backends, caller)


def test_the_states_lead_to_an_end() -> None:
    ends = {state for state, after in EXPORT_TRANSITIONS.items() if not after}
    assert ends == {"failed", "expired"}
    assert set().union(*EXPORT_TRANSITIONS.values()) <= set(EXPORT_TRANSITIONS)

"""What is wrong with a file, or with who sends it, is said clearly; nothing is lost and nobody is let in."""

from __future__ import annotations

import asyncio
import os
import secrets
from datetime import timedelta

import httpx
import msgspec
import pytest

from directfanz.backends import Backends
from directfanz.domains.creators.errors import NotInTeam
from directfanz.domains.creators.models import Creator
from directfanz.domains.media.errors import (
    AssetMoved,
    FileTooLarge,
    KindNotTaken,
    NoSuchAsset,
    NoSuchUpload,
    PartsMissing,
    StorageFull,
    UploadOver,
)
from directfanz.domains.media.jobs import SWEEP_REMOVED, SWEEP_UPLOADS, Sweep
from directfanz.domains.media.models import Upload
from directfanz.domains.media.policy.limits import GIB
from directfanz.domains.media.service import allowances, delivery, library, retrying, uploading
from directfanz.errors import InvalidInput, NotFound
from directfanz.platform_toml import MediaPlan
from tests.support.accounts import Someone, Stage
from tests.support.creators import join_team, page_of
from tests.support.uploading import PNG, QUEUES, again, arrived, part_of, put_part, send, sum_of, uploaded, wanted
from tests.support.work import work_off

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
ZIP = b"PK\x03\x04" + bytes(26)


@pytest.fixture(scope="module")
async def ada(stage: Stage) -> Someone:
    await stage.backends.storage.ensure_buckets()
    return await stage.joined("ada")


@pytest.fixture(scope="module")
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


async def begun(stage: Stage, who: Someone, page: Creator, body: bytes, name: str = "a.png") -> Upload:
    return await uploading.begin(stage.backends, await stage.caller(who), page.id, wanted(name, body))


# --- what a file is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"MZ\x90\0" + bytes(100), "kind_not_taken"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "kind_not_taken"),
        (b"#!/bin/sh\nrm -rf /", "kind_not_taken"),
        (b"hello " + EICAR, "harmful"),
        (ZIP + EICAR, "harmful"),
    ],
)
async def test_what_is_not_taken_says_why_and_is_nowhere(
    stage: Stage, ada: Someone, page: Creator, body: bytes, code: str
) -> None:
    """Also when it calls itself a picture, and when its beginning was never shown beforehand."""
    asset = await uploaded(stage, ada, page, body, "innocent.jpg")
    assert (asset.state, asset.reason_code, asset.original) == ("failed", code, None)
    assert asset.reason
    assert asset.reason.endswith(".")
    assert [each async for each in stage.backends.storage.bucket("media").walk(asset.folder)] == []


async def test_a_wrong_ending_is_put_right(stage: Stage, ada: Someone, page: Creator) -> None:
    asset = await uploaded(stage, ada, page, ZIP + bytes(100), "holiday.exe.jpg")
    assert (asset.kind, asset.mime, asset.name) == ("file", "application/zip", "holiday.exe.zip")
    assert asset.facts["uploaded_as"] == "holiday.exe.jpg"


async def test_a_file_that_is_two_things_is_the_first_of_them(stage: Stage, ada: Someone, page: Creator) -> None:
    both = b"GIF89a" + b"/*" + bytes(20) + b"*/=1;alert(1)<script>alert(1)</script>" + ZIP
    asset = await uploaded(stage, ada, page, both, "both.html")
    assert asset.mime == "image/gif"
    assert asset.name == "both.html.gif"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.zip",
        "..\\..\\boot.zip",
        "a/b/c.zip",
        "x\0y.zip",
        "\u202egpj.zip",
        "é" * 300 + ".zip",
        "%2e%2e%2f.zip",
    ],
)
async def test_tricks_in_names_stay_names(stage: Stage, ada: Someone, page: Creator, name: str) -> None:
    asset = await uploaded(stage, ada, page, ZIP, name)
    assert asset.original is not None
    folder, o, key = asset.original.split("/")
    assert (folder, o) == (asset.id.hex, "o")
    assert not {"..", "."} & {key}
    assert not set("\\%\0\u202e") & set(key)
    assert len(asset.name) <= 200


@pytest.mark.parametrize("name", ["", "   ", "/", "..", "\u202e"])
async def test_no_name_is_no_name(stage: Stage, ada: Someone, page: Creator, name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        await begun(stage, ada, page, PNG, name)


async def test_what_shows_its_beginning_is_refused_before_it_is_sent(stage: Stage, ada: Someone, page: Creator) -> None:
    ask, caller = wanted("a.png", b"MZ" + bytes(50), opening=b"MZ\x90\0"), await stage.caller(ada)
    with pytest.raises(KindNotTaken, match="Windows"):
        await uploading.begin(stage.backends, caller, page.id, ask)


# --- parts ------------------------------------------------------------------------------------------------------------


async def test_parts_missing_are_named_and_nothing_is_lost(stage: Stage, ada: Someone, page: Creator) -> None:
    body = PNG + os.urandom(20 * 1024 * 1024)
    upload, caller = await begun(stage, ada, page, body), await stage.caller(ada)
    await send(stage, ada, upload, body, [1, 3])
    with pytest.raises(PartsMissing) as missing:
        await uploading.complete(stage.backends, caller, upload.id)
    assert [detail.field for detail in missing.value.details] == ["parts.2"]
    assert (await uploading.look(stage.backends, caller, upload.id)).held == [1, 3]
    await send(stage, ada, upload, body, [2])
    assert (await uploading.complete(stage.backends, caller, upload.id)).state == "scanning"


async def test_a_part_at_the_place_of_another_is_not_taken(stage: Stage, ada: Someone, page: Creator) -> None:
    body = PNG + os.urandom(12 * 1024 * 1024)
    upload = await begun(stage, ada, page, body)
    first, second = part_of(upload, body, 1), part_of(upload, body, 2)
    sums = {1: sum_of(first), 2: sum_of(second)}
    where = await uploading.addresses(stage.backends, await stage.caller(ada), upload.id, sums)
    async with httpx.AsyncClient() as client:
        assert (await put_part(client, where[1], second, sums[1])).status_code == 400
        assert (await put_part(client, where[1], second, sums[2])).status_code == 403
        assert (await client.put(where[1], content=first)).status_code == 403
        assert (await client.put(where[1].replace("partNumber=1", "partNumber=2"), content=first)).status_code == 403
    assert (await uploading.look(stage.backends, await stage.caller(ada), upload.id)).held == []


async def test_bytes_that_are_not_those_announced_are_found_by_the_scan(
    stage: Stage, ada: Someone, page: Creator
) -> None:
    """The store held other bytes than it took: whoever can write there past us is found out."""
    body = PNG + os.urandom(100_000)
    asset = await arrived(stage, ada, page, body)
    await stage.backends.storage.bucket("uploads").put(asset.quarantine, PNG + os.urandom(100_000))
    await work_off(stage.backends, queues=QUEUES)
    assert (await again(stage, asset.id)).reason_code == "damaged"


async def test_a_lie_about_the_size_leads_nowhere(stage: Stage, ada: Someone, page: Creator) -> None:
    body, caller = PNG + bytes(5000), await stage.caller(ada)
    small = msgspec.structs.replace(wanted("a.png", body), size=100)
    upload = await uploading.begin(stage.backends, caller, page.id, small)
    where = await uploading.addresses(stage.backends, caller, upload.id, {1: sum_of(body)})
    async with httpx.AsyncClient() as client:
        assert (await put_part(client, where[1], body, sum_of(body))).status_code == 200
    with pytest.raises(PartsMissing):
        await uploading.complete(stage.backends, caller, upload.id)


async def test_an_address_that_is_over_takes_nothing(stage: Stage, ada: Someone, page: Creator) -> None:
    upload = await begun(stage, ada, page, PNG)
    lives = timedelta(seconds=1)
    bucket = stage.backends.storage.bucket("uploads")
    where = await bucket.presign_parts(upload.key, upload.engine_id, {1: sum_of(PNG)}, lives)
    old = where[1].replace("X-Amz-Date=2", "X-Amz-Date=1")  # a thousand years ago
    async with httpx.AsyncClient() as client:
        assert (await put_part(client, old, PNG, sum_of(PNG))).status_code == 403


# --- once is enough ---------------------------------------------------------------------------------------------------


async def test_two_tabs_begin_and_complete_one_upload(stage: Stage, ada: Someone, page: Creator) -> None:
    body, caller = PNG + b"tabs", await stage.caller(ada)
    ask = wanted("tabs.png", body)
    both = await asyncio.gather(*(uploading.begin(stage.backends, caller, page.id, ask) for _ in range(4)))
    assert len({each.id for each in both}) == 1
    await send(stage, ada, both[0], body)
    done = await asyncio.gather(*(uploading.complete(stage.backends, caller, both[0].id) for _ in range(4)))
    assert {each.id for each in done} == {both[0].asset_id}
    assert {each.state for each in done} == {"scanning"}
    await work_off(stage.backends, queues=QUEUES)
    again_done = await uploading.complete(stage.backends, caller, both[0].id)
    assert again_done.state in ("ready", "failed")
    assert len([e for e in await library.list_for_team(stage.backends, caller, page.id) if e.name == "tabs.png"]) == 1


async def test_what_is_cancelled_is_over(stage: Stage, ada: Someone, page: Creator) -> None:
    upload, caller = await begun(stage, ada, page, PNG), await stage.caller(ada)
    for _ in range(2):
        await uploading.give_up(stage.backends, caller, upload.id)
    with pytest.raises(UploadOver):
        await uploading.addresses(stage.backends, caller, upload.id, {1: sum_of(PNG)})
    with pytest.raises(UploadOver):
        await uploading.complete(stage.backends, caller, upload.id)
    with pytest.raises(NoSuchAsset):
        await library.get(stage.backends, caller, upload.asset_id)


async def test_what_nobody_goes_on_with_is_swept(stage: Stage, ada: Someone, page: Creator) -> None:
    body = PNG + os.urandom(9 * 1024 * 1024)
    upload, caller = await begun(stage, ada, page, body), await stage.caller(ada)
    await send(stage, ada, upload, body, [1])
    await stage.clock.advance(timedelta(days=stage.backends.platform.media.open_days) - timedelta(seconds=1))
    await SWEEP_UPLOADS.run(stage.backends, Sweep())
    caller = await stage.caller(await _back(stage, ada))
    assert (await uploading.look(stage.backends, caller, upload.id)).held == [1]
    await stage.clock.advance(timedelta(seconds=2))
    await SWEEP_UPLOADS.run(stage.backends, Sweep())
    await work_off(stage.backends, queues=QUEUES)
    asset = await again(stage, upload.asset_id)
    assert (asset.state, asset.reason_code) == ("failed", "upload_expired")
    with pytest.raises(NotFound):
        await stage.backends.storage.bucket("uploads").list_parts(upload.key, upload.engine_id)
    with pytest.raises(AssetMoved, match="Upload it again"):
        await retrying.retry(stage.backends, caller, asset.id)


async def test_a_retry_goes_on_where_it_stopped(stage: Stage, ada: Someone, page: Creator) -> None:
    await _back(stage, ada)
    asset = await uploaded(stage, ada, page, b"hi " + EICAR, "a.txt")
    caller = await stage.caller(ada)
    both = await asyncio.gather(
        *(retrying.retry(stage.backends, caller, asset.id) for _ in range(2)), return_exceptions=True
    )
    assert any(not isinstance(each, BaseException) and each.state == "scanning" for each in both)
    await work_off(stage.backends, queues=QUEUES)
    assert (await again(stage, asset.id)).reason_code == "harmful"


# --- who --------------------------------------------------------------------------------------------------------------


async def test_another_creator_finds_nothing(stage: Stage, ada: Someone, page: Creator) -> None:
    await _back(stage, ada)
    eve = await stage.joined("eve")
    theirs = await page_of(stage, eve)
    upload, stranger = await begun(stage, ada, page, PNG), await stage.caller(eve)
    body = PNG + secrets.token_bytes(8)
    asset = await uploaded(stage, ada, page, body)
    backends = stage.backends
    for refused in (
        uploading.look(backends, stranger, upload.id),
        uploading.addresses(backends, stranger, upload.id, {1: sum_of(PNG)}),
        uploading.complete(backends, stranger, upload.id),
        uploading.give_up(backends, stranger, upload.id),
    ):
        with pytest.raises(NoSuchUpload):
            await refused
    for hidden in (
        library.get(backends, stranger, asset.id),
        library.describe(backends, stranger, asset.id, name="mine"),
        library.remove(backends, stranger, asset.id),
        retrying.retry(backends, stranger, asset.id),
        delivery.open_original_for_team(backends, stranger, asset.id),
        delivery.open_view_for_team(backends, stranger, asset.id),
    ):
        with pytest.raises(NoSuchAsset):
            await hidden
    with pytest.raises(NotInTeam):
        await uploading.begin(backends, stranger, page.id, wanted("a.png", PNG))
    assert await library.list_for_team(backends, stranger, theirs.id) == []


async def test_who_may_not_write_posts_may_not_have_files(stage: Stage, ada: Someone, page: Creator) -> None:
    await _back(stage, ada)
    mo = await stage.joined("mo")
    await join_team(stage, ada, page, mo, "moderator")
    with pytest.raises(NotInTeam, match="write posts"):
        await uploading.begin(stage.backends, await stage.caller(mo), page.id, wanted("a.png", PNG))


# --- how much ---------------------------------------------------------------------------------------------------------


async def test_limits_of_the_plan_hold_also_against_a_race(stage: Stage) -> None:
    cy = await stage.joined("cy")
    page = await page_of(stage, cy)
    caller = await stage.caller(cy)
    plans = {"standard": MediaPlan(file_gib=2, storage_gib=5, files=100, open_uploads=10)}
    backends = msgspec_backends(stage, plans)
    with pytest.raises(FileTooLarge):
        await uploading.begin(
            backends, caller, page.id, msgspec.structs.replace(wanted("a.png", PNG), size=2 * GIB + 1)
        )
    asks = [msgspec.structs.replace(wanted(f"{n}.png", PNG), size=2 * GIB) for n in range(6)]
    begun_all = await asyncio.gather(
        *(uploading.begin(backends, caller, page.id, ask) for ask in asks), return_exceptions=True
    )
    taken = [each for each in begun_all if isinstance(each, Upload)]
    assert len(taken) == 2, "five gigabytes hold two files of two, however many ask at once"
    assert all(isinstance(each, Upload | StorageFull) for each in begun_all)
    await uploading.give_up(backends, caller, taken[0].id)
    await uploading.begin(backends, caller, page.id, asks[0])
    with pytest.raises(InvalidInput, match="no such plan"):
        await allowances.set_plan(backends, caller, page.id, "endless")


async def test_what_is_removed_comes_back_or_goes_for_good(stage: Stage, ada: Someone, page: Creator) -> None:
    await _back(stage, ada)
    asset, caller = await uploaded(stage, ada, page, ZIP, "songs.zip"), await stage.caller(ada)
    await library.remove(stage.backends, caller, asset.id)
    await library.remove(stage.backends, caller, asset.id)
    with pytest.raises(NoSuchAsset):
        await delivery.open_original_for_team(stage.backends, caller, asset.id)
    assert (await library.fetch_back(stage.backends, caller, asset.id)).removed_at is None
    await library.remove(stage.backends, caller, asset.id)
    await stage.clock.advance(timedelta(days=stage.backends.platform.media.removed_days, seconds=1))
    await SWEEP_REMOVED.run(stage.backends, Sweep())
    await work_off(stage.backends, queues=QUEUES)
    assert [each async for each in stage.backends.storage.bucket("media").walk(asset.folder)] == []


def msgspec_backends(stage: Stage, plans: dict[str, MediaPlan]) -> Backends:
    from dataclasses import replace

    return replace(stage.backends, platform=msgspec.structs.replace(stage.backends.platform, media_plans=plans))


async def _back(stage: Stage, who: Someone) -> Someone:
    """Signed in anew: the calendar moved by days."""
    await stage.sign_in(who)
    return who

"""Workers come and go; a file is worked on by one at a time, to its end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from directfanz.backends import Backends
from directfanz.backends.cache.contract import Subscription
from directfanz.domains.creators.models import Creator
from directfanz.domains.media.models import Asset
from directfanz.domains.media.processing import RESCUE, Rescue
from directfanz.domains.media.processing.working import process
from directfanz.domains.media.repository import processing
from directfanz.domains.media.service import library, retrying, working
from directfanz.domains.notifications.events import channel_of
from directfanz.settings import Settings
from tests.support.accounts import Someone, Stage
from tests.support.creators import page_of
from tests.support.engines import REPOSITORY
from tests.support.films import film
from tests.support.hls import read_film
from tests.support.meanwhile import until
from tests.support.processing import small, standing, waiting
from tests.support.running import environment

pytestmark = pytest.mark.requirement("U5")


@pytest.fixture(scope="module")
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


@pytest.fixture(scope="module")
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


async def outcomes(backends: Backends, asset: Asset) -> list[str | None]:
    async with backends.database.writing() as tx:
        return [each.outcome for each in reversed(await processing.attempts(tx, asset.id))]


async def test_two_workers_never_have_one_file(stage: Stage, ada: Someone, page: Creator) -> None:
    backends = small(stage.backends)
    asset = await waiting(stage, ada, page, "audio", film("song.mp3"))
    await asyncio.gather(*(process(backends, asset.id) for _ in range(3)))
    assert (await standing(backends, asset.id))[0].state == "ready"
    assert await outcomes(backends, asset) == ["ready"]


async def test_what_nobody_works_on_is_found(stage: Stage, ada: Someone, page: Creator) -> None:
    """Its worker died and its job is gone: the rescuer asks for it once, and only when the lease is over."""
    backends = small(stage.backends)
    asset = await waiting(stage, ada, page, "audio", film("song.mp3"))
    now = stage.clock.now()
    async with backends.database.writing() as tx:
        await processing.take(tx, asset.id, "gone", now, now + timedelta(minutes=30))
    await stage.clock.advance(timedelta(minutes=10))
    await RESCUE.run(backends, Rescue())
    assert await _waiting_jobs(backends, asset) == 0
    await stage.clock.advance(timedelta(minutes=30))
    await RESCUE.run(backends, Rescue())
    await RESCUE.run(backends, Rescue())
    assert await _waiting_jobs(backends, asset) == 1
    await process(backends, asset.id)
    assert await outcomes(backends, asset) == ["lost", "ready"]


async def test_a_file_that_ends_every_worker_is_given_up(stage: Stage, ada: Someone, page: Creator) -> None:
    backends = small(stage.backends)
    asset = await waiting(stage, ada, page, "audio", film("song.mp3"))
    for _ in range(4):
        now = stage.clock.now()
        async with backends.database.writing() as tx:
            await processing.take(tx, asset.id, "gone", now, now + timedelta(seconds=30))
        await stage.clock.advance(timedelta(minutes=1))
    await process(backends, asset.id)
    failed, _ = await standing(backends, asset.id)
    assert (failed.state, failed.reason_code) == ("failed", "in_vain")
    await retrying.retry(backends, await stage.caller(ada), asset.id)
    await process(backends, asset.id)
    assert (await standing(backends, asset.id))[0].state == "ready"


async def test_the_team_can_stop_it_and_try_again(stage: Stage, ada: Someone, page: Creator) -> None:
    backends = small(stage.backends, slice_seconds=2, lease_seconds=2)
    caller = await stage.caller(ada)
    asset = await waiting(stage, ada, page, "video", film("minute.mp4"))
    running = asyncio.create_task(process(backends, asset.id))

    async def begun() -> bool:
        return (await working.progress(backends, caller, asset.id)).progress > 0.05

    await until(begun)
    await working.cancel(backends, caller, asset.id)
    await running
    stopped = await working.progress(backends, caller, asset.id)
    assert (stopped.state, stopped.reason_code) == ("failed", "cancelled"), (stopped.reason, stopped.attempts)
    again = await retrying.retry(backends, caller, asset.id)
    assert again.state == "processing"
    waiting_ = await working.progress(backends, caller, asset.id)
    assert waiting_.waiting
    assert (await working.cancel(backends, caller, asset.id)).state == "failed"  # nobody had begun


async def test_progress_is_told_to_the_team_and_only_grows(stage: Stage, ada: Someone, page: Creator) -> None:
    import msgspec

    backends = small(stage.backends)
    asset = await waiting(stage, ada, page, "video", film("plain.mp4"))
    news: list[dict[str, object]] = []

    async def hear(subscription: Subscription) -> None:
        async for _, message in subscription:
            news.append(msgspec.json.decode(message))

    async with backends.cache.subscribe(channel_of(ada.user_id)) as subscription:
        hearing = asyncio.create_task(hear(subscription))
        await process(backends, asset.id)

        async def over() -> bool:
            return any(each.get("state") == "ready" for each in news)

        await until(over)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
    mine = [each for each in news if each.get("asset_id") == str(asset.id)]
    shares = [float(str(each["progress"])) for each in mine]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(mine) >= 3
    assert {each["type"] for each in mine} == {"asset"}


async def test_a_failure_is_told_to_who_uploaded_it(stage: Stage, ada: Someone, page: Creator) -> None:
    from tests.support.processing import worked_on

    asset = await waiting(stage, ada, page, "image", b"no picture", name="holiday.png")
    await worked_on(stage.backends, asset.id)
    async with stage.backends.database.writing() as tx:
        told = await tx.fetch("SELECT kind, facts FROM notifications WHERE user_id = $1", ada.user_id)
    assert any(row["kind"] == "media.failed" and "holiday.png" in str(row["facts"]) for row in told)
    assert (await library.get(stage.backends, await stage.caller(ada), asset.id)).reason


# The last of these stories: its clock jumps to today, and sessions end with that.
async def test_a_killed_worker_is_followed_by_another(
    stage: Stage, ada: Someone, page: Creator, settings: Settings
) -> None:
    """With its programs it is gone at once; what it finished is not done again."""
    backends = small(stage.backends, slice_seconds=2, threads=1)
    asset = await waiting(stage, ada, page, "video", film("minute.mp4"))
    bucket = backends.storage.bucket("media")
    work = f"{asset.views}/1/work"

    async def notes() -> dict[str, str]:
        return {item.key: item.etag async for item in bucket.walk(work)}

    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.film_worker", str(asset.id),
        cwd=REPOSITORY, env={**os.environ, **environment(settings)},
    )  # fmt: skip
    await until(notes)
    programs = psutil.Process(worker.pid).children(recursive=True)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, programs, 10)
    assert not alive
    assert gone or not programs
    finished = {item.key: item.modified async for item in bucket.walk(f"{asset.views}/1") if item.key.endswith(".m4s")}
    done = await notes()
    segments = {key: at for key, at in finished.items() if any(_slice(key) == _slice(note) for note in done)}
    assert segments

    await stage.clock.advance(datetime.now(UTC) + timedelta(minutes=5) - stage.clock.now())
    await process(backends, asset.id)
    ready, _ = await standing(backends, asset.id)
    assert ready.state == "ready"
    assert await outcomes(backends, asset) == ["lost", "ready"]
    again = {item.key: item.modified async for item in bucket.walk(f"{asset.views}/1") if item.key in segments}
    assert again == segments
    played = await read_film(bucket, f"{asset.views}/1")
    assert sum(played.pictures[0].lengths) == pytest.approx(20, abs=0.2)


def _slice(key: str) -> str:
    """0003 of `0003-00001.m4s` and of `work/0003.json`."""
    return key.rsplit("/", 1)[1][:4]


async def _waiting_jobs(backends: Backends, asset: Asset) -> int:
    async with backends.database.writing() as tx:
        sql = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = $1"
        count: int = await tx.fetch_value(sql, f"process:{asset.id.hex}")
        return count

"""P3: a deployment drops nothing, and a bad build takes itself back: the whole platform, under load, on one machine."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.settings import load
from tests.support.accounts import Someone, stage_set
from tests.support.deploying import BAD, Load, bad_build
from tests.support.engines import REPOSITORY
from tests.support.house import PASSWORD, House, shared_house

pytestmark = pytest.mark.property("P3")
HOW = (*BAD, "cannot change the schema")


@pytest.fixture(scope="session")
def house() -> House:
    return shared_house()


@asynccontextmanager
async def loaded(house: House) -> AsyncIterator[Load]:
    async with stage_set(load(house.environment), ManualClock(datetime.now(UTC))) as stage:
        ben = Someone("Ben", house.settle("Ben"), "ben", stage.browser(), PASSWORD)
        await stage.sign_in(ben)
        ben.user_id = (await stage.caller(ben)).require_user()
        async with Load(house.site_url, stage, ben).on() as load_:
            yield load_


async def deploy(house: House, *words: str) -> tuple[int, str]:
    named = {"DIRECTFANZ_STATE_DIR": house.state_dir, "DIRECTFANZ_PLATFORM_FILE": str(REPOSITORY / "platform.toml")}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "directfanz", "deploy", *words),
        cwd=REPOSITORY,
        env={**os.environ, **named},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    return running.returncode or 0, said.decode()


async def test_a_bad_build_goes_and_a_good_one_comes_and_nobody_notices(house: House, tmp_path: Path) -> None:
    async with loaded(house) as seen:
        code, said = await deploy(house, "--watch", "20", "--build", str(bad_build(tmp_path / "bad", "falls at once")))
        assert (code, "Taken back: web does not start" in said) == (1, True), said
        code, said = await deploy(house, "--watch", "2")
        assert (code, "The new version runs" in said) == (0, True), said
    seen.require_nothing_lost()
    assert seen.reconnects >= 1, "nobody was moved, so nothing was shown"


@pytest.mark.drill
@pytest.mark.timeout(1800)
async def test_many_deployments_good_and_bad(house: House, tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("DEPLOYMENTS_SEED", "3"))
    for number in range(int(os.environ.get("DEPLOYMENTS", "8"))):
        how = chance.choice((None, None, *HOW))
        async with loaded(house) as seen:
            words = () if how is None else ("--build", str(bad_build(tmp_path / str(number), how)))
            code, said = await deploy(house, "--watch", "12", *words)
            assert code == (how is not None), f"{how}: {said}"
        if how != "answers with errors":  # which the people who were asked in between did see, until it was taken back
            seen.require_nothing_lost()
        else:
            assert all(": 500 " in one for one in seen.failed), seen.failed[:5]
            assert len(seen.failed) < seen.answered / 4

"""The cache dies, sleeps, or loses everything: who is signed in stays so, and nothing revoked comes back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import msgspec
import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.accounts.service import hashing, sessions
from directfanz.errors import Unavailable
from directfanz.settings import Secret, Settings
from tests.support.accounts import Stage, stage_set
from tests.support.meanwhile import until
from tests.support.own_engines import OwnEngines, own_engines


@pytest.fixture
async def mine() -> AsyncIterator[OwnEngines]:
    async with own_engines("valkey") as engines:
        yield engines


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock, mine: OwnEngines) -> AsyncIterator[Stage]:
    valkey = mine.set.valkey
    own = msgspec.structs.replace(
        settings, cache_nodes=(f"127.0.0.1:{valkey.port}",), cache_password=Secret(valkey.password), cache_database=0
    )
    async with stage_set(own, clock) as stage:
        yield stage


async def commands(stage: Stage) -> dict[str, int]:
    """What the cache was asked since it started, by command."""
    told = (await stage.backends.cache.command("INFO", "commandstats", key="any")).decode()
    return {name: int(calls) for name, calls in re.findall(r"cmdstat_([a-z|]+):calls=(\d+)", told)}


async def answers_again(stage: Stage) -> None:
    async def answers() -> bool:
        try:
            await stage.backends.cache.ping()
        except Unavailable:
            return False
        return True

    await until(answers)


async def test_a_signed_in_request_asks_the_cache_once(stage: Stage) -> None:
    ada = await stage.joined("ada")
    await stage.caller(ada)
    before = await commands(stage)
    for _ in range(10):
        await stage.caller(ada)
    after = await commands(stage)
    asked = {name: calls - before.get(name, 0) for name, calls in after.items() if name not in ("info", "ping")}
    assert {name: calls for name, calls in asked.items() if calls} == {"get": 10}


async def test_a_request_without_a_real_cookie_asks_nothing(stage: Stage) -> None:
    ada = await stage.joined("ada")
    before = await commands(stage)
    ada.browser.session = (ada.browser.session or "")[:-1] + "x"
    assert await stage.who_is(ada.browser) is None
    assert (await commands(stage)).get("get") == before.get("get")


async def test_a_restart_signs_nobody_out_and_nobody_revoked_in(stage: Stage, mine: OwnEngines) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    await sessions.sign_out(stage.backends, cy.browser.session)
    await mine.kill("valkey")
    await answers_again(stage)
    assert (await stage.caller(ada)).user_id == ada.user_id
    assert await stage.who_is(cy.browser) is None


async def test_while_it_sleeps_sessions_hold_and_guessing_is_not_let_loose(stage: Stage, mine: OwnEngines) -> None:
    ada = await stage.joined("ada")
    phone = await stage.sign_in(ada, stage.browser())
    await stage.caller(ada)
    await stage.caller(phone)
    with mine.frozen("valkey"):
        assert (await stage.caller(ada)).user_id == ada.user_id
        runs = hashing.PASSWORDS.done
        with pytest.raises(Unavailable):
            await stage.sign_in(ada, stage.browser())
        assert hashing.PASSWORDS.done == runs
        await sessions.revoke_other_sessions(stage.backends, await stage.caller(ada))
        assert await stage.who_is(phone) is None
    await answers_again(stage)
    await stage.work()
    assert await stage.who_is(phone) is None
    await stage.sign_in(ada, stage.browser())

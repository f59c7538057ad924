"""P9: losing a cache node loses no session. People stay signed in, to the platform's own eyes, while primaries are killed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import msgspec
import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.settings import Secret, Settings
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.meanwhile import meanwhile
from tests.support.valkey_cluster import PASSWORD, OwnCluster, own_cluster

ROUNDS = 3


@pytest.fixture
async def cluster() -> AsyncIterator[OwnCluster]:
    async with own_cluster() as cluster:
        yield cluster


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock, cluster: OwnCluster) -> AsyncIterator[Stage]:
    on_cluster = msgspec.structs.replace(
        settings, cache_nodes=cluster.seeds, cache_cluster=True, cache_database=0, cache_password=Secret(PASSWORD)
    )
    async with stage_set(on_cluster, clock) as stage:
        yield stage


class Visits:
    """People who look at pages all the time; each time the platform has to know who they are."""

    def __init__(self, stage: Stage, people: list[Someone]) -> None:
        self._stage = stage
        self._people = people
        self.made = 0

    async def go_on(self) -> None:
        while True:
            for who in self._people:
                caller = await self._stage.who_is(who.browser)
                assert caller is not None, f"{who.name} was signed out"
                assert caller.user_id == who.user_id
                self.made += 1
            await asyncio.sleep(0)


@pytest.mark.property("P9")
async def test_nobody_signs_in_again(stage: Stage, cluster: OwnCluster) -> None:
    people = [await stage.joined(name) for name in ("ada", "ben", "cy", "dee", "eve", "olu")]
    visits, chance = Visits(stage, people), random.Random(9)
    async with meanwhile(visits.go_on, 3):
        for _ in range(ROUNDS):
            primary = cluster.at(chance.choice(await cluster.shards()).primary)
            await cluster.kill(primary)
            for who in people:
                assert await stage.who_is(who.browser) is not None
            newcomer = await stage.joined("newcomer")  # while a node is missing
            await primary.start()
            await cluster.whole()
            assert await stage.who_is(newcomer.browser) is not None
    assert visits.made > 100

"""The same behind the real edge, where browsers are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from directfanz.kit.signing import new_key_pair
from directfanz.platform_toml import Platform
from directfanz.processes.realtime.close_codes import RESTART
from directfanz.settings import Settings
from tests.support.edge import RunningEdge, running_edge, unhurried
from tests.support.running import HOST, Running, running
from tests.support.websocket import Refused, connected, greeted


@pytest.fixture
async def edge(platform: Platform, one: Running, other: Running, tmp_path: Path) -> AsyncIterator[RunningEdge]:
    with edge_before(platform, tmp_path, one, other) as edge:
        yield edge


@contextmanager
def edge_before(platform: Platform, folder: Path, *processes: Running) -> Iterator[RunningEdge]:
    addresses = [f"{HOST}:{process.port}" for process in processes]
    with running_edge(
        unhurried(platform),
        folder / "edge",
        public_keys={"K2JCJMDEHXQW5F": new_key_pair()[1]},
        services=dict.fromkeys(("web", "realtime", "streaming"), addresses),
        storage=addresses[0],
        mail=addresses[0],
        folders={"static": folder},
    ) as edge:
        yield edge


async def test_a_browser_that_is_killed_leaves_the_room_at_once(edge: RunningEdge, one: Running, room: str) -> None:
    async with greeted(one.port) as watching, greeted(edge.port) as cy:
        await watching.say("subscribe", room=room)
        await cy.say("subscribe", room=room)
        await watching.hear_people(room, 2)
        cy.vanish()
        async with asyncio.timeout(2):
            await watching.hear_people(room, 1)


async def test_what_is_inside_stays_inside(edge: RunningEdge) -> None:
    for path in ("/ws/", "/ws/metrics"):
        with pytest.raises(Refused) as refused:
            async with connected(edge.port, path=path):
                pass
        assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        async with connected(edge.port, headers={"Origin": "https://evil.example"}):
            pass
    assert refused.value.status == 403


async def test_a_close_code_reaches_the_browser(platform: Platform, settings: Settings, tmp_path: Path) -> None:
    async with running("realtime", settings) as leaving:
        with edge_before(platform, tmp_path, leaving) as edge:
            async with greeted(edge.port) as cy:
                leaving.tell_to_stop()
                assert await cy.ends() == RESTART.code

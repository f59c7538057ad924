"""Fixtures for all tests; `tests/support/README.md` tells how to use them."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engines import REPOSITORY, Engines, begin_run, end_run, shared_engines
from tests.support.house import end_houses

if TYPE_CHECKING:
    from directfanz.backends import Backends
    from directfanz.backends.clock.manual import ManualClock
    from directfanz.platform_toml import Platform
    from directfanz.settings import Settings
    from tests.support.worlds import World

WORLDS_PER_WORKER = 32  # the first is nobody's: worker 0's is the cache number of tests that have no world
_extra_worlds = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Here, not beside the journeys: with several workers the first process never reads the conftest of a folder below."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        end_houses()
        end_run()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What stands now stays to the end: the collector looked through it again and again, for half of the time that tests took."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def engines() -> Engines:
    return shared_engines()


@pytest.fixture(scope="session")
def platform() -> Platform:
    from directfanz.platform_toml import load_platform

    return load_platform(REPOSITORY / "platform.toml")


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def _number() -> int:
    return int(_worker().removeprefix("gw"))


@pytest.fixture(scope="session")
def world(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The worker's own, kept for all its tests."""
    from tests.support.worlds import make_world

    return make_world(engines, f"test_{_worker()}", _number() * WORLDS_PER_WORKER + 1, tmp_path_factory.mktemp("state"))


@pytest.fixture
def fresh_world(engines: Engines, tmp_path: Path) -> Iterator[World]:
    """An empty one for this test alone."""
    from tests.support.worlds import end_world, make_world

    number = next(_extra_worlds)
    cache_database = _number() * WORLDS_PER_WORKER + 2 + number % (WORLDS_PER_WORKER - 2)
    world = make_world(engines, f"test_{_worker()}_{number}", cache_database, tmp_path)
    yield world
    end_world(engines, world)


@pytest.fixture(scope="module")
def file_world(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for the tests of a file, that nobody else uses; `tests.support.wiped` empties it between them."""
    from tests.support.worlds import end_world, make_world

    number = next(_extra_worlds)
    cache_database = _number() * WORLDS_PER_WORKER + 2 + number % (WORLDS_PER_WORKER - 2)
    world = make_world(engines, f"test_{_worker()}_{number}", cache_database, tmp_path_factory.mktemp("world"))
    yield world
    end_world(engines, world)


@pytest.fixture(scope="session")
def settings(world: World) -> Settings:
    return world.settings


@pytest.fixture(scope="session")
def owner_url(world: World) -> str:
    return world.owner_url


@pytest.fixture
def clock() -> ManualClock:
    from directfanz.backends.clock.manual import ManualClock

    return ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
async def backends(settings: Settings, clock: ManualClock) -> AsyncIterator[Backends]:
    from directfanz.backends.assembly import opened

    async with opened(settings, service="test", clock=clock) as opened_backends:
        await opened_backends.storage.ensure_buckets()
        yield opened_backends

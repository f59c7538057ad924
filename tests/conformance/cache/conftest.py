"""The same contract on one node and on a cluster of three shards with a replica each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from directfanz.backends.cache import address
from directfanz.backends.cache.cluster import ValkeyCluster
from directfanz.backends.cache.connection import Options
from directfanz.backends.cache.contract import Cache
from directfanz.backends.cache.valkey import ValkeyCache
from directfanz.kit.ids import new_token
from directfanz.platform_toml import Platform
from tests.support.engines import Engines
from tests.support.telemetry import Figures
from tests.support.valkey_cluster import PASSWORD, OwnCluster, own_cluster


@pytest.fixture(scope="session")
async def cluster() -> AsyncIterator[OwnCluster]:
    async with own_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["one node", "cluster"])
async def cache(
    request: pytest.FixtureRequest, platform: Platform, engines: Engines, cluster: OwnCluster
) -> AsyncIterator[Cache]:
    errors = Figures(platform).counter("cache_errors_total")
    cache: ValkeyCache | ValkeyCluster
    if request.param == "cluster":
        seeds = [address(seed) for seed in cluster.seeds]
        cache = ValkeyCluster(seeds, Options(password=PASSWORD), errors)
    else:
        options = Options(password=engines.valkey_password)
        cache = ValkeyCache(address(f"127.0.0.1:{engines.valkey_port}"), options, errors)
    await cache.start()
    yield cache
    await cache.close()


@pytest.fixture
def name() -> str:
    """Of a key that no other test uses."""
    return f"test:{new_token(9)}"

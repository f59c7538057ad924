from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.engines import Engines
from tests.support.two_buckets import Buckets, two_buckets
from tests.support.two_homes import Homes, two_homes


@pytest.fixture(scope="package")
async def homes(anyio_backend: str) -> AsyncIterator[Homes]:
    async with two_homes() as both:
        yield both


@pytest.fixture
def buckets(engines: Engines) -> Iterator[Buckets]:
    with two_buckets(engines) as both:
        yield both

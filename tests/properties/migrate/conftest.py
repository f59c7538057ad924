from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.two_homes import Homes, two_homes


@pytest.fixture(scope="package")
async def homes(anyio_backend: str) -> AsyncIterator[Homes]:
    async with two_homes() as both:
        yield both

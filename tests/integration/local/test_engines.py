"""The engines fall and come back, with what they held."""

from __future__ import annotations

import asyncpg

from tests.support.own_engines import own_engines


async def test_postgres_comes_back_with_its_data() -> None:
    async with own_engines("postgres") as mine:
        url = mine.set.postgres.url()
        before = await asyncpg.connect(url)
        await before.execute("create table kept as select 1 as one")
        before.terminate()
        await mine.kill("postgres")
        after = await asyncpg.connect(url)
        assert await after.fetchval("select one from kept") == 1
        await after.close()

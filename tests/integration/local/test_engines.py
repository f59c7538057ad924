"""The engines fall, all at once, and come back with what they held."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import asyncpg
import boto3
import httpx
import pytest
import redis.asyncio as redis
from botocore.config import Config
from botocore.exceptions import ClientError

from directfanz.local.engines.engine_set import EngineSet
from tests.support.own_engines import own_engines

NAMES = ("postgres", "valkey", "seaweedfs")


def s3(engines: EngineSet) -> Any:
    identity = engines.seaweedfs.identities["app"]
    return boto3.client(
        "s3",
        endpoint_url=engines.seaweedfs.endpoint,
        aws_access_key_id=identity.access_key,
        aws_secret_access_key=identity.secret_key,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


async def write_everywhere(engines: EngineSet) -> None:
    connection = await asyncpg.connect(engines.postgres.url())
    await connection.execute("create table kept as select 'from before' as words")
    await connection.close()
    client = redis.Redis(port=engines.valkey.port, password=engines.valkey.password)
    await client.set("kept", "from before")
    await client.waitaof(1, 0, 5000)  # everysec: what is acknowledged is on disk a second later
    await client.aclose()
    store = s3(engines)
    store.create_bucket(Bucket="kept")
    store.put_object(Bucket="kept", Key="words", Body=b"from before")
    store.close()


async def read_everywhere(engines: EngineSet) -> list[str]:
    connection = await asyncpg.connect(engines.postgres.url())
    row = await connection.fetchval("select words from kept")
    await connection.close()
    client = redis.Redis(port=engines.valkey.port, password=engines.valkey.password)
    value: Any = await client.get("kept")
    await client.aclose()
    store = s3(engines)
    body = store.get_object(Bucket="kept", Key="words")["Body"].read()
    store.close()
    return [row, value.decode(), body.decode()]


async def test_engines_keep_strangers_out_and_their_data_through_a_kill() -> None:
    async with own_engines(*NAMES) as mine:
        await write_everywhere(mine.set)
        await strangers_are_refused(mine.set)
        for name in NAMES:
            os.kill(mine.pid(name), signal.SIGKILL)
        await mine.until(lambda: all(mine.standing(n).starts == 2 and mine.standing(n).state == "ready" for n in NAMES))
        assert await read_everywhere(mine.set) == ["from before"] * 3


async def strangers_are_refused(engines: EngineSet) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(engines.postgres.url(password="wrong"))
    stranger = redis.Redis(port=engines.valkey.port)
    with pytest.raises(redis.AuthenticationError):
        await stranger.get("kept")
    await stranger.aclose()
    async with httpx.AsyncClient() as client:
        filer = await client.get(f"http://127.0.0.1:{engines.seaweedfs.ports['filer']}/buckets/kept/words")
        object_ = await client.get(f"{engines.seaweedfs.endpoint}/kept/words")
    assert (filer.status_code, object_.status_code) == (401, 403)
    store = s3(engines)
    with pytest.raises(ClientError, match="NoSuchBucket"):
        await asyncio.to_thread(store.put_object, Bucket="not-made", Key="x", Body=b"")
    store.close()

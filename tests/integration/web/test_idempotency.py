"""A change asked for twice is made once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from directfanz.backends import Backends
from directfanz.backends.clock.manual import ManualClock
from tests.integration.web.workshop import Bench

THING = {"name": "vase"}


async def make(client: httpx.AsyncClient, key: str, path: str = "/api/v1/things", **other: Any) -> httpx.Response:
    return await client.post(path, json=other or THING, headers={"Idempotency-Key": key})


async def test_the_first_answer_is_given_again(client: httpx.AsyncClient, bench: Bench) -> None:
    key = str(uuid4())
    first, again = await make(client, key), await make(client, key)
    assert (first.status_code, first.json()) == (201, {"number": 1, "name": "vase"})
    assert (again.status_code, again.json()) == (201, {"number": 1, "name": "vase"})
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert bench.made == ["vase"]


async def test_without_a_key_twice_is_twice(client: httpx.AsyncClient, bench: Bench) -> None:
    for _ in range(2):
        await client.post("/api/v1/things", json=THING)
    assert bench.made == ["vase", "vase"]


async def test_a_key_belongs_to_one_request(client: httpx.AsyncClient, bench: Bench) -> None:
    key = str(uuid4())
    await make(client, key)
    for path, body in (
        ("/api/v1/things", {"name": "cup"}),
        ("/api/v1/slow-things", THING),
        ("/api/v1/things?x=1", THING),
    ):
        other = await make(client, key, path, **body)
        assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert bench.made == ["vase"]


async def test_a_key_belongs_to_one_caller(browser: httpx.AsyncClient, bench: Bench) -> None:
    key = str(uuid4())
    for person in ("ada", "ben"):
        browser.cookies.set("df_session", person)
        assert "idempotency-replayed" not in (await make(browser, key)).headers
    assert bench.made == ["vase", "vase"]


async def test_while_the_first_is_under_way_the_second_is_told_to_wait(client: httpx.AsyncClient, bench: Bench) -> None:
    key = str(uuid4())
    first = asyncio.create_task(make(client, key, "/api/v1/slow-things"))
    await bench.entered.wait()
    second = await make(client, key, "/api/v1/slow-things")
    assert (second.status_code, second.json()["error"]["code"]) == (409, "request_in_progress")
    assert second.headers["retry-after"] == "1"
    bench.go_on.set()
    assert (await first).status_code == 201
    third = await make(client, key, "/api/v1/slow-things")
    assert (third.status_code, third.headers["idempotency-replayed"]) == (201, "true")
    assert bench.made == ["vase"]


async def test_twenty_at_once_are_one(client: httpx.AsyncClient, bench: Bench) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(make(client, key) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}
    assert bench.made == ["vase"]


@pytest.mark.parametrize(("name", "status"), [("", 400), ("twice", 409), ("bug", 500)])
async def test_a_refusal_changed_nothing_and_is_worked_out_anew(
    client: httpx.AsyncClient, bench: Bench, name: str, status: int
) -> None:
    key = str(uuid4())
    answers = [
        await client.post("/api/v1/things", json={"name": name}, headers={"Idempotency-Key": key}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [status, status]
    assert "idempotency-replayed" not in answers[1].headers
    assert len(bench.made) == (0 if name == "" else 2)


async def test_after_a_day_the_key_is_new(client: httpx.AsyncClient, bench: Bench, clock: ManualClock) -> None:
    key = str(uuid4())
    await make(client, key)
    await clock.advance(timedelta(hours=23, minutes=59))
    assert (await make(client, key)).headers["idempotency-replayed"] == "true"
    await clock.advance(timedelta(minutes=2))
    assert "idempotency-replayed" not in (await make(client, key, name="another")).headers
    assert bench.made == ["vase", "another"]


async def test_who_died_midway_leaves_a_lease_that_ends(
    client: httpx.AsyncClient, bench: Bench, clock: ManualClock
) -> None:
    key = str(uuid4())
    dying = asyncio.create_task(make(client, key, "/api/v1/slow-things"))
    await bench.entered.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert (await make(client, key, "/api/v1/slow-things")).status_code == 409
    await clock.advance(timedelta(seconds=61))
    bench.go_on.set()
    assert (await make(client, key, "/api/v1/slow-things")).status_code == 201


async def test_the_table_is_swept_by_those_who_use_it(
    client: httpx.AsyncClient, bench: Bench, clock: ManualClock, owner_url: str
) -> None:
    mine = [str(uuid4()) for _ in range(3)]
    for key in mine:
        await make(client, key)
    connection = await asyncpg.connect(owner_url)
    try:
        before = await connection.fetchval("select count(*) from idempotency_keys where expires_at <= $1", clock.now())
        await clock.advance(timedelta(days=2))
        past = await connection.fetchval("select count(*) from idempotency_keys where expires_at <= $1", clock.now())
        assert past >= before + 3
        await make(client, str(uuid4()))
        left = await connection.fetchval("select count(*) from idempotency_keys where expires_at <= $1", clock.now())
        assert left == past - 2
    finally:
        await connection.close()


async def test_what_is_kept_cannot_be_read_in_the_table(
    client: httpx.AsyncClient, bench: Bench, owner_url: str
) -> None:
    key = f"a-key-{uuid4()}"
    await make(client, key, name="s3cr3t-token")
    connection = await asyncpg.connect(owner_url)
    try:
        rows = await connection.fetch("select sealed, key_hash, request_hash, caller from idempotency_keys")
    finally:
        await connection.close()
    kept = b"".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
    assert b"s3cr3t-token" not in kept
    assert key.encode() not in kept


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ü"])
async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient, bench: Bench, key: str) -> None:
    answer = await client.post("/api/v1/things", json=THING, headers=[(b"Idempotency-Key", key.encode())])
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["field"] == "Idempotency-Key"
    assert bench.made == []


async def test_a_key_cannot_outlive_a_change_of_our_own_key(
    client: httpx.AsyncClient, bench: Bench, backends: Backends, owner_url: str
) -> None:
    key = str(uuid4())
    await make(client, key)
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("update idempotency_keys set sealed = set_byte(sealed, 0, get_byte(sealed, 0) # 1)")
    finally:
        await connection.close()
    answer = await make(client, key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert bench.made == ["vase"]

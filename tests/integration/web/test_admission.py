"""Who is let in: people, tokens, roles, other sites' pages, and those who come too often."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from directfanz.backends.clock.manual import ManualClock
from tests.integration.web.conftest import SITE
from tests.integration.web.workshop import Bench

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        ("/api/v1/mine", None, 401),
        ("/api/v1/mine", "nobody", 401),  # a session that is no more
        ("/api/v1/mine", "ben", 200),
        ("/api/v1/mine", "Bearer reader", 403),  # a route that names no scope is closed to tokens
        ("/api/v1/mine", "Bearer unknown", 401),
        ("/api/v1/mine", "Basic YTpi", 401),
        ("/api/v1/scoped", None, 401),
        ("/api/v1/scoped", "ben", 200),
        ("/api/v1/scoped", "Bearer reader", 200),
        ("/api/v1/scoped", "Bearer empty", 403),
        ("/api/v1/creators", "ben", 403),
        ("/api/v1/creators", "ada", 200),
        ("/api/v1/creators", "olu", 200),
        ("/api/v1/creators", None, 401),
        ("/api/v1/delicate", "ada", 200),
        ("/api/v1/delicate", "late", 403),
    ],
)
async def test_doors_open_to_those_they_are_for(
    client: httpx.AsyncClient, path: str, who: str | None, status: int
) -> None:
    headers = {} if who is None else {"Authorization": who} if " " in who else {"Cookie": f"df_session={who}"}
    answer = await client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 401:
        assert answer.headers["www-authenticate"] == 'Bearer realm="api"'


async def test_a_token_counts_and_not_the_cookie_beside_it(client: httpx.AsyncClient) -> None:
    both = {"Cookie": "df_session=ben", "Authorization": "Bearer reader"}
    assert (await client.get("/api/v1/scoped", headers=both)).json() == {"token": True}


async def test_a_confirmation_that_is_old_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/delicate", headers={"Cookie": "df_session=late"})
    assert answer.json()["error"]["code"] == "confirm_first"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 201),
        ({"Origin": SITE}, 201),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.test"}, 403),
    ],
)
async def test_a_change_with_a_cookie_comes_from_our_pages(
    client: httpx.AsyncClient, bench: Bench, headers: dict[str, str], status: int
) -> None:
    answer = await client.post("/api/v1/things", json={"name": "x"}, headers={"Cookie": "df_session=ben", **headers})
    assert answer.status_code == status
    assert (answer.status_code == 201) == (bench.made == ["x"])
    if status == 403:
        assert answer.json()["error"]["code"] == "cross_site"


async def test_a_program_needs_no_browsers_headers(client: httpx.AsyncClient) -> None:
    plain = await client.post("/api/v1/things", json={"name": "x"})
    token = await client.post("/api/v1/things", json={"name": "x"}, headers={"Authorization": "Bearer reader"})
    assert (plain.status_code, token.status_code) == (201, 201)


async def test_a_form_of_another_site_is_refused_before_sign_in_too(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await client.post("/form", data={"name": "x"}, headers=headers)
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("text/html")


async def test_so_many_and_then_no_more(client: httpx.AsyncClient, clock: ManualClock) -> None:
    answers = [await client.post("/api/v1/limited", headers={"Cookie": "df_session=ben", **OURS}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"3"}
    refused = answers[-1]
    assert refused.json()["error"]["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert int(refused.headers["ratelimit-reset"]) == 60
    other = await client.post("/api/v1/limited", headers={"Cookie": "df_session=ada", **OURS})
    assert other.status_code == 201
    await clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
    later = await client.post("/api/v1/limited", headers={"Cookie": "df_session=ben", **OURS})
    assert later.status_code == 201


async def test_what_changes_something_is_limited_without_asking(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/things", json={"name": "x"})
    assert answer.headers["ratelimit-limit"] == "120"
    read = await client.get("/api/v1/things/1")
    assert "ratelimit-limit" not in read.headers

"""What every answer carries, whichever route gives it."""

from __future__ import annotations

import re

import httpx
import pytest

from directfanz.processes.web.app import WebApp
from tests.integration.web.conftest import SITE


async def test_an_answer_has_an_id_of_ours(client: httpx.AsyncClient) -> None:
    one, other = [(await client.get("/api/v1/things/1")).headers["x-request-id"] for _ in range(2)]
    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]{8}", one)
    assert one != other


@pytest.mark.parametrize(
    ("peer", "given", "taken"),
    [
        ("127.0.0.1", "0123456789abcdef", True),
        ("127.0.0.1", "short", False),
        ("127.0.0.1", "x" * 65, False),
        ("127.0.0.1", "with space inside", False),
        ("127.0.0.1", 'with"quote-inside', False),
        ("203.0.113.9", "0123456789abcdef", False),
    ],
)
async def test_an_id_is_taken_from_our_proxy_when_it_is_one(
    workshop: WebApp, peer: str, given: str, taken: bool
) -> None:
    transport = httpx.ASGITransport(workshop, client=(peer, 5000))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        answer = await client.get("/api/v1/things/1", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is taken


async def test_the_address_comes_through_our_proxy_only(workshop: WebApp) -> None:
    for peer, address in (("127.0.0.1", "198.51.100.4"), ("203.0.113.9", "203.0.113.9")):
        transport = httpx.ASGITransport(workshop, client=(peer, 5000))
        async with httpx.AsyncClient(transport=transport, base_url=SITE, cookies={"df_session": "ada"}) as client:
            answer = await client.get("/api/v1/mine", headers={"X-Forwarded-For": "198.51.100.4"})
        assert answer.json()["address"] == address


@pytest.mark.parametrize(
    "path", ["/api/v1/things/1", "/api/v1/nothing", "/api/v1/broken", "/health", "/pricing", "/nothing"]
)
async def test_nothing_leaves_without_its_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "private" in headers["cache-control"]
    assert "server" not in headers


async def test_no_other_site_is_let_read(client: httpx.AsyncClient) -> None:
    for method in ("GET", "OPTIONS"):
        asks = {"Origin": "https://other.test", "Access-Control-Request-Method": "GET"}
        answer = await client.request(method, "/api/v1/things/1", headers=asks)
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_read_has_a_version_and_is_not_sent_twice(client: httpx.AsyncClient) -> None:
    first = await client.get("/api/v1/things/1")
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Cookie, Authorization"
    again = await client.get("/api/v1/things/1", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-length" not in again.headers
    other = await client.get("/api/v1/things/2", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


async def test_a_change_of_another_version_is_refused(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/api/v1/things/1")).headers["etag"]
    fine = await client.patch("/api/v1/things/1", json={"name": "x"}, headers={"If-Match": etag})
    assert fine.status_code == 200
    late = await client.patch("/api/v1/things/1", json={"name": "x"}, headers={"If-Match": '"another"'})
    assert (late.status_code, late.json()["error"]["code"]) == (412, "precondition_failed")


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/things/1", "/pricing", "/health"):
        full, head = await client.get(path), await client.head(path)
        assert head.status_code == 200
        assert head.headers["content-length"] == full.headers["content-length"], path


async def test_options_names_the_methods(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/v1/things/1")
    assert answer.status_code == 204
    assert {each.strip() for each in answer.headers["allow"].split(",")} == {"GET", "OPTIONS", "PATCH"}


async def test_a_list_is_read_page_by_page_to_its_end(client: httpx.AsyncClient) -> None:
    found: list[int] = []
    path: str | None = "/api/v1/numbers?limit=20"
    while path is not None:
        answer = await client.get(path)
        page = answer.json()
        found += page["items"]
        link = answer.headers.get("link")
        assert (link is None) == (page["next"] is None)
        path = re.fullmatch(r'<(.+)>; rel="next"', link)[1] if link else None  # type: ignore[index]
    assert found == list(range(1, 46))


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=-1", "limit=x", "limit=1.5", "cursor=x", "cursor=" + "A" * 401]
)
async def test_a_page_that_cannot_be_is_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/v1/numbers?{query}")
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [query.partition("=")[0]]


async def test_a_cursor_of_another_list_opens_nothing(client: httpx.AsyncClient, workshop: WebApp) -> None:
    from directfanz.kit.paging import encode_cursor

    key = workshop.litestar.state["backends"].tokens.derive("cursor")
    answer = await client.get("/api/v1/numbers", params={"cursor": encode_cursor(key, "letters", [3])})
    assert answer.status_code == 400
    fine = await client.get("/api/v1/numbers", params={"cursor": encode_cursor(key, "numbers", [44])})
    assert fine.json() == {"items": [45], "next": None}


async def test_measurements_are_for_those_beside_us(client: httpx.AsyncClient) -> None:
    await client.get("/api/v1/things/1")
    metrics = await client.get("/metrics")
    assert 'http_requests_total{route="/api/v1/things/{number}",service="test",status="2xx"}' in metrics.text
    assert 'http_in_flight{service="test"} 1.0' in metrics.text
    through_the_edge = await client.get("/metrics", headers={"X-Forwarded-For": "198.51.100.4"})
    assert through_the_edge.status_code == 404


async def test_the_process_is_alive_and_ready(client: httpx.AsyncClient, workshop: WebApp) -> None:
    assert (await client.get("/health")).json() == {"status": "alive"}
    assert (await client.get("/ready")).json() == {"status": "ready", "database": "up", "cache": "up"}
    workshop.drain()
    draining = await client.get("/ready")
    assert (draining.status_code, draining.json()) == (503, {"status": "draining"})
    assert draining.headers["connection"] == "close"
    assert (await client.get("/health")).status_code == 200

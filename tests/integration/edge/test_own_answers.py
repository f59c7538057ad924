"""What the edge says when it answers by itself: never a page of nginx, always a way on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from directfanz.kit.time import parse_rfc3339
from directfanz.local.edge import EdgeAddresses, write_edge
from directfanz.platform_toml import Platform
from tests.support.edge import Origin, RunningEdge, running_edge

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def says(answer: bytes) -> int:
    """The status of a raw answer that must be one of ours."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"<center>" not in body
    assert b"nginx" not in answer.lower()
    assert b'"error":{"code":' in body or b"<!doctype html>" in body
    assert b"\r\nX-Request-ID: " in head
    return int(head.split(b" ")[1])


@pytest.fixture(scope="module")
def alone(unhurried: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEdge]:
    """An edge before nothing; the task it knows of is dead."""
    with running_edge(
        unhurried, tmp_path_factory.mktemp("alone"), services={"web": ["127.0.0.1:9"]}, storage="127.0.0.1:9"
    ) as edge:
        yield edge


@pytest.mark.parametrize("path", ["/", "/ws", "/inbox", "/public/a.png", "/directfanz-uploads/a?X-Amz-Signature=x"])
def test_a_person_is_told_that_we_are_back_soon(alone: RunningEdge, path: str) -> None:
    answer = alone.get(path, headers=BROWSER)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "We are back in a moment" in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "{{" not in answer.text


@pytest.mark.parametrize(
    ("path", "accept"), [("/api/v1/people", BROWSER["Accept"]), ("/api/v1/people", "*/*"), ("/feed", "*/*")]
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_a_program_is_told_in_the_apis_words(alone: RunningEdge, path: str, accept: str, method: str) -> None:
    answer = alone.client.request(method, path, headers={"Accept": accept})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "application/json"
    if method == "HEAD":
        assert not answer.content
        return
    error = answer.json()["error"]
    assert error.keys() == {"code", "message", "details", "requestId", "timestamp"}
    assert (error["code"], error["details"]) == ("unavailable", [])
    assert error["requestId"] == answer.headers["x-request-id"]
    assert parse_rfc3339(error["timestamp"]).year >= 2026


def test_the_page_allows_its_own_style_and_nothing_else(alone: RunningEdge) -> None:
    policy = alone.get("/", headers=BROWSER).headers["content-security-policy"]
    assert "default-src 'none'; style-src 'sha256-" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/9.1\r\nHost: a\r\n\r\n", 505),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 900 + b"\r\n", 431),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        (b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        (b"BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        (b"POST /api/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n", 413),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
def test_what_cannot_be_understood_is_refused(
    edge: RunningEdge, origin: Origin, request_bytes: bytes, status: int
) -> None:
    assert says(edge.raw(request_bytes)) == status
    assert not origin.seen


# Each would be one request to one reader and two to another.
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
    ],
)
def test_requests_that_can_be_read_in_two_ways_are_refused(edge: RunningEdge, origin: Origin, head: bytes) -> None:
    answer = edge.raw(
        b"POST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    assert says(answer) in (400, 501)
    assert not [seen for seen in origin.seen if "smuggled" in seen.target]


def test_a_body_that_is_too_large_is_refused_also_without_a_length(edge: RunningEdge, origin: Origin) -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    answer = edge.raw(b"POST /api/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 40)
    assert says(answer) == 413
    assert not origin.seen


@pytest.mark.parametrize(
    "target",
    [
        "/a//b",
        "//",
        "/a/../b",
        "/a/./b",
        "/..",
        "/a/..",
        "/a/.",
        "/a/%2e%2e/b",
        "/a/%2E./b",
        "/a/.%2e",
        "/a%2fb",
        "/a%2F..%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a#b",
        "/a%20b%3Fc//d",
        "/a%0Ab//c",
        "/media/../x%20/_edge/answer",
        "/x/..?y=/_edge/answer",
        "/api//x?y",
    ],
)
def test_a_path_has_one_spelling(edge: RunningEdge, origin: Origin, target: str) -> None:
    status, answer = edge.raw_get(target)
    assert status == says(answer) == 400
    assert not origin.seen


@pytest.mark.parametrize(
    "target", ["/a%20b", "/a..b", "/.well-known/x", "/a?b=//c/../d", "/a%3Fb%2541", "/%F0%9F%8E%89", "/...", "/a%0Ab"]
)
def test_odd_but_plain_paths_pass_as_they_are(edge: RunningEdge, origin: Origin, target: str) -> None:
    assert edge.raw_get(target)[0] == 200
    assert origin.last.target == target


def test_too_many_requests_from_one_address(platform: Platform, tmp_path: Path) -> None:
    limits = msgspec.structs.replace(platform.limits, requests_per_second_per_address=1, burst_per_address=3)
    origin = Origin().start()
    try:
        with running_edge(
            msgspec.structs.replace(platform, limits=limits), tmp_path, services={"web": [origin.address]}
        ) as edge:
            answers = [edge.get("/api/x") for _ in range(8)]
            page = edge.get("/", headers=BROWSER)
    finally:
        origin.close()
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    assert [answer.status_code for answer in answers[-3:]] == [429] * 3
    assert answers[-1].json()["error"]["code"] == "rate_limited"
    assert answers[-1].headers["retry-after"] == page.headers["retry-after"] == "1"
    assert page.status_code == 429
    assert "That was a bit fast" in page.text


def test_the_name_of_the_installation_cannot_break_the_page(unhurried: Platform, tmp_path: Path) -> None:
    write_edge(
        unhurried,
        EdgeAddresses(listen="127.0.0.1:1", hop="127.0.0.1:2", services={}),
        tmp_path,
        site_name="</title><script>alert(1)</script>",
    )
    known = msgspec.json.decode((tmp_path / "known.json").read_bytes())
    assert "<script>" not in known["page"]["html"]

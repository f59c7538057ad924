from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import httpx
import pytest

from directfanz.kit.time import parse_rfc3339
from directfanz.platform_toml import Platform
from tests.integration.edge.conftest import Stand
from tests.support.edge import Answer, Origin, RunningEdge, running_edge, until


@pytest.fixture(scope="module")
def apart(
    unhurried: Platform, front_end: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningEdge, dict[str, Origin]]]:
    """An origin of its own for each target, so that one can see who was asked."""
    origins = {name: Origin().start() for name in ("web", "realtime", "mail")}
    try:
        with running_edge(
            unhurried,
            tmp_path_factory.mktemp("apart"),
            services={name: [origins[name].address] for name in ("web", "realtime")},
            mail=origins["mail"].address,
            folders={"static": front_end},
        ) as edge:
            yield edge, origins
    finally:
        for origin in origins.values():
            origin.close()


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "web"),
        ("/anything?x=1", "web"),
        ("/api", "web"),
        ("/api/", "web"),
        ("/api/v1/people", "web"),
        ("/apiary", "web"),
        ("/media", "web"),
        ("/static", "web"),
        ("/ws", "realtime"),
        ("/ws/room?ticket=1", "realtime"),
        ("/wsx", "web"),
        ("/inbox", "mail"),
        ("/inbox/1", "mail"),
        ("/inboxes", "web"),
        ("/health", "web"),
    ],
)
def test_a_path_finds_its_service(apart: tuple[RunningEdge, dict[str, Origin]], path: str, target: str) -> None:
    edge, origins = apart
    for origin in origins.values():
        origin.seen.clear()
    assert edge.get(path).status_code == 200
    assert {name: [seen.target for seen in origin.seen] for name, origin in origins.items() if origin.seen} == {
        target: [path]
    }


@pytest.mark.parametrize("path", ["/ready", "/metrics", "/_edge/answer", "/_edge/x", "/_edge/"])
def test_what_is_for_machines_is_not_seen_from_outside(stand: Stand, origin: Origin, path: str) -> None:
    assert stand.edge.get(path).status_code == 404
    assert not origin.seen


def test_the_edge_says_that_it_lives(edge: RunningEdge) -> None:
    answer = edge.get("/_edge/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_websockets_pass_both_ways(edge: RunningEdge, origin: Origin) -> None:
    head = f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{edge.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    with socket.create_connection(("127.0.0.1", edge.port), 10) as connection, connection.makefile("rwb") as stream:
        stream.write(head.encode())
        stream.flush()
        assert stream.readline().startswith(b"HTTP/1.1 101")
        while stream.readline() != b"\r\n":
            pass
        stream.write(b"\x81\x02hi")
        stream.flush()
        assert stream.read(4) == b"\x81\x02hi"


@pytest.mark.parametrize(("path", "upgrade"), [("/", "websocket"), ("/api/x", "websocket"), ("/ws", "h2c")])
def test_nothing_else_becomes_another_protocol(edge: RunningEdge, origin: Origin, path: str, upgrade: str) -> None:
    edge.get(path, headers={"Upgrade": upgrade, "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABk"})
    assert "upgrade" not in origin.last.headers
    assert "upgrade" not in origin.last.headers.get("connection", "").lower()


def test_the_service_learns_who_asked_and_nobody_can_pretend(edge: RunningEdge, origin: Origin) -> None:
    lies = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "X-Request-ID": "mine",
        "X_Forwarded_For": "6.6.6.6",
        "Proxy": "http://evil.example",
        "X-Edge-Target": "storage",
        "X-Edge-Policy": "media",
    }
    for path in ("/", "/ws", "/inbox"):
        answer = edge.get(path, headers=lies)
        heard = origin.last.headers
        assert heard["x-forwarded-for"] == "127.0.0.1"
        assert heard["x-forwarded-proto"] == "http"
        assert heard["host"] == heard["x-forwarded-host"] == f"127.0.0.1:{edge.port}"
        assert heard["x-request-id"] == answer.headers["x-request-id"] != "mine"
        assert len(heard["x-request-id"]) == 32
        gone = (
            "x-real-ip",
            "forwarded",
            "proxy",
            "x-forwarded-port",
            "x_forwarded_for",
            "x-edge-target",
            "x-edge-policy",
        )
        assert not heard.keys() & set(gone)


def test_a_services_own_words_pass_once(edge: RunningEdge, origin: Origin) -> None:
    own = (
        ("X-Request-ID", "theirs"),
        ("Content-Security-Policy", "default-src 'self'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Server", "uvicorn"),
        ("X-Powered-By", "python"),
        ("X-Accel-Redirect", "/_edge/health"),
        ("Retry-After", "7"),
    )
    origin.answer = lambda seen: Answer(status=503, headers=own, body=b"our own words")
    answer = edge.get("/")
    assert (answer.status_code, answer.text) == (503, "our own words")
    assert answer.headers.get_list("x-request-id") == [origin.last.headers["x-request-id"]]
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers.get_list("retry-after") == ["7"]
    assert not answer.headers.keys() & {"server", "x-powered-by"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_services_take_all_methods(edge: RunningEdge, origin: Origin, method: str) -> None:
    for path in ("/x", "/api/x"):
        assert edge.client.request(method, path, content=b"body" if method[0] == "P" else None).status_code == 200
        assert origin.last.method in (method, "GET" if method == "HEAD" else method)
        assert origin.last.body == (b"body" if method[0] == "P" else b"")


def test_a_body_arrives_whole(edge: RunningEdge, origin: Origin) -> None:
    body = bytes(range(256)) * 4096
    edge.client.post("/api/upload", content=iter([body[:1000], body[1000:]]))
    assert origin.last.body == body


def test_compression_is_the_edges(edge: RunningEdge, origin: Origin) -> None:
    text = b"<p>hello</p>" * 500
    origin.answer = lambda seen: Answer(
        headers=(("Content-Type", "text/html; charset=utf-8"), ("ETag", '"1"')), body=text
    )
    answer = edge.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.content == text
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "accept-encoding" not in origin.last.headers
    assert "content-encoding" not in edge.get("/", headers={"Accept-Encoding": "identity"}).headers


def test_an_etag_that_compression_weakened_still_guards_a_change(edge: RunningEdge, origin: Origin) -> None:
    headers = (("Content-Type", "application/json"), ("ETag", '"v1"'))
    origin.answer = lambda seen: Answer(headers=headers, body=b"[" + b"1," * 2000 + b"1]")
    weak = edge.get("/api/thing", headers={"Accept-Encoding": "gzip", "Cookie": "a=1"}).headers["etag"]
    assert weak == 'W/"v1"'
    for said, heard in ((weak, '"v1"'), ('"v1"', '"v1"'), ("*", "*"), ('"a", "b"', '"a", "b"')):
        edge.client.patch("/api/thing", headers={"If-Match": said})
        assert origin.last.headers["if-match"] == heard
    edge.client.patch("/api/thing")
    assert "if-match" not in origin.last.headers


def test_the_front_end_is_served_from_its_folder(edge: RunningEdge, origin: Origin, front_end: Path) -> None:
    script = edge.get("/static/assets/app-D1a_b2-c.js", headers={"Accept-Encoding": "gzip"})
    assert script.content == (front_end / "assets" / "app-D1a_b2-c.js").read_bytes()
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["content-encoding"] == "gzip"
    assert script.headers.get_list("x-content-type-options") == ["nosniff"]
    assert edge.get("/static/robots.txt").headers["cache-control"] == "public, max-age=60"
    assert (
        edge.get(
            "/static/robots.txt", headers={"If-None-Match": edge.get("/static/robots.txt").headers["etag"]}
        ).status_code
        == 304
    )
    assert not origin.seen


@pytest.mark.parametrize(
    "path", ["/static/.vite/manifest.json", "/static/", "/static/assets/", "/static/nothing.js", "/static/.env"]
)
def test_of_that_folder_only_its_files_are_shown(edge: RunningEdge, path: str) -> None:
    answer = edge.get(path)
    assert answer.status_code in (403, 404)
    assert "nginx" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_the_front_end_is_only_read(edge: RunningEdge) -> None:
    answer = edge.client.post("/static/robots.txt")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_log_holds_what_happened_and_nobodys_secrets(edge: RunningEdge, origin: Origin) -> None:
    answer = edge.get("/log?token=hunter2", headers={"User-Agent": "spy", "Cookie": "df_session=hunter2"})
    request_id = answer.headers["x-request-id"]
    until(lambda: request_id in edge.log())
    (line,) = [json.loads(line) for line in edge.log().splitlines() if request_id in line]
    assert (line["method"], line["path"], line["status"], line["network"]) == ("GET", "/log", "200", "127.0.0.0/24")
    assert parse_rfc3339(line["time"]).tzinfo is UTC
    assert "hunter2" not in edge.log()
    assert "127.0.0.1" not in line.values()


def test_head_is_answered_like_get_without_a_body(edge: RunningEdge, origin: Origin) -> None:
    answer = httpx.head(f"{edge.url}/")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "5")

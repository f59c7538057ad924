"""Errors reach a server that speaks Sentry's envelopes, once, with nothing personal; and one that is away disturbs nobody."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from directfanz.backends.telemetry import open_telemetry
from directfanz.backends.telemetry.context import request_id
from directfanz.errors import ConfigurationError
from directfanz.platform_toml import Platform
from tests.support.edge import free_port, until
from tests.support.plain_settings import plain_settings

KEY = "0123456789abcdef0123456789abcdef"
log = logging.getLogger("directfanz.test.sentry")


class Sentry(HTTPServer):
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@127.0.0.1:{self.server_port}/42"


class Handler(BaseHTTPRequestHandler):
    server: Sentry

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.asked.append((self.path, self.headers.get("X-Sentry-Auth", "")))
        _, *items = body.split(b"\n")
        for head, payload in zip(items[::2], items[1::2], strict=False):
            if head and json.loads(head)["type"] == "event":
                self.server.events.append(json.loads(payload))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *words: Any) -> None:
        """Silence: `events` tells."""


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    server = Sentry()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


async def test_an_error_is_told_with_where_and_why_and_nobody(sentry: Sentry, platform: Platform) -> None:
    telemetry = open_telemetry(plain_settings(sentry_dsn=sentry.dsn), platform, "web")
    request_id.set("a-request-of-cy")
    try:
        raise ValueError("no such tier for cy@example.com")
    except ValueError:
        log.exception("the order failed for cy@example.com", extra={"order": 7})
    log.warning("only a warning")
    await telemetry.close()
    until(lambda: len(sentry.events) == 1)
    event = sentry.events[0]
    assert (event["level"], event["tags"]) == ("error", {"service": "web", "request_id": "a-request-of-cy"})
    assert event["extra"]["order"] == 7
    assert "ValueError" in event["extra"]["stack"]
    assert (event["environment"], event["logger"]) == ("test", log.name)
    assert "cy@example.com" not in json.dumps(event)
    assert "user" not in event
    assert not event.get("breadcrumbs", {}).get("values")
    path, auth = sentry.asked[0]
    assert path == "/api/42/envelope/"
    assert f"sentry_key={KEY}" in auth
    log.error("after the end")
    assert len(sentry.events) == 1


async def test_a_server_that_is_away_disturbs_nobody(platform: Platform) -> None:
    telemetry = open_telemetry(
        plain_settings(sentry_dsn=f"http://{KEY}@127.0.0.1:{free_port()}/42"), platform, "worker"
    )
    for number in range(20):
        log.error("number %s", number)
    await telemetry.close()


def test_an_address_that_is_none_is_refused_at_the_start(platform: Platform) -> None:
    with pytest.raises(ConfigurationError, match="DIRECTFANZ_SENTRY_DSN is no address"):
        open_telemetry(plain_settings(sentry_dsn="hello"), platform, "web")

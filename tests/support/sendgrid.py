"""SendGrid on loopback: its v3 API for sending, as strict as the real one about what we use of it."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "SG.test"
_FIELDS = {"personalizations", "from", "subject", "content", "headers", "tracking_settings"}
_RESERVED = {"to", "from", "subject", "reply-to", "cc", "bcc", "received", "content-type", "content-transfer-encoding"}


@dataclass
class SendGrid:
    """`answer_with` makes the next requests fail so."""

    endpoint: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    answer_with: int | None = None
    refused_addresses: set[str] = field(default_factory=set)

    def nothing_here(self) -> tuple[int, dict[str, str], dict[str, Any] | None]:
        return 404, {}, None

    def answer(self, key: str, body: bytes) -> tuple[int, dict[str, str], dict[str, Any] | None]:
        if self.answer_with:
            return self.answer_with, {"Retry-After": "7"}, _errors("simulated", None)
        if key != f"Bearer {KEY}":
            return 401, {}, _errors("The provided authorization grant is invalid, expired, or revoked", None)
        problem = self._problem(json.loads(body))
        if problem:
            return 400, {}, problem
        self.taken.append(json.loads(body))
        return 202, {"X-Message-Id": f"sg-{len(self.taken)}"}, None

    def _problem(self, mail: dict[str, Any]) -> dict[str, Any] | None:
        unknown = mail.keys() - _FIELDS
        if unknown:
            return _errors("Unknown field", unknown.pop())
        (personalization,) = mail["personalizations"]
        (to,) = personalization["to"]
        if to["email"] in self.refused_addresses or not to["email"].isascii():
            return _errors("Does not contain a valid address.", "personalizations.0.to.0.email")
        if [part["type"] for part in mail["content"]] != ["text/plain", "text/html"]:
            return _errors("If present, text/plain must be first, followed by text/html", "content")
        if not mail["subject"] or not all(part["value"] for part in mail["content"]):
            return _errors("A value is required", "subject")
        reserved = {name.lower() for name in mail.get("headers", {})} & _RESERVED
        return _errors("This header is reserved", reserved.pop()) if reserved else None


def _errors(message: str, where: str | None) -> dict[str, Any]:
    return {"errors": [{"message": message, "field": where, "help": None}]}


@contextmanager
def sendgrid() -> Iterator[SendGrid]:
    simulated = SendGrid()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, answer = simulated.nothing_here()
            if self.path == "/v3/mail/send":
                status, headers, answer = simulated.answer(self.headers.get("Authorization", ""), body)
            data = json.dumps(answer).encode() if answer else b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the base class's name

    with _serving(Handler) as endpoint:
        simulated.endpoint = endpoint
        yield simulated


@contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

"""A store's front on loopback that passes requests on to a real one, and says no when a test wants it."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import threading
from collections.abc import Callable, Iterator

HOP = ("content-length", "transfer-encoding", "connection", "date", "server")
Refusal = tuple[int, str]  # status and code


class FrontStore:
    def __init__(self, endpoint: str, refuses: Callable[[int], Refusal | None]) -> None:
        """`refuses` is asked with the number of each request."""
        self.asked, self.refused = 0, 0
        self._refuses, self._lock = refuses, threading.Lock()
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if no := front.verdict():
                    said = f"<Error><Code>{no[1]}</Code><Message>no</Message></Error>".encode()
                    return self._answer(no[0], {}, said)
                wire = http.client.HTTPConnection(endpoint.removeprefix("http://"))
                wire.request(self.command, self.path, body=body, headers=dict(self.headers))
                got = wire.getresponse()
                said = got.read()
                wire.close()
                return self._answer(got.status, {k: v for k, v in got.getheaders() if k.lower() not in HOP}, said)

            def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on  # noqa: N815 # the library's names

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def verdict(self) -> Refusal | None:
        with self._lock:
            self.asked += 1
            no = self._refuses(self.asked)
            self.refused += no is not None
            return no

    @contextlib.contextmanager
    def open(self) -> Iterator[FrontStore]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

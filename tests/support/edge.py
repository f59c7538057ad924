"""A real edge before an origin of the test's own."""

from __future__ import annotations

import contextlib
import hashlib
import os
import select
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec

from directfanz.local.edge import EdgeAddresses, StorageKey, write_edge
from directfanz.local.engines.programs import nginx
from directfanz.local.process import Command
from directfanz.platform_toml import Platform

PATIENCE_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Seen:
    method: str
    target: str  # as it came: path and query
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"hello"
    hangs_up: bool = False


def hello(seen: Seen) -> Answer:
    return Answer()


class Origin:
    """Answers what the test tells it to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Answer] = hello
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    def start(self) -> Origin:
        self._thread.start()
        return self

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[Handler]:
        return type("OriginHandler", (Handler,), {"origin": self})


class Handler(BaseHTTPRequestHandler):
    origin: Origin
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_SECONDS

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, body)
        self.origin.seen.append(seen)
        if headers.get("upgrade") == "websocket":
            self._echo()
            return
        answer = self.origin.answer(seen)
        if answer.hangs_up:
            self.close_connection = True
            return
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        has_body = answer.status not in (204, 304)
        if has_body:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(answer.body)

    def _echo(self) -> None:
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while chunk := self.connection.recv(1024):
            self.wfile.write(chunk)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name for it
        """Silence: `seen` tells."""


@dataclass(frozen=True, slots=True)
class Kept:
    """In seconds: from when it was stored; beyond that, while a new one is fetched; beyond that, when none can be."""

    fresh: int
    updating: int
    failing: int


@dataclass(slots=True)
class RunningEdge:
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS)
        # What one answer sets must not make the next request somebody's.
        self.client.event_hooks["response"].append(lambda answer: self.client.cookies.clear())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.client.get(path, **kwargs)

    def raw(self, request: bytes) -> bytes:
        """What nginx answers to these very bytes, until it closes."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as connection:
            connection.sendall(request)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while chunk := connection.recv(65_536):
                    answer += chunk
            return answer

    def first_line(self, request: bytes) -> bytes:
        """Of an answer that may never end, as that to a WebSocket."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as connection:
            connection.sendall(request)
            return connection.makefile("rb").readline()

    def raw_get(self, target: str, *lines: str) -> tuple[int, bytes]:
        """A target that no client library would send as it is."""
        head = "\r\n".join([f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close", *lines])
        answer = self.raw(f"{head}\r\n\r\n".encode("utf-8", "surrogateescape"))
        return int(answer.split(b" ", 2)[1]), answer

    def kept(self, key: str) -> Kept:
        """How long nginx will keep what it files under this key, as it wrote it down itself."""
        header = self._filed(key).read_bytes()[:48]
        _, valid, updating, error, _, date = struct.unpack("<6q", header)
        return Kept(valid - date, updating, error)

    def holds(self, key: str) -> bool:
        return self._filed(key).exists()

    def _filed(self, key: str) -> Path:
        name = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
        return self.folder / "cache" / name[-1] / name[-3:-1] / name

    def log(self) -> str:
        return (self.folder / "access.log").read_text()


def unhurried(platform: Platform) -> Platform:
    """All requests of a test come from one address, so its limits would be theirs together."""
    limits = msgspec.structs.replace(
        platform.limits,
        requests_per_second_per_address=100_000,
        burst_per_address=100_000,
        connections_per_address=1000,
    )
    return msgspec.structs.replace(platform, limits=limits)


@contextlib.contextmanager
def running_edge(
    platform: Platform,
    folder: Path,
    *,
    public_keys: Mapping[str, bytes] | None = None,
    storage_key: StorageKey | None = None,
    bucket_prefix: str = "directfanz-",
    **addresses: Any,
) -> Iterator[RunningEdge]:
    port = free_port()
    places = EdgeAddresses(listen=f"127.0.0.1:{port}", hop=f"127.0.0.1:{free_port()}", **addresses)
    key = storage_key or StorageKey(access_key="edge", secret_key="secret")
    write_edge(platform, places, folder, public_keys=public_keys, storage_key=key, bucket_prefix=bucket_prefix)
    command = Command(argv=(str(nginx()), "-p", str(folder), "-c", "nginx.conf"), cwd=folder, unroot=True)
    with (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(command.launched_by(os.getpid()), stderr=errors, stdin=subprocess.DEVNULL)
    edge = RunningEdge(port, folder, process)
    try:
        until(lambda: answers(edge), (folder / "stderr").read_text)
        yield edge
    finally:
        edge.client.close()
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def answers(edge: RunningEdge) -> bool:
    assert edge.process.poll() is None, (edge.folder / "stderr").read_text()
    try:
        return edge.get("/_edge/health").status_code == 200
    except httpx.TransportError:
        return False


def until(true: Callable[[], bool], otherwise: Callable[[], str] = lambda: "it never came true") -> None:
    """Looks again and again; for what only real time can bring about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, otherwise()
        select.select([], [], [], 0.02)

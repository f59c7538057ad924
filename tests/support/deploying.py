"""Load on a running platform that notices whatever is dropped, and builds that are bad in several ways."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from directfanz.domains.notifications import service as notifications
from directfanz.http.caller import SESSION_COOKIE
from tests.support.accounts import Someone, Stage
from tests.support.websocket import Client, Closed, Refused, connected

READERS = 4
WRITER_PAUSES_SECONDS = 1.5  # a person writes so often and no oftener
PAUSE_SECONDS = 0.15  # the edge allows an address 50 requests a second
SAY_EVERY_SECONDS = 0.1
PATIENCE_SECONDS = 20
COME_BACK = {1006, 1012, 4410}

# What `bin/python` of a bad build does when it is told to run the web process; everything else it does as the good one.
BAD = {
    "falls at once": "sys.exit(3)",
    "answers with errors": """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Broken(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200 if self.path in ('/ready', '/health') else 500)
        self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'{}')
    do_POST = do_GET
    def log_message(self, *words): pass
ThreadingHTTPServer(('127.0.0.1', int(os.environ['DIRECTFANZ_PORT'])), Broken).serve_forever()
""",
    "falls while it is watched": """
import threading
threading.Timer(float(os.environ.get('FALLS_AFTER', '6')), lambda: os._exit(9)).start()
""",
}


def bad_build(folder: Path, how: str) -> Path:
    """A folder with `bin/python` whose web process is bad; `how` is a key of BAD, or `cannot change the schema`."""
    (folder / "bin").mkdir(parents=True)
    (folder / "wrapper.py").write_text(_wrapper(how))
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/wrapper.py "$@"\n')
    python.chmod(0o755)
    return folder


def _wrapper(how: str) -> str:
    lines = ["import os, runpy, sys", "words = sys.argv[1:]"]
    if how == "cannot change the schema":
        lines += ["if 'upgrade' in words: sys.exit('column does not exist')"]
    else:
        lines += ["if words[-2:] == ['run', 'web']:", *(f"    {line}" for line in BAD[how].strip().splitlines())]
    lines += [
        "sys.argv = ['directfanz', *words[2:]]",
        "runpy.run_module('directfanz', run_name='__main__', alter_sys=True)",
    ]
    return "\n".join(lines) + "\n"


@dataclass
class Load:
    """Readers over HTTP, and Ben, who hears everything that he is told, once and in order."""

    site: str
    stage: Stage
    ben: Someone
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    reconnects: int = 0
    slowest: float = 0
    _position: int = 0
    _epoch: str = ""
    _end: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def on(self) -> AsyncIterator[Load]:
        listening = asyncio.create_task(self._listen())
        work = [asyncio.create_task(self._read(number)) for number in range(READERS)]
        work.append(asyncio.create_task(self._say()))
        try:
            yield self
        finally:
            self._end.set()
            await asyncio.gather(*work)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_heard(), PATIENCE_SECONDS)
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _all_heard(self) -> None:
        while len(self.heard) < len(self.said):  # noqa: ASYNC110 - what tells us is what we test
            await asyncio.sleep(0.05)

    async def _read(self, number: int) -> None:
        """Strangers' pages, which pass the edge's cache, and what a signed-in person asks and sends, which do not."""
        cookie = {"Cookie": f"{SESSION_COOKIE}={self.ben.browser.session}", "Sec-Fetch-Site": "same-origin"}
        asks = (
            ("GET", "/"),
            ("GET", "/api/v1/me"),
            ("PUT", "/api/v1/me/notification-preferences"),
            ("GET", "/pricing"),
        )
        async with httpx.AsyncClient(base_url=self.site, timeout=30) as client:
            turn = number
            while not self._end.is_set():
                method, path = asks[turn % len(asks)]
                turn += 1
                await self._ask(client, method, path, cookie if path.startswith("/api") else {})
                await asyncio.sleep(WRITER_PAUSES_SECONDS if number == 0 else PAUSE_SECONDS)

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]) -> None:
        began = time.monotonic()
        try:
            answer = await client.request(method, path, headers=headers, json=[] if method == "PUT" else None)
        except httpx.HTTPError as error:
            self.failed.append(f"{method} {path}: {error!r}")
            return
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answered += 1
        if answer.status_code >= 400:
            self.failed.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")

    async def _say(self) -> None:
        backends = self.stage.backends
        while not self._end.is_set():
            title = str(len(self.said))
            async with backends.database.writing() as tx:
                await notifications.notify(backends, tx, self.ben.user_id, "platform.news", title=title, text="Now.")
            self.said.append(title)
            await asyncio.sleep(SAY_EVERY_SECONDS)

    async def _listen(self) -> None:
        """As the page's script does: comes back when it is told to, and asks for what it missed."""
        while True:
            try:
                async with self._socket() as socket:
                    await self._converse(socket)
            except Closed as why:
                if why.code not in COME_BACK:
                    self.failed.append(f"the socket was closed with {why.code}")
            except Refused as why:
                self.failed.append(f"a socket was refused with {why.status}")
            except (OSError, asyncio.IncompleteReadError) as why:
                self.failed.append(f"no socket: {why!r}")
            except TimeoutError:
                continue  # a quiet time
            self.reconnects += 1

    async def _converse(self, socket: Client) -> None:
        await socket.hear_of("hello")
        await self._ask_for_missed(socket)
        while True:
            message = await socket.hear()
            if message["type"] == "missed":
                for each in message["notifications"]:
                    if each["position"] > self._position:  # one may have come by itself while we asked
                        self._take(each["title"], {"position": each["position"], "epoch": message["epoch"]})
            elif message["type"] == "resync" or message.get("position", 0) > self._position + 1:
                await self._ask_for_missed(socket)
            elif message.get("position", 0) == self._position + 1:
                self._take(message["notification"]["title"], message)

    async def _ask_for_missed(self, socket: Client) -> None:
        await socket.say("resume", position=self._position, epoch=self._epoch)

    def _take(self, title: str, message: dict[str, Any]) -> None:
        self.heard.append(title)
        self._position, self._epoch = message["position"], message["epoch"]

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[Client]:
        cookie = {"Cookie": f"{SESSION_COOKIE}={self.ben.browser.session}", "Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(base_url=self.site, timeout=30) as client:
            answer = await client.post("/api/v1/realtime/ticket", headers=cookie)
        protocol, ticket = answer.json()["subprotocols"]
        port = urlsplit(self.site).port
        assert port
        async with connected(port, ticket.removeprefix("ticket."), subprotocols=[protocol]) as socket:
            yield socket

    def require_nothing_lost(self) -> None:
        assert not self.failed, self.failed[:5]
        assert self.answered > 0
        assert self.heard == self.said, "a message was lost, or came twice"

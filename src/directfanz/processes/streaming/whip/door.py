"""`POST /whip` with the stream key as its bearer: an offer comes, an answer goes; `DELETE` at the place it names ends the stream."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from collections.abc import Awaitable
from secrets import token_hex
from typing import TYPE_CHECKING

from directfanz.domains.live.errors import NotAdmitted
from directfanz.errors import DirectFanzError
from directfanz.processes.streaming.origin.http import Answer, Request, said

if TYPE_CHECKING:
    from directfanz.processes.streaming.channel import Channel
    from directfanz.processes.streaming.house import House
    from directfanz.processes.streaming.whip.peer import Peer

PREFIX = "/whip"
SDP = "application/sdp"
ADMISSION_SECONDS = 15.0
MOST_PEERS = 40
MISSING = "Going live from a browser is not installed here: it needs the extra `whip`."
log = logging.getLogger("directfanz.streaming.whip")


def is_installed() -> bool:
    return importlib.util.find_spec("aiortc") is not None


class WhipDoor:
    def __init__(self, house: House) -> None:
        self._house = house
        self._peers: dict[str, tuple[Peer, asyncio.Task[None]]] = {}

    def answer(self, request: Request) -> Answer | Awaitable[Answer]:
        if request.method == "OPTIONS":
            return Answer(204, more=(("Accept-Post", SDP),))
        if not is_installed():
            return said(501, MISSING)
        place = request.path.removeprefix(PREFIX).strip("/")
        if request.method == "POST" and not place:
            return self._begin(request)
        if request.method == "DELETE" and place:
            return self._end(place)
        return said(405, "POST an offer, or DELETE what it was answered with")

    async def close(self) -> None:
        for peer, task in list(self._peers.values()):
            peer.cut_off("the server is being restarted")
            await asyncio.wait({task}, timeout=5)

    async def _begin(self, request: Request) -> Answer:
        if not request.headers.get(b"content-type", b"").startswith(SDP.encode()):
            return said(415, f"an offer is {SDP}")
        if len(self._peers) >= MOST_PEERS:
            return said(503, "Too many go live from their browsers at the moment. Use OBS, or try again later.")
        key = _bearer(request)
        if not key:
            return said(401, "The stream key is missing.")
        from directfanz.processes.streaming.whip.peer import Peer

        peer = Peer(self._house)
        try:
            async with asyncio.timeout(ADMISSION_SECONDS):
                channel = await self._house.admit(key, peer, "whip")
        except DirectFanzError as error:
            await peer.close()
            return said(error.status, error.message)
        except TimeoutError:
            await peer.close()
            return said(503, "The server is busy. Try again in a moment.")
        except Exception:
            await peer.close()
            raise
        try:
            answer = await peer.answer(request.body.decode("utf-8", "replace"))
        except NotAdmitted as error:
            self._house.left(channel, peer, error.message)
            await peer.close()
            return said(422, error.message)
        name = token_hex(16)
        task = asyncio.create_task(self._run(name, peer, channel))
        self._peers[name] = (peer, task)
        return Answer(201, answer.encode(), SDP, more=(("Location", f"{PREFIX}/{name}"),))

    async def _run(self, name: str, peer: Peer, channel: Channel) -> None:
        try:
            await peer.run(channel)
        except Exception:
            log.exception("a browser's stream failed")
        finally:
            self._peers.pop(name, None)
            await peer.close()

    async def _end(self, name: str) -> Answer:
        found = self._peers.get(name)
        if found is None:
            return said(404, "there is no such stream here")
        found[0].cut_off("the browser stopped")
        await asyncio.wait({found[1]}, timeout=5)
        return Answer(200)


def _bearer(request: Request) -> str:
    kind, _, key = request.headers.get(b"authorization", b"").decode("ascii", "replace").partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""

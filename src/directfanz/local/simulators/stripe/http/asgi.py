"""The API on a socket. Carries out the misbehaviour that only a socket can show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from directfanz.local.simulators.stripe.http.api import Answer, Call
from directfanz.local.simulators.stripe.mischief import body_of
from directfanz.local.simulators.stripe.simulator import Simulator

MAX_BODY_BYTES = 1024 * 1024
HANG_SECONDS = 120.0
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Hangs(Exception):
    """The answer is not to arrive: the connection is closed instead."""


class ApiOnSocket:
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._under_way: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body_of(receive)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope.get("raw_path", scope["path"].encode()).decode().partition("?")[0]
        call = Call(scope["method"], path, scope["query_string"].decode(), headers, body)
        try:
            answer = await self._carried_out(call)
        except Hangs:
            await _begin(send)
            return
        await _answer(send, answer)

    async def _carried_out(self, call: Call) -> Answer:
        """Two calls at a time with one idempotency key: the second is refused, as at Stripe."""
        key = (call.headers.get("stripe-account", ""), call.headers.get("idempotency-key", ""))
        if key[1] and key in self._under_way:
            status, told = body_of("conflict")
            return Answer(status, told, {"Content-Type": "application/json"})
        self._under_way.add(key)
        try:
            return await self._slowly(call)
        finally:
            self._under_way.discard(key)

    async def _slowly(self, call: Call) -> Answer:
        mischief = self._simulator.mischief
        if mischief.latency_ms:
            await asyncio.sleep(mischief.latency_ms / 1000)
        silent = mischief.kind if mischief.kind in ("lost", "hang") and mischief.take(call.path) else None
        if silent == "hang":
            await asyncio.sleep(HANG_SECONDS)
            raise Hangs
        answer = self._simulator.answer(call)
        if silent == "lost":
            raise Hangs
        return answer


async def _body_of(receive: Receive) -> str:
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY_BYTES:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts).decode("utf-8", "replace")


async def _begin(send: Send) -> None:
    """Promises a body that never comes: the server then closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})


async def _answer(send: Send, answer: Answer) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers += [(b"content-length", str(len(answer.body)).encode()), (b"cache-control", b"no-cache, no-store")]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

"""A change asked for twice is made once.

A client that sends `Idempotency-Key` may repeat the request when the answer was lost: the first answer is kept for a day and
given again, with `Idempotency-Replayed: true`. The key belongs to the caller and to that one request: with another body it is refused
(422). A repetition that comes while the first is under way is told to come back (409). Only answers that changed something are
kept: a refusal changed nothing and is worked out anew.

A process that dies midway leaves a lease. When it has run out, the next repetition does the work.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag

from directfanz.backends import Backends
from directfanz.errors import Conflict, InvalidInput
from directfanz.http.arrival import Arrival
from directfanz.http.caller import caller_in
from directfanz.http.idempotency import repository
from directfanz.http.idempotency.sealing import Kept, open_kept, seal
from directfanz.http.limits import network_of
from directfanz.kit.ids import new_id

LIVES = timedelta(hours=24)
MAX_KEY = 255
# An answer larger than this is sent but not kept; no route that changes something answers as much.
MAX_KEPT_BYTES = 262_144
REPLAYED = (b"idempotency-replayed", b"true")


class KeyReused(InvalidInput):
    code = "idempotency_key_reused"
    status = 422


class StillRunning(Conflict):
    code = "request_in_progress"


class Idempotency:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._secret = backends.tokens.derive("idempotency")
        # Longer than any request may take, so that no two leases run at once.
        self._lease = timedelta(seconds=backends.platform.limits.request_timeout_seconds * 2)

    async def once(self, key: bytes, arrival: Arrival, app: Any, scope: Any, receive: Any, send: Any) -> None:
        require_key(key)
        body = await _whole(receive)
        claim = self._claim(key, arrival, body)
        kept = await self._begin(claim, key)
        if kept is not None:
            await send_whole(send, kept.status, [*kept.headers, REPLAYED], kept.body)
            return
        answer = Captured()
        try:
            await app(scope, Again(body, receive), answer)
        except Exception:
            await self._forget(claim)
            raise
        await self._settle(claim, key, answer)
        await send_whole(send, answer.status, answer.headers, bytes(answer.body))

    def _claim(self, key: bytes, arrival: Arrival, body: bytes) -> repository.Claim:
        caller, now = caller_in(arrival), self._backends.clock.now()
        kind = arrival.head.get(b"content-type", b"")
        asked = [arrival.method.encode(), arrival.path.encode(), arrival.query, kind, body]
        return repository.Claim(
            caller=str(caller.user_id or network_of(caller.address)),
            key_hash=hashlib.sha256(key).digest(),
            request_hash=hashlib.sha256(b"\0".join(hashlib.sha256(each).digest() for each in asked)).digest(),
            lease=new_id(),
            now=now,
            lease_until=now + self._lease,
            expires_at=now + LIVES,
        )

    async def _begin(self, claim: repository.Claim, key: bytes) -> Kept | None:
        """None when the work is ours to do."""
        async with self._backends.database.writing() as tx:
            standing = await repository.take(tx, claim)
        if standing is None:
            return None
        if standing.request_hash != claim.request_hash:
            raise KeyReused("This Idempotency-Key was used for another request. Make a new key for each.")
        if standing.sealed is None:
            raise StillRunning("The first request with this key is still under way.", retry_after_seconds=1)
        try:
            return open_kept(self._secret, key, standing.sealed)
        except InvalidTag:  # our own key was changed since
            raise Conflict("This change was made already, but its answer can no longer be shown.") from None

    async def _settle(self, claim: repository.Claim, key: bytes, answer: Captured) -> None:
        """Before the answer leaves: who has it can count on getting it again."""
        if answer.status >= 400 or len(answer.body) > MAX_KEPT_BYTES:
            await self._forget(claim)
            return
        sealed = seal(self._secret, key, Kept(answer.status, answer.headers, bytes(answer.body)))
        async with self._backends.database.writing() as tx:
            await repository.keep(tx, claim, sealed)

    async def _forget(self, claim: repository.Claim) -> None:
        async with self._backends.database.writing() as tx:
            await repository.release(tx, claim)


class Captured:
    """An answer held back until it is kept."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


class Again:
    """ASGI's `receive`, with the body that was read already."""

    def __init__(self, body: bytes, receive: Any) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Any:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def require_key(key: bytes) -> None:
    if not 1 <= len(key) <= MAX_KEY or not all(33 <= byte <= 126 for byte in key):
        problem = f"The Idempotency-Key must be 1 to {MAX_KEY} visible ASCII characters."
        raise InvalidInput.in_field("Idempotency-Key", problem, "Use a new random UUID for each change.")


async def _whole(receive: Any) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def send_whole(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

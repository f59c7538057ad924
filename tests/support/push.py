"""A push service on a free port: checks what the protocol asks (TTL, VAPID), keeps what arrives, and reads it as the browser would."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.jwk import ECKey

from directfanz.backends.push.contract import Subscription
from directfanz.backends.push.encryption import content_key, point_of
from directfanz.kit.text import from_text, to_text


@dataclass
class Arrived:
    text: bytes
    headers: dict[str, str]


@dataclass
class PushBrowser:
    """One subscription, with the private key that never leaves a browser."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    arrived: list[Arrived] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # statuses to give first, in order

    @property
    def subscription(self) -> Subscription:
        return Subscription(endpoint=self.endpoint, p256dh=point_of(self.key.public_key()), auth=self.auth)

    @property
    def as_json(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        keys = {"p256dh": to_text(self.subscription.p256dh), "auth": to_text(self.auth)}
        return {"endpoint": self.endpoint, "keys": keys}

    def read(self, body: bytes) -> bytes:
        salt, length, sealed = body[:16], body[20], body[21 + body[20] :]
        sender = body[21 : 21 + length]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        key, nonce = content_key(
            self.key.exchange(ec.ECDH(), theirs), self.subscription.p256dh, sender, self.auth, salt
        )
        text = AESGCM(key).decrypt(nonce, sealed, None)
        assert text[-1:] == b"\x02", "the last record ends so"
        return text[:-1]


@dataclass
class PushService:
    origin: str
    browsers: dict[str, PushBrowser] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def browser(self) -> PushBrowser:
        path = f"/push/{os.urandom(8).hex()}"
        made = self.browsers[path] = PushBrowser(self.origin + path)
        return made

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        status = self._take(scope["path"], headers, body)
        extra = [(b"retry-after", b"7")] if status == 429 else []
        await send({"type": "http.response.start", "status": status, "headers": extra})
        await send({"type": "http.response.body", "body": b""})

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        browser = self.browsers.get(path)
        if browser is None:
            return 404
        if browser.answers:
            return browser.answers.pop(0)
        if problem := self._problem(headers):
            self.refused.append(problem)
            return 400 if problem != "vapid" else 403
        browser.arrived.append(Arrived(browser.read(body), headers))
        return 201

    def _problem(self, headers: dict[str, str]) -> str:
        if not headers.get("ttl", "").isdecimal():
            return "ttl"
        if headers.get("content-encoding") != "aes128gcm":
            return "encoding"
        return "" if self._is_signed(headers.get("authorization", "")) else "vapid"

    def _is_signed(self, authorization: str) -> bool:
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        point = from_text(parts["k"])
        x, y = to_text(point[1:33]), to_text(point[33:])
        key = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
        claims = jwt.decode(parts["t"], key, algorithms=["ES256"]).claims
        return scheme == "vapid" and claims["aud"] == self.origin and claims["sub"].startswith("mailto:")


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        service = PushService(f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(service, lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server._serve([listening]))
        try:
            async with httpx.AsyncClient(trust_env=False) as client:  # waits in the socket's queue until it serves
                await client.get(service.origin)
            yield service
        finally:
            server.should_exit = True
            await serving

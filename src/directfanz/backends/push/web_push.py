from __future__ import annotations

import asyncio
import time

import httpx

from directfanz.backends.clock.contract import Clock
from directfanz.backends.push.addresses import require_address
from directfanz.backends.push.contract import MAX_MESSAGE_BYTES, PUSH_KEY, Gone, PushMessage, Subscription
from directfanz.backends.push.encryption import encrypted
from directfanz.backends.push.vapid import Vapid
from directfanz.backends.secrets.contract import SecretMissing, SecretStore
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import DirectFanzError, Rejected, Unavailable

TIMEOUT_SECONDS = 10
LONGEST_WAIT_SECONDS = 3600
MOST_CONNECTIONS = 20
SERVICE_GAVE_UP = (404, 410)


class WebPush:
    """`subject` is where a push service writes when we misbehave: an address of ours, or the site's."""

    def __init__(
        self, secrets: SecretStore, clock: Clock, telemetry: Telemetry, subject: str, *, more_hosts: tuple[str, ...],
        loopback: bool,
    ) -> None:  # fmt: skip
        self._secrets, self._clock = secrets, clock
        self._sent, self._seconds = telemetry.counter("pushes_sent_total"), telemetry.histogram("push_request_seconds")
        self._subject, self._more_hosts, self._loopback = subject, more_hosts, loopback
        self._vapid: Vapid | None = None
        self._lock = asyncio.Lock()
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
            follow_redirects=False,
            trust_env=False,
        )

    async def public_key(self) -> str | None:
        vapid = await self._opened()
        return vapid.public if vapid else None

    def require_address(self, endpoint: str) -> str:
        return require_address(endpoint, more_hosts=self._more_hosts, loopback=self._loopback)

    async def send(self, to: Subscription, message: PushMessage) -> None:
        self.require_address(to.endpoint)
        vapid = await self._opened()
        if vapid is None:
            raise Unavailable(f"There is no secret `{PUSH_KEY}`, so nothing can be pushed.")
        if len(message.data) > MAX_MESSAGE_BYTES:
            raise Rejected(f"A push is at most {MAX_MESSAGE_BYTES} bytes.")
        started, outcome = time.perf_counter(), "failed"
        try:
            await self._post(to, message, vapid)
            outcome = "taken"
        except Gone:
            outcome = "gone"
            raise
        finally:
            self._sent.add(outcome=outcome)
            self._seconds.record(time.perf_counter() - started)

    async def _post(self, to: Subscription, message: PushMessage, vapid: Vapid) -> None:
        try:
            body = encrypted(message.data, to.p256dh, to.auth)
        except ValueError:
            raise Gone("The subscription's keys are none.") from None
        headers = {
            "Authorization": vapid.header(to.endpoint, self._clock.now()),
            "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl_seconds), "Urgency": message.urgency,
        }  # fmt: skip
        if message.topic:
            headers["Topic"] = message.topic
        try:
            answer = await self._http.post(to.endpoint, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
            raise Unavailable(f"The push service does not answer: {type(error).__name__}.") from error
        if not answer.is_success:
            raise _refusal(answer)

    async def _opened(self) -> Vapid | None:
        """Looked for again until it is there: who sets push up need not restart anything."""
        if self._vapid is None:
            async with self._lock:
                try:
                    self._vapid = self._vapid or Vapid(await self._secrets.get(PUSH_KEY), self._subject)
                except SecretMissing:
                    return None
        return self._vapid

    async def close(self) -> None:
        await self._http.aclose()


def _refusal(answer: httpx.Response) -> DirectFanzError:
    """401 and 403 are about our key, which is mended without touching the message."""
    status = answer.status_code
    if status in SERVICE_GAVE_UP:
        return Gone("The browser has given this subscription up.")
    if status in (401, 403, 408, 429) or status >= 500:
        wait = answer.headers.get("Retry-After", "")
        seconds = min(int(wait), LONGEST_WAIT_SECONDS) if wait.isdecimal() else None
        return Unavailable(f"The push service answered {status}.", retry_after_seconds=seconds)
    return Rejected(f"The push service refused the message with {status}.")

"""Messages to browsers that are closed, by Web Push (RFC 8030, 8291, 8292).

- `send` returns once the push service has taken the message; it says nothing of arrival. The service cannot read it.
- `Gone`: the browser gave the subscription up. Forget it; a retry never helps.
- `Unavailable`: try later (also for 429). `Rejected`: this message never (too large, refused).
- A message is at most 3 KB and is dropped by the service after `ttl_seconds`. Of two with the same `topic` that still wait
  there, only the newer one arrives.
- An address of a subscription comes from a browser, so from anybody: `require_address` lets only push services through, and `send`
  asks it again. No redirect is followed.
- Without a key (`public_key()` is None) nothing can be sent, and pages say so.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from directfanz.errors import DirectFanzError

Urgency = Literal["very-low", "low", "normal", "high"]
MAX_MESSAGE_BYTES = 3_000
PUSH_KEY = "push-signing-key"


class Gone(DirectFanzError):
    code = "push_gone"


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """As a browser gives it: where to, its public key (65 bytes), and a secret of 16 bytes."""

    endpoint: str
    p256dh: bytes
    auth: bytes


class PushMessage(msgspec.Struct, frozen=True, kw_only=True):
    data: bytes
    ttl_seconds: int = 86_400
    urgency: Urgency = "normal"
    topic: str = ""  # at most 32 characters of base64url


class Push(Protocol):
    async def public_key(self) -> str | None:
        """For `pushManager.subscribe`, in base64url."""
        ...

    def require_address(self, endpoint: str) -> str:
        """Raises `InvalidInput` for what is not the address of a push service."""
        ...

    async def send(self, to: Subscription, message: PushMessage) -> None: ...

    async def close(self) -> None: ...

"""How the API misbehaves, as it is told to: docs.stripe.com/error-low-level."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["error", "rate_limit", "conflict", "lost", "hang"]
# lost: carried out, and the answer never arrives. hang: not carried out, and no answer until the caller gives up.


class Mischief(msgspec.Struct, kw_only=True):
    kind: Kind = "error"
    times: int = 0
    path: str = ""  # only calls whose path begins with this
    latency_ms: int = 0

    def take(self, path: str) -> Kind | None:
        if self.times <= 0 or not path.startswith(self.path):
            return None
        self.times -= 1
        return self.kind


BODIES: dict[str, tuple[int, dict[str, str]]] = {
    "error": (500, {"type": "api_error", "message": "An unknown error occurred. (The simulator was told to fail.)"}),
    "rate_limit": (
        429,
        {
            "type": "invalid_request_error",
            "code": "rate_limit",
            "message": "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        },
    ),
    "conflict": (
        409,
        {
            "type": "idempotency_error",
            "code": "idempotency_key_in_use",
            "message": "There is currently another in-progress request using this Idempotent Key (that probably means you "
            "submitted twice, and the other request is still going through). Please try again later.",
        },
    ),
}


def body_of(kind: str) -> tuple[int, bytes]:
    status, error = BODIES[kind]
    return status, msgspec.json.encode({"error": error})

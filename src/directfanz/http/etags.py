"""Versions of an answer.

A strong ETag is the hash of the body, so it changes when and only when the answer does. `If-None-Match` saves the body;
`If-Match` on a change makes sure that the client changes what it saw.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec
from litestar import Request

from directfanz.errors import PreconditionFailed

_ENCODER = msgspec.json.Encoder()


def etag_of(body: bytes) -> bytes:
    """Half of SHA-256, for which processors have an instruction."""
    return b'"' + sha256(body, usedforsecurity=False).hexdigest()[:32].encode() + b'"'


def matches(header: bytes, etag: bytes) -> bool:
    """Weak comparison, as If-None-Match asks: a cache on the way may have weakened ours."""
    return header.strip() == b"*" or etag in (each.strip().removeprefix(b"W/") for each in header.split(b","))


def require_match(request: Request[object, object, object], representation: object) -> None:  # type: ignore[type-var]
    """Raises when `If-Match` names another version than this one, which a GET would answer now."""
    header = request.headers.get("if-match")
    if header is None:
        return
    current = etag_of(_ENCODER.encode(representation))
    if header.strip() != "*" and current.decode() not in (each.strip() for each in header.split(",")):
        raise PreconditionFailed("This has changed since you read it. Read it again, then repeat your change.")

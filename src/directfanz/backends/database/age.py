"""Whether what is read may be a little old. A replica follows the primary by some time that nobody can promise, so somebody who may
have written something is never told by it: only a stranger who looks, and whom nothing ties to an earlier request, is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

may_be_old: ContextVar[bool] = ContextVar("may_be_old", default=False)


def is_a_strangers_look(method: str, head: Mapping[bytes, bytes]) -> bool:
    return method in ("GET", "HEAD") and b"cookie" not in head and b"authorization" not in head

"""The way to Stripe as the parts of the adapter see it, and how its addresses and keys are made."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Protocol, TypeVar
from urllib.parse import quote

MAX_KEY = 255
T = TypeVar("T")


class Wire(Protocol):
    """`operation` names the call in figures. `account` is the creator's account in whose books it happens."""

    async def get(
        self,
        path: str,
        shape: type[T],
        operation: str,
        params: Mapping[str, object] | None = None,
        *,
        account: str = "",
    ) -> T: ...

    async def post(
        self,
        path: str,
        shape: type[T],
        operation: str,
        params: Mapping[str, object],
        *,
        key: str = "",
        account: str = "",
    ) -> T:
        """`key` as the contract says; without one it is repeated under a key that only this call knows."""
        ...

    async def delete(
        self, path: str, shape: type[T], operation: str, params: Mapping[str, object] | None = None, *, key: str = ""
    ) -> T: ...

    def pages(
        self, path: str, shape: type[T], operation: str, params: Mapping[str, object], *, account: str = ""
    ) -> AsyncIterator[list[T]]:
        """A whole list, newest first, a hundred at a time. The shape has an `id`."""
        ...

    async def close(self) -> None: ...


def at(*parts: str) -> str:
    """`subscriptions/sub_1`; an id is the provider's own text, so nothing in it may be a path."""
    return "/".join(quote(part, safe="") for part in parts)


def step(key: str, *words: str) -> str:
    """The key of one of the calls that one of ours takes."""
    return kept_short(":".join((key, *words)))


def kept_short(key: str) -> str:
    if len(key) <= MAX_KEY:
        return key
    return hashlib.sha256(key.encode()).hexdigest()


def expanding(*names: str) -> dict[str, object]:
    return {"expand": list(names)}

"""Secrets by name, such as `media-signing-key`.

`get` raises `SecretMissing` for a name never put; `put` replaces, and a reader sees the old or the new value, never
a torn one. Values are at most 64 KiB of text. They are never logged.
"""

from __future__ import annotations

from typing import Protocol

from directfanz.errors import DirectFanzError

MAX_SECRET_BYTES = 65_536


class SecretMissing(DirectFanzError):
    code = "secret_missing"


class SecretStore(Protocol):
    async def get(self, name: str) -> str: ...

    async def put(self, name: str, value: str) -> None: ...

    async def names(self) -> list[str]: ...

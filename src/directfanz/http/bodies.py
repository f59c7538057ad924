"""A request's body, bounded while it arrives: a Content-Length may be missing, or lie."""

from __future__ import annotations

from typing import Any

from directfanz.errors import TooLarge
from directfanz.http.arrival import Arrival
from directfanz.http.errors import ClientGone
from directfanz.platform_toml import Platform

MIB = 1024 * 1024


class BoundedBody:
    """Stands where ASGI's `receive` stood."""

    __slots__ = ("_arrival", "_limit", "_receive", "_size")

    def __init__(self, arrival: Arrival, receive: Any, limit: int) -> None:
        announced = arrival.head.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            raise too_large(limit)
        self._arrival = arrival
        self._receive = receive
        self._limit = limit
        self._size = 0

    async def __call__(self) -> Any:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            if self._arrival.body_complete:
                return message
            raise ClientGone
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise too_large(self._limit)
        self._arrival.body_complete = not message.get("more_body", False)
        return message


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"This is larger than {limit / MIB:g} MiB, the most that this address takes.")


class BodyLimits:
    """Bytes by path, from the routes of platform.toml; the longest prefix wins."""

    def __init__(self, platform: Platform) -> None:
        default = platform.limits.body_limit_mib
        routes = sorted(platform.routes.items(), key=lambda item: -len(item[0]))
        self._limits = [(path, (route.body_limit_mib or default) * MIB) for path, route in routes]
        self._default = default * MIB

    def of(self, path: str) -> int:
        return next((limit for prefix, limit in self._limits if path.startswith(prefix)), self._default)

"""Connections kept open, one for each thread and host: the standard library's, which costs half of what a pool of its friends does."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping
from http.client import HTTPMessage
from urllib.parse import urlsplit

SECONDS = 60


class Wires:
    def __init__(self) -> None:
        self._mine = threading.local()
        self._all: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def ask(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """A connection that the server closed meanwhile is opened again, once."""
        parts = urlsplit(address)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        kept = self._mine.__dict__.get(parts.netloc)
        try:
            return self._once(kept or self._open(parts.scheme, parts.netloc), method, target, headers, body)
        except (OSError, http.client.HTTPException):
            if kept is None:
                raise
        return self._once(self._open(parts.scheme, parts.netloc), method, target, headers, body)

    def _open(self, scheme: str, host: str) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        opened = kind(host, timeout=SECONDS)
        self._mine.__dict__[host] = opened
        with self._lock:
            self._all.append(opened)
        return opened

    def _once(
        self, wire: http.client.HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            wire.request(method, target, body=body, headers=dict(headers))
            answer = wire.getresponse()
            return answer.status, dict_of(answer.headers), answer.read()
        except BaseException:
            wire.close()  # half an answer is on it
            raise

    def close(self) -> None:
        with self._lock:
            for one in self._all:
                one.close()


def dict_of(headers: HTTPMessage) -> dict[str, str]:
    """By small names."""
    return {name.lower(): value for name, value in headers.items()}

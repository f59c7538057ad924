"""Which port each part gets: the one it would like, or the next free one; the same at the next start.

On Linux a port is claimed, beside the check that it is free, by an abstract socket of its number. The kernel drops
the claim when its holder dies, so two stacks that start at the same moment never choose the same port.
"""

from __future__ import annotations

import errno
import random
import socket
import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import msgspec

from directfanz.errors import ConfigurationError
from directfanz.local.files import write_private

HOST = "127.0.0.1"
STEP = 100
TRIES = 200
# Below the range from which Linux takes the ports of outgoing connections.
ANYWHERE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
                return False
            raise
    return True


def holder_of(port: int) -> str:
    """Who listens there, as far as we may know; empty when nobody does."""
    if is_free(port):
        return ""
    import psutil  # only when something is wrong

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN" and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another program"


class Kept(msgspec.Struct, frozen=True):
    """A new wish in platform.toml goes before what an old one led to."""

    wanted: int
    port: int


class Ports:
    """Chosen once per start, kept in `ports.json`, claimed until `release`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._chosen: dict[str, int] = {}
        self._claims: list[socket.socket] = []
        self._kept = _read(file)
        self.moved: dict[str, tuple[int, int]] = {}  # name: (wanted, got)

    def __getitem__(self, name: str) -> int:
        return self._chosen[name]

    def choose(self, wanted: Mapping[str, int], beside: Mapping[str, int] | None = None) -> None:
        """0 means anywhere. What the same wish led to before is kept while it is free. `beside` names ports that need
        another one free, so much higher, which their program takes unasked."""
        for name, port in wanted.items():
            others = set(wanted.values()) - {port}
            self._chosen[name] = self._pick(name, port, others, (beside or {}).get(name, 0))
            if port and self._chosen[name] != port:
                self.moved[name] = (port, self._chosen[name])
        kept = {name: Kept(port, self._chosen[name]) for name, port in wanted.items()}
        write_private(self._file, msgspec.json.format(msgspec.json.encode(kept)).decode())

    def _pick(self, name: str, wanted: int, others: set[int], distance: int) -> int:
        kept = self._kept.get(name)
        first = kept.port if kept and kept.wanted == wanted else wanted
        if self._take(first, distance):
            return first
        nearby = range(wanted + STEP, ANYWHERE.stop, STEP) if wanted else ()
        for port in chain(nearby, random.sample(ANYWHERE, TRIES)):
            if port not in others and self._take(port, distance):
                return port
        self.release()
        raise ConfigurationError(f"No free port for {name} was found. Stop something that listens on this machine.")

    def _take(self, port: int, distance: int) -> bool:
        if port <= 0 or port in self._chosen.values() or not is_free(port):
            return False
        return (not distance or is_free(port + distance)) and self._claim(port)

    def _claim(self, port: int) -> bool:
        if sys.platform != "linux":
            return True
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0directfanz-port-{port}")
        except OSError:
            claim.close()
            return False
        self._claims.append(claim)
        return True

    def release(self) -> None:
        for claim in self._claims:
            claim.close()
        self._claims.clear()


def _read(file: Path) -> dict[str, Kept]:
    """What cannot be read is chosen anew."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Kept])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}

"""TLS for programs that have none: pg_dump speaks to a socket of ours that nobody else can reach, and we speak to the server."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from directfanz.migrate.wire.connection import dialled

INSISTS = ("require", "verify-ca", "verify-full")
TLS_WORDS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding")
BLOCK_BYTES = 1 << 16


@contextlib.contextmanager
def without_tls(words: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same server for a program on this machine; only where the address insists on TLS is anything between them."""
    if words.get("sslmode") not in INSISTS:
        yield words
        return
    dialled(words).close()  # what is wrong with the server's certificate is said here, in its own words
    with tempfile.TemporaryDirectory(prefix="dfz-tls-") as folder, _listening(Path(folder)) as listening:
        threading.Thread(target=_serve, args=(listening, words), daemon=True).start()
        inside = {name: value for name, value in words.items() if name not in TLS_WORDS}
        yield inside | {"host": folder, "port": "5432", "sslmode": "disable"}


@contextlib.contextmanager
def _listening(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(folder / ".s.PGSQL.5432"))
        one.listen()
        yield one


def _serve(listening: socket.socket, words: dict[str, str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            near, _ = listening.accept()
            threading.Thread(target=_join, args=(near, words), daemon=True).start()


def _join(near: socket.socket, words: dict[str, str]) -> None:
    """One thread for both ways: a TLS session must not be read and written at once."""
    with contextlib.suppress(OSError), near, dialled(words) as far:
        far.settimeout(None)
        while True:
            ready, _, _ = select.select([near, far], [], [])
            for one in ready:
                other = far if one is near else near
                data = one.recv(BLOCK_BYTES)
                while isinstance(one, ssl.SSLSocket) and one.pending():
                    data += one.recv(BLOCK_BYTES)
                if not data:
                    return
                other.sendall(data)

"""The relay against servers that are written here byte by byte."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable

import pytest

from directfanz.migrate.errors import SourceProblem
from directfanz.migrate.side import Side
from directfanz.migrate.wire.connection import Wire
from directfanz.migrate.wire.protocol import Scram, WireProblem, failure_at_end, frame
from directfanz.migrate.wire.relay import Moved, relay


def _trailer(rows: int) -> bytes:
    return frame(b"c") + frame(b"C", f"COPY {rows}\0".encode()) + frame(b"Z", b"T")


def _wire(name: str, connected: socket.socket) -> Wire:
    wire = Wire.__new__(Wire)
    wire.side, wire.socket, wire.buffer = (
        Side("source" if name == "source" else "target", "host=nowhere"),
        connected,
        b"",
    )
    return wire


def _relayed(source: Callable[[socket.socket], None], rows: int = 1) -> tuple[Moved | Exception, bytes]:
    """What the relay said, and every byte that the target got after the handshake."""
    near, far = socket.socketpair()
    near_target, far_target = socket.socketpair()
    got = bytearray()

    def target() -> None:
        far_target.recv(999)
        far_target.sendall(frame(b"G", b"\1\0\0"))
        while data := far_target.recv(65536):
            got.extend(data)
            if bytes(got).endswith(frame(b"c")):
                far_target.sendall(frame(b"C", f"COPY {rows}\0".encode()) + frame(b"Z", b"T"))

    threads = [threading.Thread(target=source, args=(far,)), threading.Thread(target=target)]
    for thread in threads:
        thread.start()
    try:
        said: Moved | Exception = relay(_wire("source", near), _wire("target", near_target), "out", "in")
    except Exception as error:
        said = error
    for one in (near, near_target):
        one.close()
    for thread in threads:
        thread.join()
    for one in (far, far_target):
        one.close()
    return said, bytes(got)


def _answer(far: socket.socket) -> None:
    """The number that it was asked for."""
    asked = far.recv(999)
    number = asked.split(b"'")[1]
    far.sendall(frame(b"T", b"") + frame(b"D", struct.pack("!HI", 1, len(number)) + number) + frame(b"Z", b"T"))


@pytest.mark.parametrize("piece", [1, 7, 63, 64, 65, 1 << 16])
def test_rows_arrive_however_they_are_cut(piece: int) -> None:
    rows = b"".join(frame(b"d", bytes([n % 256]) * (n % 90)) for n in range(300))

    def source(far: socket.socket) -> None:
        far.recv(999)
        data = frame(b"H", b"\1\0\0") + rows + _trailer(300)
        for first in range(0, len(data), piece):
            far.sendall(data[first : first + piece])
        _answer(far)

    said, got = _relayed(source, 300)
    assert said == Moved(300, said.bytes if isinstance(said, Moved) else 0)
    assert got == rows + frame(b"c")


def test_a_row_that_looks_like_the_end_never_truncates() -> None:
    over = threading.Event()

    def source(far: socket.socket) -> None:
        far.recv(999)
        far.sendall(frame(b"H", b"\1\0\0") + frame(b"d", b"evil" + _trailer(1)))
        far.recv(999)  # the question that a server in the middle of its rows has not read yet
        far.sendall(frame(b"d", b"the last row") + _trailer(2))
        over.set()

    said, got = _relayed(source)
    assert over.wait(10)
    assert isinstance(said, Exception)
    assert not got.endswith(frame(b"c"))


def test_an_error_in_the_middle_is_the_sources() -> None:
    error = frame(b"E", b"SERROR\0VERROR\0C57014\0Mcanceling statement\0\0") + frame(b"Z", b"E")
    assert isinstance(failure_at_end(b"row" + error), WireProblem)
    assert failure_at_end(b"row" + error[:-1]) is None

    def source(far: socket.socket) -> None:
        far.recv(999)
        far.sendall(frame(b"H", b"\1\0\0") + frame(b"d", b"row") + error)

    said, got = _relayed(source)
    assert isinstance(said, SourceProblem)
    assert said.sqlstate == "57014"
    assert not got.endswith(frame(b"c"))


def test_a_server_that_does_not_know_the_password_is_not_believed() -> None:
    with pytest.raises(WireProblem, match="somebody else"):
        Scram("secret").final(b"r=other,s=AAAA,i=1")
    scram = Scram("secret")
    nonce = scram.first().partition(b"r=")[2].decode()
    scram.final(f"r={nonce}x,s=c2FsdA==,i=4096".encode())
    with pytest.raises(WireProblem, match="does not know our password"):
        scram.check(b"v=AAAA")

"""Rows from one server to the other, socket to socket.

COPY OUT and COPY IN frame their data alike, so after the handshake nobody has to look at a row: a megabyte is read and a megabyte is
sent, and Python's lock is free meanwhile. The end is recognised by its trailer. A row could hold the same bytes, so the end is then
proved: the source must answer a question with a number it cannot guess, before the target is told that all has come.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from directfanz.migrate.wire.connection import Wire, blamed
from directfanz.migrate.wire.protocol import TRAILER, TRAILER_BYTES, WireProblem, failure_at_end, frame

BLOCK_BYTES = 1 << 20


class Moved(NamedTuple):
    rows: int
    bytes: int


def relay(
    source: Wire, target: Wire, copy_out: str, copy_in: str, told: Callable[[int], None] = lambda _: None
) -> Moved:
    """`told` hears of each block. Both connections are useless after an error: a COPY has no way to be put right."""
    with blamed(target.side):
        target.begin_copy(copy_in)
    with blamed(source.side):
        source.begin_copy(copy_out)
    rows, total = _pass_on(source, target, told)
    with blamed(source.side):
        _prove_the_end(source)
    with blamed(target.side):
        arrived = _finish(target)
    if arrived != rows:
        raise WireProblem(f"the source sent {rows} rows and the target counted {arrived}")
    return Moved(rows, total)


def _pass_on(source: Wire, target: Wire, told: Callable[[int], None]) -> Moved:
    block = bytearray(BLOCK_BYTES)
    view = memoryview(block)
    held = len(source.buffer)  # what came together with the handshake
    view[:held] = source.buffer
    source.buffer = b""
    total, end = held, TRAILER.search(view[:held])
    if failed := failure_at_end(bytes(view[:held])):
        with blamed(source.side):
            raise failed
    while not end:
        with blamed(source.side):
            got = source.socket.recv_into(view[held:])
            if not got:
                raise WireProblem("the connection was closed while rows were on their way")
            if failed := failure_at_end(bytes(view[max(0, held + got - 65_536) : held + got])):
                raise failed
        told(got)
        total, filled = total + got, held + got
        tail = max(0, filled - TRAILER_BYTES)  # may be the trailer, or its beginning: not sent on yet
        end = TRAILER.search(view[tail:filled])
        ready = tail + (end.start() if end else 0)
        if ready:
            with blamed(target.side):
                target.socket.sendall(view[:ready])
        held = filled - ready
        view[:held] = bytes(view[ready:filled])
    left = TRAILER.search(view[:held])
    if left and left.start():
        with blamed(target.side):
            target.socket.sendall(view[: left.start()])
    return Moved(int(end[1]), total)


def _prove_the_end(source: Wire) -> None:
    number = secrets.token_hex(8)
    if source.query(f"SELECT '{number}'") != [(number,)]:
        raise WireProblem("a row looked like the end of the table; nothing of this part was kept")


def _finish(target: Wire) -> int:
    target.socket.sendall(frame(b"c"))
    arrived = -1
    failed: WireProblem | None = None
    while True:
        try:
            kind, body = target.message()
        except WireProblem as error:
            if not error.sqlstate:
                raise
            failed = error
            continue
        if kind == b"C":
            arrived = int(body[:-1].split()[1])
        if kind == b"Z":
            if failed:
                raise failed
            return arrived

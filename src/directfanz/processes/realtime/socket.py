"""One WebSocket: picows' side of a member."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from directfanz.processes.realtime.close_codes import GOODBYE, NOT_UNDERSTOOD, TOO_FAST, TOO_LARGE, TOO_SLOW, Close
from directfanz.processes.realtime.hub import Member
from directfanz.processes.realtime.limits import CLOSE_SECONDS, Allowance
from directfanz.processes.realtime.protocol import PING, Asked, Inbound, NotUnderstood, TooLarge, read
from directfanz.processes.realtime.tickets import Ticket

TEXT, BINARY, CONTINUATION = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION
CLOSE = WSMsgType.CLOSE


class House(Protocol):
    """What the process does with its sockets."""

    def opened(self, socket: Socket) -> None: ...

    def asked(self, socket: Socket, asked: Asked) -> None: ...

    def leaving(self, socket: Socket, why: Close) -> None:
        """We send it away; what was told before is still written."""
        ...

    def closed(self, socket: Socket) -> None: ...


class Socket(WSListener):
    def __init__(
        self, house: House, ticket: Ticket | None, forwarded_for: bytes | None, is_refused: bool = False
    ) -> None:
        self.ticket = ticket
        self.is_refused = is_refused  # its ticket is none
        self.forwarded_for = forwarded_for
        self.address = ""
        self.member: Member | None = None  # once it was let in
        self.last_heard = 0.0
        self.last_pinged = 0.0
        self.closed_with = 0
        self._house = house
        self._inbound = Inbound()
        self._loop = asyncio.get_running_loop()
        self._allowance = Allowance(self._loop.time())
        self._transport: WSTransport | None = None
        # The transport's own, once there is one: a call less for everything that is said to anybody.
        self.write: Callable[[bytes], None] = _nowhere
        self.unsent: Callable[[], int] = int

    # --- the hub's side ---

    def close(self, why: Close) -> None:
        transport = self._transport
        if transport is None or self.closed_with:
            return
        self.closed_with = why.code
        self._house.leaving(self, why)
        transport.send_close(why.code, why.reason)  # type: ignore[arg-type]  # any code of the protocol, by its number
        if why is TOO_SLOW:
            transport.disconnect(graceful=False)  # it would not read the goodbye either
        else:
            self._loop.call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    def ping(self) -> None:
        self.write(PING)

    # --- picows' side ---

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self.write = transport.underlying_transport.write
        self.unsent = transport.underlying_transport.get_write_buffer_size
        self.last_heard = self.last_pinged = self._loop.time()
        peer = transport.underlying_transport.get_extra_info("peername")
        self.address = peer[0] if peer else ""
        self._house.opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.last_heard = self._loop.time()
        kind = frame.msg_type
        if kind == CLOSE:
            self._answer_close(transport, frame)
        elif self.closed_with:
            return
        elif kind in (TEXT, CONTINUATION):
            self._take(frame, continues=kind == CONTINUATION)
        elif kind == BINARY:
            self.close(NOT_UNDERSTOOD)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self.closed_with = self.closed_with or _code_sent(transport)
        self._house.closed(self)

    def _take(self, frame: WSFrame, *, continues: bool) -> None:
        if not self._allowance.take(self.last_heard):
            self.close(TOO_FAST)
            return
        try:
            whole = self._inbound.take(frame.get_payload_as_bytes(), continues=continues, is_last=frame.fin)
            asked = read(whole) if whole is not None else None
        except NotUnderstood:
            self.close(NOT_UNDERSTOOD)
        except TooLarge:
            self.close(TOO_LARGE)
        else:
            if asked is not None:
                self._house.asked(self, asked)

    def _answer_close(self, transport: WSTransport, frame: WSFrame) -> None:
        if not self.closed_with:
            self.closed_with = GOODBYE.code
            transport.send_close(WSCloseCode.OK)
        transport.disconnect()


def _nowhere(frames: bytes) -> None:
    raise AssertionError("not connected yet")


def _code_sent(transport: WSTransport) -> int:
    """picows itself refuses frames that break the protocol; 1006 is a line that broke."""
    handshake: Any = transport.close_handshake
    if handshake is None or handshake.sent is None:
        return 1006
    code: Any = handshake.sent.code
    return int(getattr(code, "value", code))

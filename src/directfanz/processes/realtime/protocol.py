"""What travels over the socket: JSON in text frames, each with a `type`. No I/O.

A client subscribes to rooms and asks for what it missed; we say hello, who is there, what is new and what was wrong.
A stranger to a `type` ignores it, on either side: older pages meet newer servers.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from directfanz.domains.chat.models import LONGEST_NONCE, Event, RoomState, Standing, Tally
from directfanz.processes.realtime.limits import MAX_MESSAGE_BYTES

VERSION = 1
SUBPROTOCOL = "directfanz.v1"
TICKET_PREFIX = "ticket."
RoomName = Annotated[str, Meta(pattern=r"^[a-z]{1,20}:[0-9A-Za-z_-]{1,64}\Z")]


# --- from the client ---


class Subscribe(msgspec.Struct, frozen=True, tag="subscribe"):
    room: RoomName


class Unsubscribe(msgspec.Struct, frozen=True, tag="unsubscribe"):
    room: RoomName


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """After a reconnect: the last notification seen, and the epoch that it was of."""

    position: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    epoch: Annotated[str, Meta(max_length=64)] = ""


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """A browser's script cannot send the protocol's own ping."""

    id: Annotated[int, Meta(ge=0, le=2**53)] = 0


class ChatEnter(msgspec.Struct, frozen=True, tag="chat_enter"):
    """Also after a reconnect: with the position heard last, only what was missed is told."""

    room: RoomName
    position: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    epoch: Annotated[str, Meta(max_length=64)] = ""


class ChatSay(msgspec.Struct, frozen=True, tag="chat_say"):
    """Said again with the same nonce, as after a lost answer, it is said once."""

    room: RoomName
    body: Annotated[str, Meta(max_length=2000)]
    nonce: Annotated[str, Meta(min_length=1, max_length=LONGEST_NONCE)]


Asked = Subscribe | Unsubscribe | Resume | Ping | ChatEnter | ChatSay


# --- from us ---


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first message. Before it nothing may be sent."""

    connection: str
    signed_in: bool
    ping_after_seconds: float
    max_message_bytes: int = MAX_MESSAGE_BYTES
    version: int = VERSION


class Presence(msgspec.Struct, frozen=True, tag="presence"):
    """How many people are in a room; also the answer to `subscribe`."""

    room: str
    people: int


class Unsubscribed(msgspec.Struct, frozen=True, tag="unsubscribed"):
    room: str


class Missed(msgspec.Struct, frozen=True, tag="missed"):
    """The answer to `resume`. `reset`: forget what you have, this is another epoch or too much was missed."""

    notifications: list[Any]
    unread: int
    position: int
    epoch: str
    reset: bool


class Resync(msgspec.Struct, frozen=True, tag="resync"):
    """Something may have been lost on our side: ask with `resume`."""


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    id: int


class Error(msgspec.Struct, frozen=True, tag="error"):
    """A message was understood and refused; the socket stays open."""

    code: str
    message: str


class ChatEntered(msgspec.Struct, frozen=True, kw_only=True, tag="chat_entered"):
    """`anew`: these events are the newest, forget what you have; else they are what you missed."""

    room: str
    title: str
    state: RoomState
    epoch: str
    last: int
    anew: bool
    events: list[Event]
    slow_seconds: int
    members_only: bool
    standing: Standing
    moderates: bool
    speaks: bool
    why_not: str
    pinned: Event | None
    poll: Tally | None


class ChatEvents(msgspec.Struct, frozen=True, tag="chat"):
    """Each position once, in order."""

    room: str
    events: list[Event]


class ChatPoll(msgspec.Struct, frozen=True, tag="chat_poll"):
    """How the open poll stands."""

    room: str
    poll_id: UUID
    votes: list[int]


class ChatSaid(msgspec.Struct, frozen=True, tag="chat_said"):
    room: str
    nonce: str
    position: int


class ChatRefused(msgspec.Struct, frozen=True, tag="chat_refused"):
    """Of `chat_enter`, or of the `chat_say` with this nonce."""

    room: str
    code: str
    message: str
    may_retry: bool
    nonce: str = ""
    retry_after_seconds: int | None = None


class ChatLeft(msgspec.Struct, frozen=True, tag="chat_left"):
    """You are not in the room any more."""

    room: str
    code: str
    message: str
    come_back: bool


Told = (
    Hello | Presence | Unsubscribed | Missed | Resync | Pong | Error
    | ChatEntered | ChatEvents | ChatPoll | ChatSaid | ChatRefused | ChatLeft
)  # fmt: skip

_DECODER = msgspec.json.Decoder(Asked)
_ENCODER = msgspec.json.Encoder()


class NotUnderstood(ValueError):
    pass


def read(payload: bytes) -> Asked | None:
    """None for a type that we do not know."""
    try:
        asked: Asked = _DECODER.decode(payload)
    except msgspec.ValidationError as error:
        if "Invalid value" in str(error) and str(error).endswith("`$.type`"):
            return None
        raise NotUnderstood(str(error)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotUnderstood(str(error)) from None
    return asked


def told(message: Told) -> bytes:
    return frame(_ENCODER.encode(message))


def frame(payload: bytes) -> bytes:
    """A whole text frame. Built once, it is sent to every member of a room."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2) + payload
    return b"\x81\x7f" + size.to_bytes(8) + payload


# Asks a browser whether it is still there; it answers by itself.
PING = b"\x89\x00"


class TooLarge(ValueError):
    pass


class Inbound:
    """Puts the fragments of a message together. Control frames between them are none of its business."""

    __slots__ = ("_parts", "_size")

    def __init__(self) -> None:
        self._parts: list[bytes] | None = None
        self._size = 0

    def take(self, payload: bytes, *, continues: bool, is_last: bool) -> bytes | None:
        """The message, once it is whole."""
        if continues != (self._parts is not None):
            raise NotUnderstood("a fragment out of place")
        self._size += len(payload)
        if self._size > MAX_MESSAGE_BYTES:
            raise TooLarge
        if not is_last:
            self._parts = [*(self._parts or ()), payload]
            return None
        whole = payload if self._parts is None else b"".join((*self._parts, payload))
        self._parts, self._size = None, 0
        return whole

"""What goes on in rooms.

    await chat.open_room(backends, tx, wanted)     # by who keeps the thing that a room belongs to
    await chat.say_as_server(backends, tx, room_id, "The stream has begun.")
    await chat.close_room(backends, tx, room_id)

On the caller's transaction: a room agrees with what it belongs to at every moment.
"""

from __future__ import annotations

from directfanz.domains.chat.service.closing import close_room
from directfanz.domains.chat.service.rooms import (
    RoomAsk,
    describe_room,
    let_moderate,
    open_room,
    reopen_room,
    say_as_server,
)

__all__ = ["RoomAsk", "close_room", "describe_room", "let_moderate", "open_room", "reopen_room", "say_as_server"]

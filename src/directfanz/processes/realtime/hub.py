"""Members, rooms, and who is told what. No I/O: a member writes to an `Outlet`, and the process calls `flush`.

What is said within one tick leaves in one write per member. A member who does not read is cut before its unsent bytes grow
beyond a bound, so it never costs the room more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from directfanz.processes.realtime.close_codes import TOO_SLOW, Close
from directfanz.processes.realtime.limits import MAX_UNSENT_BYTES

K = TypeVar("K")


class Outlet(Protocol):
    def write(self, frames: bytes) -> None: ...

    def unsent(self) -> int:
        """Bytes that the other side has not taken yet."""
        ...

    def close(self, why: Close) -> None: ...


class Member:
    __slots__ = (
        "apart",
        "id",
        "is_counted",
        "is_leaving",
        "outlet",
        "parts",
        "person",
        "rooms",
        "session_id",
        "user_id",
    )

    def __init__(self, name: str, outlet: Outlet, user_id: UUID | None = None, session_id: UUID | None = None) -> None:
        self.id = name
        self.outlet = outlet
        self.user_id = user_id
        self.session_id = session_id
        # Somebody signed in is one person however many windows they have open; a stranger's every window counts.
        self.person = f"u{user_id.hex}" if user_id else f"s{name}"
        self.rooms: set[str] = set()
        self.parts: list[bytes] = []
        self.is_leaving = False
        self.is_counted = True  # False while nothing is heard from it
        self.apart: frozenset[UUID] = frozenset()  # whose words do not reach them


class Hub:
    def __init__(self, ask_for_tick: Callable[[], None], ask_for_late_tick: Callable[[], None] | None = None) -> None:
        """`flush` is called `tick_seconds` after the first, and `flush_soon` SOON_SECONDS after the second."""
        self._ask_for_tick = ask_for_tick
        self._ask_for_late_tick = ask_for_late_tick or ask_for_tick
        self._tick_asked = self._late_tick_asked = False
        self._members: dict[str, Member] = {}
        self._rooms: dict[str, set[Member]] = {}
        self._users: dict[UUID, set[Member]] = {}
        self._said: dict[str, list[bytes]] = {}  # in rooms, since the last tick
        self._spoken_to: set[Member] = set()
        self._wary: set[Member] = set()  # who are kept apart from anybody

    def __len__(self) -> int:
        return len(self._members)

    @property
    def members(self) -> Iterable[Member]:
        return self._members.values()

    def add(self, member: Member) -> None:
        self._members[member.id] = member
        if member.user_id is not None:
            self._users.setdefault(member.user_id, set()).add(member)

    def remove(self, member: Member) -> None:
        member.is_leaving = True
        if self._members.pop(member.id, None) is None:
            return
        for room in tuple(member.rooms):
            self.leave(member, room)
        self._spoken_to.discard(member)
        self._wary.discard(member)
        if member.user_id is not None:
            _drop(self._users, member.user_id, member)

    def of_user(self, user_id: UUID) -> set[Member]:
        return self._users.get(user_id, set())

    def in_room(self, room: str) -> list[Member]:
        return list(self._rooms.get(room, ()))

    def join(self, member: Member, room: str) -> bool:
        """False when it was in the room already."""
        if room in member.rooms:
            return False
        self._tell_what_was_said(room)  # they were not there when it was said
        member.rooms.add(room)
        self._rooms.setdefault(room, set()).add(member)
        return True

    def leave(self, member: Member, room: str) -> bool:
        if room not in member.rooms:
            return False
        self._tell_what_was_said(room)  # they were there when it was said
        member.rooms.discard(room)
        _drop(self._rooms, room, member)
        return True

    def tell(self, member: Member, frames: bytes) -> None:
        for room in member.rooms & self._said.keys():
            self._tell_what_was_said(room)  # what was said before this comes before this
        self._give(member, frames)
        self._need_tick()

    def tell_soon(self, member: Member, frames: bytes) -> None:
        """With whatever they are told next, or by itself a little later."""
        self._give(member, frames)
        if not self._late_tick_asked:
            self._late_tick_asked = True
            self._ask_for_late_tick()

    def keep_apart(self, member: Member, people: Iterable[UUID]) -> None:
        """From now on; few have anybody they are kept apart from, so a room asks only those."""
        member.apart = frozenset(people)
        (self._wary.add if member.apart else self._wary.discard)(member)

    def tell_room_but(self, room: str, frames: bytes, author: UUID, instead: Callable[[], bytes]) -> int:
        """What somebody said: those who are kept apart from them get its place alone."""
        away = {member for member in self._wary if author in member.apart and room in member.rooms}
        if not away:
            return self.tell_room(room, frames)
        self._tell_what_was_said(room)
        members, place = self._rooms.get(room, ()), instead()
        for member in members:
            self._give(member, place if member in away else frames)
        self._need_tick()
        return len(members)

    def tell_room(self, room: str, frames: bytes) -> int:
        """How many it reaches."""
        members = self._rooms.get(room, ())
        if members:
            self._said.setdefault(room, []).append(frames)
            self._need_tick()
        return len(members)

    def tell_user(self, user_id: UUID, frames: bytes) -> int:
        members = self.of_user(user_id)
        for member in members:
            self.tell(member, frames)
        return len(members)

    def flush(self) -> None:
        """The tick: one write for each member who was told something."""
        self._tick_asked = False
        if len(self._said) == 1:
            self._tell_at_once()
        for room in tuple(self._said):
            self._tell_what_was_said(room)
        self._write_all()

    def flush_member(self, member: Member) -> None:
        """Before a goodbye: what was said comes first."""
        for room in member.rooms & self._said.keys():
            self._tell_what_was_said(room)
        if member in self._spoken_to:
            self._spoken_to.discard(member)
            self._write(member)

    def flush_soon(self) -> None:
        """Whoever nothing else was said to in the meantime. What was said in rooms goes with its own tick."""
        self._late_tick_asked = False
        self._write_all()

    def _tell_at_once(self) -> None:
        """The usual tick: something was said in one room. Whoever was told nothing else has it without a detour."""
        ((room, said),) = self._said.items()
        self._said.clear()
        frames = said[0] if len(said) == 1 else b"".join(said)
        most = MAX_UNSENT_BYTES - len(frames)
        for member in tuple(self._rooms.get(room, ())):
            outlet = member.outlet
            if member.is_leaving:
                continue
            if member.parts:
                member.parts.append(frames)
            elif outlet.unsent() <= most:
                outlet.write(frames)
            else:
                self._cut(member)

    def _write_all(self) -> None:
        spoken_to, self._spoken_to = self._spoken_to, set()
        for member in spoken_to:
            self._write(member)

    def _write(self, member: Member) -> None:
        frames = member.parts[0] if len(member.parts) == 1 else b"".join(member.parts)
        member.parts.clear()
        if member.is_leaving:
            return
        if member.outlet.unsent() + len(frames) > MAX_UNSENT_BYTES:
            self._cut(member)
        else:
            member.outlet.write(frames)

    def _cut(self, member: Member) -> None:
        member.is_leaving = True
        member.outlet.close(TOO_SLOW)

    def _tell_what_was_said(self, room: str) -> None:
        said = self._said.pop(room, None)
        if said is None:
            return
        frames = said[0] if len(said) == 1 else b"".join(said)
        for member in self._rooms.get(room, ()):
            self._give(member, frames)

    def _give(self, member: Member, frames: bytes) -> None:
        if not member.is_leaving:
            member.parts.append(frames)
            self._spoken_to.add(member)

    def _need_tick(self) -> None:
        if not self._tick_asked:
            self._tick_asked = True
            self._ask_for_tick()


def _drop(groups: dict[K, set[Member]], key: K, member: Member) -> None:
    group = groups[key]
    group.discard(member)
    if not group:
        del groups[key]

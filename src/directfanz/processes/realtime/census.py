"""Who is in the rooms of this process, and what the other processes have not been told yet. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class Change(NamedTuple):
    joined: frozenset[str]
    left: frozenset[str]
    here: int  # how many are here once this is told


class _Room:
    __slots__ = ("everywhere", "here", "joined", "left", "told")

    def __init__(self) -> None:
        self.here: Counter[str] = Counter()  # sockets per person
        self.joined: set[str] = set()
        self.left: set[str] = set()
        self.everywhere = 0  # people in all processes, when last asked
        self.told: int | None = None  # what the room was told last


class Census:
    """Saying that somebody joined or left twice is as good as once, so what is unsure is said again."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}

    def enter(self, name: str, person: str) -> None:
        room = self._rooms.setdefault(name, _Room())
        room.here[person] += 1
        if room.here[person] == 1:
            room.left.discard(person)
            room.joined.add(person)

    def leave(self, name: str, person: str) -> None:
        room = self._rooms[name]
        room.here[person] -= 1
        if room.here[person] == 0:
            del room.here[person]
            room.joined.discard(person)
            room.left.add(person)

    def people(self, name: str) -> int:
        """What to tell: the last count of all processes, and never fewer than are here."""
        room = self._rooms.get(name)
        return max(room.everywhere, len(room.here)) if room else 0

    def rooms(self) -> Iterator[str]:
        return iter(self._rooms)

    def changed(self) -> list[str]:
        return [name for name, room in self._rooms.items() if room.joined or room.left]

    def take_change(self, name: str) -> Change:
        """To be told to the others now; `give_back` what could not be."""
        room = self._rooms[name]
        change = Change(frozenset(room.joined), frozenset(room.left), len(room.here))
        room.joined.clear()
        room.left.clear()
        return change

    def give_back(self, name: str, change: Change) -> None:
        room = self._rooms[name]
        room.joined |= {person for person in change.joined if person in room.here}
        room.left |= {person for person in change.left if person not in room.here}

    def declare_again(self, name: str) -> None:
        """What the others hold of us is not what is here: a node of the cache was lost, or they took us for dead."""
        room = self._rooms[name]
        room.joined |= room.here.keys()
        room.left.clear()

    def note(self, name: str, everywhere: int) -> bool:
        """What the others answered; whether the room has to be told another number now. An empty room is let go."""
        room = self._rooms[name]
        room.everywhere = everywhere
        if not room.here and not room.left:
            del self._rooms[name]
            return False
        before, room.told = room.told, self.people(name)
        return room.told != before

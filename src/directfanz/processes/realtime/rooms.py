"""Rooms are named `kind:name`. A kind says who may enter.

Chat and live streams add their kinds here, with a rule of their own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoomKind:
    name: str
    strangers: bool  # whether people who are not signed in may enter


# Public pages: anybody may see how many are looking, as anybody may look.
KINDS = {kind.name: kind for kind in (RoomKind("page", strangers=True),)}


def kind_of(room: str) -> RoomKind | None:
    return KINDS.get(room.partition(":")[0])

"""The processor that encoders of this process may use, shared by its streams: who comes first is served first."""

from __future__ import annotations

from uuid import UUID


class Budget:
    def __init__(self, percent: float) -> None:
        self._percent = percent
        self._taken: dict[UUID, float] = {}

    def room_for(self, stream_id: UUID) -> float:
        """What that stream may take, with what it has already."""
        return self._percent - sum(taken for each, taken in self._taken.items() if each != stream_id)

    def take(self, stream_id: UUID, percent: float) -> None:
        if percent:
            self._taken[stream_id] = percent
        else:
            self._taken.pop(stream_id, None)

    @property
    def taken(self) -> float:
        return sum(self._taken.values())

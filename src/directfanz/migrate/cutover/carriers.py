"""What moves with the writes besides the database: brought once before the fence, and what changed since then once more inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from directfanz.migrate.cache.carrying import Shelf


class Carrier(Protocol):
    def bring(self, *, back: bool) -> str:
        """What was done, in a few words."""
        ...


class CacheCarrier:
    """Keys of one pattern, sessions above all: who is signed in here is signed in there."""

    def __init__(self, source: str, target: str, pattern: str) -> None:
        self._source, self._target, self._pattern = source, target, pattern

    def bring(self, *, back: bool) -> str:
        from directfanz.migrate.cache.carrying import carry

        with self._shelf("source", self._source) as here, self._shelf("target", self._target) as there:
            made = carry(there, here) if back else carry(here, there)
        return f"{made.carried} of {made.keys} keys carried, {made.deleted} taken away"

    @contextmanager
    def _shelf(self, side: str, address: str) -> Iterator[Shelf]:
        from directfanz.migrate.cache.carrying import Shelf

        shelf = Shelf("source" if side == "source" else "target", address, self._pattern)
        try:
            yield shelf
        finally:
            shelf.close()


def bring_all(carriers: tuple[Carrier, ...], *, back: bool, say: Callable[[str], None]) -> None:
    for one in carriers:
        say(one.bring(back=back))

"""The operator's process dies at any statement: from then on it says nothing more to any server, not even to tidy up."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from directfanz.migrate.side import Session
from directfanz.migrate.wire.connection import Wire


class Died(BaseException):
    """No handler of errors may take it for one: a process that is killed runs none."""


class Mortal:
    """Counts what is said to servers, and dies at the number it was given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: int | None = None
        self.said = 0

    def step(self) -> None:
        with self._lock:
            self.said += 1
            if self._left is None:
                return
            self._left -= 1
            if self._left < 0:
                raise Died

    @contextlib.contextmanager
    def dying_after(self, statements: int) -> Iterator[None]:
        """Everything said inside after so many statements is not said."""
        self._left = statements
        try:
            yield
        finally:
            self._left = None


@contextlib.contextmanager
def mortal() -> Iterator[Mortal]:
    one, execute, query = Mortal(), Session.execute, Wire.query

    def counted(self: Session, *words: Any, **more: Any) -> Any:
        one.step()
        return execute(self, *words, **more)

    def asked(self: Wire, text: str) -> Any:
        one.step()
        return query(self, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "execute", counted)
        patch.setattr(Wire, "query", asked)
        yield one

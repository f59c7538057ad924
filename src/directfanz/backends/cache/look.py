"""An answer that is told instead of awaited: for who asks so often that a task and a future for each would be dear."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

# None when the cache did not say: whoever asked may ask again, with patience.
Found = Sequence[bytes | None] | None
Then = Callable[[Found], None]
log = logging.getLogger("directfanz.cache")


class Look:
    """Stands where a future stands among the questions of a connection, so it is called as one."""

    __slots__ = ("_then",)

    def __init__(self, then: Then) -> None:
        self._then: Then | None = then

    def done(self) -> bool:
        return self._then is None

    def set_result(self, found: Found) -> None:
        then, self._then = self._then, None
        try:
            if then is not None:
                then(found)
        except Exception:  # the answers of others come after this one
            log.exception("what was found in the cache could not be used")

    def set_exception(self, fault: BaseException) -> None:
        self.set_result(None)

"""One queue for everything that can go on side by side: the longest way to the end first."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from typing import Any

Task = Callable[[Any], None]


class Queue:
    """Tasks may add tasks. The first error stops everybody after what they have in hand, and is raised by `run`."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Task]] = []
        self._changed = threading.Condition()
        self._open = 0  # waiting or in hand
        self._added = 0
        self._error: BaseException | None = None

    def add(self, weight: int, task: Task) -> None:
        with self._changed:
            self._added += 1
            self._open += 1
            heapq.heappush(self._heap, (-weight, self._added, task))
            self._changed.notify_all()

    def run(self, workers: int, opened: Callable[[], Any]) -> None:
        """`opened` makes what each worker works with: a context manager, entered in the worker's thread."""
        threads = [threading.Thread(target=self._work, args=(opened,), name=f"migrate-{n}") for n in range(workers)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException as error:  # Ctrl-C: let them finish their part
            self._stop(error)
            for thread in threads:
                thread.join()
            raise
        if self._error:
            raise self._error

    def _work(self, opened: Callable[[], Any]) -> None:
        try:
            with opened() as tools:
                while task := self._next():
                    task(tools)
                    with self._changed:
                        self._open -= 1
                        self._changed.notify_all()
        except BaseException as error:
            self._stop(error)

    def _next(self) -> Task | None:
        with self._changed:
            while not self._heap and self._open and not self._error:
                self._changed.wait()
            if not self._heap or self._error:
                return None
            return heapq.heappop(self._heap)[2]

    def _stop(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

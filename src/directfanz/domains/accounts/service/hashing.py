"""Argon2id off the event loop: a few threads, a bounded queue, and the same work for every question.

Each run takes about 20 ms and 19 MiB, so the threads bound the memory and the queue bounds the wait. argon2 releases the
interpreter's lock while it works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from directfanz.domains.accounts.policy.passwords import normalised
from directfanz.errors import Unavailable

T = TypeVar("T")
THREADS = 2
MOST_WAITING = 64
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
# Nobody's hash, of the same cost: asking for an account that does not exist takes the same work as a wrong password.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWtub3dzLWl0$" + "A" * 43


class BoundedPool:
    """Threads with a queue that says no when it is full."""

    def __init__(self, name: str, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._name, self._threads = name, threads
        self._most = threads + most_waiting
        self._executor: ThreadPoolExecutor | None = None
        self._lock = Lock()
        self.in_hand = 0
        self.done = 0

    async def run(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self.in_hand >= self._most:
                raise Unavailable("Too much of this is asked at this moment. Try again shortly.", retry_after_seconds=2)
            self.in_hand += 1
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix=self._name)
        future = self._executor.submit(work)
        # Counted down by the work's own end: a caller that goes away does not free its place early.
        future.add_done_callback(self._finished)
        return await asyncio.wrap_future(future)

    def _finished(self, future: Future[T]) -> None:
        with self._lock:
            self.in_hand -= 1
            self.done += not future.cancelled()


PASSWORDS = BoundedPool("argon2")


async def hash_password(password: str) -> str:
    return await PASSWORDS.run(lambda: HASHER.hash(normalised(password)))


async def matches(known: str | None, password: str) -> bool:
    """Against nobody's hash when there is none. One run of argon2 either way."""
    right = await PASSWORDS.run(lambda: _verify(known or NOBODY, normalised(password)))
    return right and known is not None


def is_outdated(known: str) -> bool:
    """Made with other parameters than today's."""
    return HASHER.check_needs_rehash(known)


def _verify(known: str, password: str) -> bool:
    try:
        return HASHER.verify(known, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False

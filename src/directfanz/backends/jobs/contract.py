"""Work that happens after the answer, and effects that leave the process.

- A job is enqueued on the caller's transaction: both happen or neither.
- It runs at least once; after a crash of its worker it runs again. Write it so that twice is as good as once.
- A job that raises is tried again as its `Retry` says when the error is retryable or unknown; `Rejected` ends it at
  once. What has run out of tries is a dead letter: kept, listed, replayable by an operator.
- `queueing_key`: while a job with this key waits, a second one is not enqueued (None is returned). The one that waits
  starts after the caller's commit, so it sees what the caller wrote.
- `lock`: jobs with the same lock run one after the other, in the order of enqueueing.
- Payloads are msgspec structs, kept as JSON: old jobs meet new code, so add fields with defaults only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from directfanz.backends.database.contract import Writer

P = TypeVar("P", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Retry:
    """Waits first * 2^n seconds, at most `longest`, with jitter."""

    tries: int = 8
    first_seconds: float = 2
    longest_seconds: float = 3600


@dataclass(frozen=True, slots=True)
class Job(Generic[P]):
    """A kind of job. `run` takes whatever the worker was built with and the payload."""

    name: str  # "domain.verb_noun"
    payload: type[P]
    run: Callable[[Any, P], Awaitable[None]]
    queue: str = "default"
    retry: Retry = field(default_factory=Retry)
    timeout_seconds: float = 300


@dataclass(frozen=True, slots=True)
class Event(Generic[P]):
    """Something that happened, told by a domain to those above it, which it does not know: enqueue `job` where it happens; the worker
    runs what the listeners made of it. Each listener may hear it twice."""

    name: str  # "domain.what_happened"
    payload: type[P]

    @property
    def job(self) -> Job[P]:
        return Job(self.name, self.payload, self._unheard)

    def heard_by(self, *listeners: Callable[[Any, P], Awaitable[None]]) -> Job[P]:
        async def tell(around: Any, payload: P) -> None:
            for listener in listeners:
                await listener(around, payload)

        return Job(self.name, self.payload, tell)

    async def _unheard(self, around: Any, payload: P) -> None:
        raise NotImplementedError(f"nobody listens to {self.name}: add it to the worker's jobs")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that comes by itself. `cron` has five fields, in UTC; the payload must have defaults for all fields."""

    job: Job[Any]
    cron: str


class JobQueue(Protocol):
    async def enqueue(
        self,
        tx: Writer,
        job: Job[P],
        payload: P,
        *,
        run_at: datetime | None = None,
        queueing_key: str | None = None,
        lock: str | None = None,
        priority: int = 0,
    ) -> int | None: ...

    async def enqueue_all(self, tx: Writer, job: Job[P], payloads: Sequence[P]) -> None:
        """Many of a kind in one round trip, without keys and locks."""
        ...


class JobView(msgspec.Struct, frozen=True):
    """A job as the operator's page shows it."""

    id: int
    name: str
    queue: str
    state: str  # waiting, running, done, dead, cancelled
    attempts: int
    enqueued_at: datetime | None
    scheduled_at: datetime | None
    last_error: str | None

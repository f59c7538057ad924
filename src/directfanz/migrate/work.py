"""What every verb works with, opened once: both sides, the state, the clock, and somebody to tell."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.errors import WrongUse
from directfanz.migrate.plan import Options, Plan
from directfanz.migrate.progress import Progress, Sink
from directfanz.migrate.side import Side
from directfanz.migrate.state.lease import lease
from directfanz.migrate.state.store import Store

if TYPE_CHECKING:
    from directfanz.migrate.cutover.carriers import Carrier

LOOK_SECONDS = 0.002


def _nothing(_: object) -> None:
    pass


@dataclass(slots=True)
class Work:
    source: Side
    target: Side
    store: Store
    clock: Clock
    sink: Sink = _nothing
    say: Callable[[str], None] = field(default=_nothing)
    carriers: tuple[Carrier, ...] = ()  # what moves with the writes

    @property
    def plan(self) -> Plan:
        return self.store.plan

    @property
    def options(self) -> Options:
        return self.store.plan.options

    def progress(self, verb: str) -> Progress:
        return Progress(verb, self.clock, self.sink)

    def decide(self, kind: str, message: str, **detail: Any) -> None:
        """Into the journal, and to whoever watches."""
        self.store.note(kind, message, **detail)
        self.say(message)

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Whether it came true in time."""
        end = self.clock.monotonic() + seconds
        while not true():
            if self.clock.monotonic() > end:
                return False
            time.sleep(LOOK_SECONDS)
        return True


@contextlib.contextmanager
def at_work(
    source: Side, target: Side, clock: Clock, verb: str, sink: Sink = _nothing, say: Callable[[str], None] = _nothing
) -> Iterator[Work]:
    """The only operator, with the state open, and no door left closed by one who died."""
    from directfanz.migrate.cutover.recovery import recover

    with lease(target, clock, verb), target.session("state") as session:
        work = Work(source, target, Store.open(session, clock), clock, sink, say)
        require_same(work)
        recover(work)
        yield work


def require_same(work: Work) -> None:
    """The addresses may be spelled anew, but must lead to what was planned."""
    for side, system in ((work.source, work.plan.source_system), (work.target, work.plan.target_system)):
        with side.session("status") as session:
            found = system_of(session.value)
        if found != system:
            raise WrongUse(f"The {side.name} at {side} is another cluster or database than the plan was made for.")


def system_of(value: Callable[[str], object]) -> str:
    """The cluster's own number and the database's. RDS allows both questions."""
    return f"{value('SELECT system_identifier FROM pg_control_system()')}/{value('SELECT current_database()')}"

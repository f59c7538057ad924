"""What every resource stands on: the books of an account, time, events and what is due."""

from __future__ import annotations

import heapq
import importlib
import secrets
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from directfanz.backends.clock.contract import Clock
from directfanz.local.simulators.stripe.engine.errors import missing
from directfanz.local.simulators.stripe.engine.options import Options
from directfanz.local.simulators.stripe.store import Obj, Store
from directfanz.local.simulators.stripe.store.memory import HIDDEN as HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

API_VERSION = "2026-10-28.endive"
PLATFORM = ""  # the books of the platform itself; a connected account's are under its id
_encoder = msgspec.json.Encoder()
_LETTERS = str.maketrans({"-": "x", "_": "Y"})

Params = dict[str, Any]
TimerWork = Callable[["Engine", Obj], None]
TIMERS: dict[str, TimerWork] = {}


def on_timer(name: str) -> Callable[[TimerWork], TimerWork]:
    """What is done when a timer of this name is due for an object."""

    def register(work: TimerWork) -> TimerWork:
        TIMERS[name] = work
        return work

    return register


class Happened(msgspec.Struct, frozen=True):
    """An event that left with a commit, as it is sent."""

    id: str
    type: str
    account: str
    created: int
    body: bytes

    def read(self) -> Obj:
        found: Obj = msgspec.json.decode(self.body)
        return found


def new_name(prefix: str) -> str:
    return f"{prefix}_{secrets.token_urlsafe(18).translate(_LETTERS)}"


def told(obj: Obj) -> Obj:
    """As everybody sees it."""
    return {name: value for name, value in obj.items() if name != HIDDEN}


class Engine:
    """Synchronous, with one caller at a time. `with engine.books(account):` is whose objects are meant."""

    def __init__(self, store: Store, clock: Clock, options: Options | None = None) -> None:
        self.store = store
        self.options = options or Options()
        self.account = PLATFORM
        self.request: Obj | None = None
        self._clock = clock
        self._pinned: int | None = None
        self._floor = 0
        self._outbox: list[Happened] = []
        self._fresh: list[Happened] = []
        self._due: dict[str, list[tuple[int, int, str, str]]] = {}
        self._turn = 0
        self.afterwards: list[Callable[[], None]] = []  # what is done right after an answer
        self.committed: list[Callable[[], None]] = []  # told after events were committed
        self.watchers: list[Callable[[list[Happened]], None]] = []  # told before events are committed, to add to it
        self._shift = 0
        self._wake()
        load_resources()

    # --- time -------------------------------------------------------------------------------------------------------

    def now(self, clock: str | None = None) -> int:
        """In seconds; by the test clock if the object is bound to one."""
        if clock and (found := self.store.find(clock)):
            return int(found["frozen_time"])
        if self._pinned is not None:
            return self._pinned
        return max(int(self._clock.now().timestamp()) + self._shift, self._floor)

    def now_of(self, obj: Obj) -> int:
        return self.now(clock_of(obj))

    def set_timer(self, obj: Obj, name: str, due: int | None) -> None:
        """One of each name for an object; None takes it away. The object has to be saved."""
        timers = obj[HIDDEN].setdefault("timers", {})
        if due is None:
            timers.pop(name, None)
            return
        timers[name] = due
        self._push(clock_of(obj), due, obj["id"], name)

    def advance_to(self, moment: int) -> None:
        """Everything that is due until then happens, each at its own time."""
        self.run_due(PLATFORM, moment)
        self._floor = max(self._floor, moment)

    def unfold(self, moment: int, at_a_time: int = 1000) -> Iterator[list[Happened]]:
        """`advance_to` that hands out the events on the way, so that a year of many people fits into memory."""
        heap = self._due.setdefault(PLATFORM, [])
        while heap and heap[0][0] <= moment:
            due, _, name, timer = heapq.heappop(heap)
            self._ring(PLATFORM, due, name, timer)
            if len(self._outbox) >= at_a_time:
                yield self.take_events()
        self._floor = max(self._floor, moment)
        yield self.take_events()

    def shift_by(self, seconds: int) -> None:
        """From now on this much later than the clock."""
        meta = self.hidden("simulator_shift")
        self.run_due(PLATFORM, self.now() + seconds)
        self._shift = meta["seconds"] = self._shift + seconds
        self.store.save(meta)
        self.commit()

    def run_due(self, clock: str = PLATFORM, until: int | None = None) -> int:
        """How many things were done. Each is a transaction of its own."""
        until = self.now(clock or None) if until is None else until
        heap, done = self._due.get(clock, []), 0
        while heap and heap[0][0] <= until:
            due, _, name, timer = heapq.heappop(heap)
            done += self._ring(clock, max(due, 0), name, timer)
        return done

    def run_timer(self, obj: Obj, name: str) -> None:
        """Now instead of when it is due, inside of the transaction at hand."""
        self.set_timer(obj, name, None)
        TIMERS[name](self, obj)

    def next_due(self) -> int | None:
        heap = self._due.get(PLATFORM)
        return heap[0][0] if heap else None

    def _ring(self, clock: str, due: int, name: str, timer: str) -> int:
        obj = self.store.find(name)
        if obj is None or obj[HIDDEN].get("timers", {}).get(timer) != due:
            self.store.rollback()
            return 0
        del obj[HIDDEN]["timers"][timer]
        self.store.save(obj)
        with self._at(clock, due), self.books(obj[HIDDEN]["account"]):
            TIMERS[timer](self, obj)
            self.commit()
        return 1

    @contextmanager
    def _at(self, clock: str, due: int) -> Iterator[None]:
        if clock:
            found = self.store.find(clock)
            if found is not None and found["frozen_time"] < due:
                found["frozen_time"] = due
                self.store.save(found)
            yield
            return
        before, self._pinned = self._pinned, due
        try:
            yield
        finally:
            self._pinned = before

    def _push(self, clock: str | None, due: int, name: str, timer: str) -> None:
        self._turn += 1
        heapq.heappush(self._due.setdefault(clock or PLATFORM, []), (due, self._turn, name, timer))

    def _wake(self) -> None:
        for obj in self.store.everything():
            for timer, due in obj[HIDDEN].get("timers", {}).items():
                self._push(clock_of(obj), due, obj["id"], timer)
            if obj["id"] == "simulator_shift":
                self._shift = obj.get("seconds", 0)

    # --- objects ----------------------------------------------------------------------------------------------------

    @contextmanager
    def books(self, account: str) -> Iterator[None]:
        before, self.account = self.account, account
        try:
            yield
        finally:
            self.account = before

    def make(self, prefix: str, kind: str, fields: Obj, *, clock: str | None = None, name: str = "") -> Obj:
        obj = {
            "id": name or new_name(prefix),
            "object": kind,
            "created": self.now(clock),
            "livemode": False,
            **fields,
            HIDDEN: {"account": self.account, "clock": clock},
        }
        self.store.save(obj)
        return obj

    def find(self, kind: str, name: Any) -> Obj | None:
        obj = self.store.find(name) if isinstance(name, str) else None
        if obj is None or obj["object"] != kind or obj[HIDDEN]["account"] != self.account:
            return None
        return obj

    def get(self, kind: str, name: Any, param: str = "id") -> Obj:
        obj = self.find(kind, name)
        if obj is None or (obj[HIDDEN].get("deleted") and param != "id"):
            raise missing(kind, str(name), param)
        return obj

    def hidden(self, name: str) -> Obj:
        """A note of the simulator's own, kept like an object and never told."""
        obj = self.store.find(name)
        if obj is None:
            obj = {"id": name, "object": "note", HIDDEN: {"account": PLATFORM, "clock": None}}
            self.store.save(obj)
        return obj

    def newest(self, kind: str, field: str = "", value: str = "", **cursor: Any) -> Iterator[Obj]:
        return self.store.newest(self.account, kind, field, value, **cursor)

    # --- events -----------------------------------------------------------------------------------------------------

    def emit(self, kind: str, obj: Obj, previous: Obj | None = None, *, account: str | None = None) -> None:
        """What happened, with the object as it is now."""
        whose = self.account if account is None else account
        data: Obj = {"object": msgspec.Raw(_encoder.encode(told(obj)))}
        if previous:
            data["previous_attributes"] = previous
        event: Obj = {
            "id": new_name("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now_of(obj),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": self.request or {"id": None, "idempotency_key": None},
            "type": kind,
        }
        if whose:
            event["account"] = whose
        body = _encoder.encode(event)
        self._fresh.append(Happened(event["id"], kind, whose, event["created"], body))
        if self.options.keeps_events:
            kept = event | {HIDDEN: {"account": whose, "clock": None}}
            self.store.save(kept)
            self.set_timer(kept, "event.forget", self.now() + self.options.event_days * 86_400)

    def changed(self, kind: str, obj: Obj, before: Obj) -> None:
        """An update's event, which names what was there before; nothing happened if nothing changed."""
        previous = {name: before.get(name) for name, value in told(obj).items() if before.get(name) != value}
        if previous:
            self.store.save(obj)
            self.emit(kind, obj, previous)

    def snapshot(self, obj: Obj) -> Obj:
        found: Obj = msgspec.json.decode(_encoder.encode(told(obj)))
        return found

    def commit(self) -> None:
        if self._fresh:
            for watch in self.watchers:
                watch(self._fresh)
        self.store.commit()
        if self._fresh:
            self._outbox.extend(self._fresh)
            self._fresh.clear()
            for tell in self.committed:
                tell()

    def rollback(self) -> None:
        self.store.rollback()
        self._fresh.clear()

    def finish(self) -> None:
        """What was put off until after the answer."""
        while self.afterwards:
            self.afterwards.pop(0)()

    def take_events(self) -> list[Happened]:
        """What was committed since the last time."""
        taken, self._outbox = self._outbox, []
        return taken


def load_resources() -> None:
    """Their timers and hooks are registered when they are read."""
    importlib.import_module("directfanz.local.simulators.stripe.engine.resources")


def clock_of(obj: Obj) -> str | None:
    clock: str | None = obj[HIDDEN].get("clock")
    return clock

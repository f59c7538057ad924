"""Which endpoint still has to hear which event. Written with the event itself, so that a crash forgets nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, Happened
from directfanz.local.simulators.stripe.engine.endpoints import listening
from directfanz.local.simulators.stripe.store import Obj

PREFIX = "delivery_"


class Delivery(msgspec.Struct, frozen=True):
    name: str
    event: str
    url: str
    secret: str
    tries: int
    kind: str


class Outbox:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._new: list[str] = []
        engine.watchers.append(self._watch)
        self._left = [one["id"] for one in engine.store.everything() if one["id"].startswith(PREFIX)]

    def take_new(self) -> list[str]:
        """Deliveries to begin: those of the last commits, and those that an earlier process left."""
        taken, self._new = [*self._left, *self._new], []
        self._left = []
        return taken

    def find(self, name: str) -> tuple[Delivery, bytes] | None:
        """With the body; None if it is done, or if its event or endpoint is gone."""
        store = self._engine.store
        note = store.find(name)
        event = store.find(note["event"]) if note else None
        endpoint = store.find(note["endpoint"]) if note else None
        told = None
        if note and event and endpoint and endpoint["status"] == "enabled":
            delivery = Delivery(
                name, note["event"], endpoint["url"], endpoint[HIDDEN]["secret"], note["tries"], event["type"]
            )
            told = delivery, body_of(event)
        store.rollback()
        return told

    def failed(self, name: str) -> int:
        """How often it was tried by now."""
        note = self._engine.store.find(name)
        if note is None:
            return 0
        note["tries"] += 1
        self._engine.store.save(note)
        self._engine.commit()
        return int(note["tries"])

    def delivered(self, name: str) -> None:
        store = self._engine.store
        note = store.find(name)
        if note is None:
            return
        event = store.find(note["event"])
        if event is not None:
            event["pending_webhooks"] = max(event["pending_webhooks"] - 1, 0)
            store.save(event)
        store.remove(name)
        self._engine.commit()

    def double(self, name: str) -> str | None:
        """The same once more, on its own way."""
        note = self._engine.store.find(name)
        if note is None:
            return None
        twin = {**note, "id": f"{name}_again"}
        self._engine.store.save(twin)
        self._engine.commit()
        return str(twin["id"])

    def waiting(self) -> Iterator[Obj]:
        for one in self._engine.store.newest(PLATFORM, "note"):
            if one["id"].startswith(PREFIX):
                yield one
        self._engine.store.rollback()

    def send_again(self, event: str) -> int:
        """To every endpoint that hears such events, whether it heard this one or not."""
        store = self._engine.store
        found = store.find(event)
        if found is None or found["object"] != "event":
            return 0
        happened = Happened(event, found["type"], found.get("account", ""), found["created"], b"")
        count = self._write(happened, found)
        self._engine.commit()
        for tell in self._engine.committed:
            tell()
        return count

    def _watch(self, fresh: list[Happened]) -> None:
        for happened in fresh:
            event = self._engine.store.find(happened.id)
            if event is not None:
                self._write(happened, event)

    def _write(self, happened: Happened, event: Obj) -> int:
        endpoints = listening(self._engine, happened)
        for endpoint in endpoints:
            name = f"{PREFIX}{happened.id}_{endpoint['id']}"
            note = {"id": name, "object": "note", "event": happened.id, "endpoint": endpoint["id"], "tries": 0}
            self._engine.store.save(note | {HIDDEN: {"account": PLATFORM, "clock": None}})
            self._new.append(name)
        if endpoints:
            event["pending_webhooks"] = len(endpoints)
            self._engine.store.save(event)
        return len(endpoints)


def body_of(event: Obj) -> bytes:
    return msgspec.json.format(msgspec.json.encode({k: v for k, v in event.items() if k != HIDDEN}), indent=2)

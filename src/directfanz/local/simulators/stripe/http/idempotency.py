"""A call repeated with its key is answered as it was the first time: docs.stripe.com/api/idempotent_requests."""

from __future__ import annotations

import hashlib

from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.store import Obj

KEPT_SECONDS = 24 * 3600
MAX_KEY = 255


def name_of(account: str, key: str) -> str:
    return "idempotency_" + hashlib.sha256(f"{account}\0{key}".encode()).hexdigest()


def digest_of(method: str, path: str, body: str) -> str:
    return hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()


def earlier(engine: Engine, account: str, key: str, digest: str) -> Obj | None:
    """What was answered before. The same key with another question is refused."""
    if len(key) > MAX_KEY:
        raise Refusal(f"Idempotency-Key can be at most {MAX_KEY} characters.", kind="idempotency_error")
    found = engine.store.find(name_of(account, key))
    if found is None:
        return None
    if found["digest"] != digest:
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return found


def keep(engine: Engine, account: str, key: str, digest: str, status: int, body: str, request: str) -> None:
    note = {
        "id": name_of(account, key),
        "object": "note",
        "digest": digest,
        "status": status,
        "body": body,
        "request": request,
        HIDDEN: {"account": PLATFORM, "clock": None},
    }
    engine.store.save(note)
    engine.set_timer(note, "idempotency.forget", engine.now() + KEPT_SECONDS)


@on_timer("idempotency.forget")
def forget(engine: Engine, note: Obj) -> None:
    engine.store.remove(note["id"])

"""The nightly check, and the end of the chain put where a change to the database does not reach."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.audit import service
from directfanz.domains.audit.models import Seal
from directfanz.errors import NotFound, Rejected

log = logging.getLogger("directfanz.audit")
SEAL_KEY = "audit/seal.json"


class Check(msgspec.Struct, frozen=True):
    pass


async def _check(backends: Backends, payload: Check) -> None:
    checked = await service.check(backends, await _last_seal(backends))
    if not checked.whole:
        # A dead job is what an operator sees and is woken for; trying again would change nothing.
        raise Rejected(f"The audit log is broken at entry {checked.broken_at}. Compare it with a backup.")
    if checked.end is not None:
        body = msgspec.json.encode(checked.end)
        await backends.storage.bucket("backup").put(SEAL_KEY, body, content_type="application/json")
    log.info("the audit log is whole: %d entries", checked.entries)


async def _last_seal(backends: Backends) -> Seal | None:
    try:
        return msgspec.json.decode(await backends.storage.bucket("backup").get(SEAL_KEY), type=Seal)
    except NotFound:
        return None


CHECK = Job("audit.check_chain", Check, _check)
JOBS: list[Job[Any]] = [CHECK]
SCHEDULES = [Schedule(CHECK, "40 3 * * *")]

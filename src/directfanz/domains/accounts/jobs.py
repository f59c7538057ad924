"""Work of the worker: mails, sessions to forget, and what is swept away when its time is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.accounts.models import LINK_LIVES
from directfanz.domains.accounts.repository import access_tokens, email_requests, sessions, users
from directfanz.domains.accounts.service.avatars import REMOVE_AVATAR
from directfanz.domains.accounts.service.change import FORGET_SESSIONS
from directfanz.domains.accounts.service.letters import SEND_LINK, SEND_NOTICE

# What has ended is kept a little, for whoever asks what happened.
KEPT = timedelta(days=30)
ROWS_AT_ONCE = 1000


class Sweep(msgspec.Struct, frozen=True):
    pass


async def _sweep(backends: Backends, payload: Sweep) -> None:
    """In small transactions, until nothing is left."""
    now = backends.clock.now()
    for remove, before in (
        (users.remove_unverified, now - LINK_LIVES["verify"]),
        (users.remove_past_handles, now),
        (email_requests.remove_expired, now - KEPT),
        (sessions.remove_ended, now - KEPT),
        (access_tokens.remove_ended, now - KEPT),
    ):
        await _until_none(backends, remove, before)


async def _until_none(
    backends: Backends, remove: Callable[[Writer, datetime, int], Awaitable[int]], before: datetime
) -> None:
    removed = ROWS_AT_ONCE
    while removed == ROWS_AT_ONCE:
        async with backends.database.writing() as tx:
            removed = await remove(tx, before, ROWS_AT_ONCE)


SWEEP = Job("accounts.sweep", Sweep, _sweep)
JOBS: list[Job[Any]] = [SEND_LINK, SEND_NOTICE, FORGET_SESSIONS, REMOVE_AVATAR, SWEEP]
SCHEDULES = [Schedule(SWEEP, "17 * * * *")]

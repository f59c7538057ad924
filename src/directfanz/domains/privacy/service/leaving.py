"""Closing an account: at once for the world, after a time of grace for good."""

from __future__ import annotations

import logging
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.service import closing as accounts
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.audit import service as audit
from directfanz.domains.notifications import service as notifications
from directfanz.domains.privacy import repository
from directfanz.domains.privacy.contributors import CONTRIBUTORS
from directfanz.domains.privacy.errors import NotClosing
from directfanz.domains.privacy.models import GRACE, GRACE_DAYS, Closing
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

log = logging.getLogger("directfanz.privacy")
BUCKET = "private"


class RemoveExports(msgspec.Struct, frozen=True):
    keys: list[str]


async def close_account(backends: Backends, caller: Caller) -> Closing:
    """Signs out everywhere. The caller has just confirmed that it is them (the route's guard)."""
    user_id, now = caller.require_user(), backends.clock.now()
    async with changing(backends) as change:
        await accounts.begin_closing(change, user_id)
        await repository.insert_closing(change.tx, new_id(), user_id, now, now + GRACE)
        await notifications.notify(
            backends, change.tx, user_id, "privacy.account_closing", dedupe=f"closing-{now.isoformat()}",
            link="/settings/privacy", days=str(GRACE_DAYS),
        )  # fmt: skip
        await audit.record(change.tx, actor=user_id, action="privacy.closing_begun", target=user_id)
        return _there(await repository.find_closing(change.tx, user_id))


async def find_closing(backends: Backends, caller: Caller) -> Closing | None:
    async with backends.database.reading() as reader:
        return await repository.find_closing(reader, caller.require_user())


async def keep_account(backends: Backends, caller: Caller) -> None:
    user_id = caller.require_user()
    async with changing(backends) as change:
        if not await repository.end_closing(change.tx, user_id, "kept", backends.clock.now()):
            raise NotClosing("This account is not being closed.")
        await accounts.stay(change, user_id)
        await audit.record(change.tx, actor=user_id, action="privacy.closing_stopped", target=user_id)


async def erase_due(backends: Backends) -> None:
    async with backends.database.reading() as reader:
        due = await repository.due_closings(reader, backends.clock.now(), 1000)
    for closing in due:
        async with backends.database.writing() as tx:
            if await repository.end_due_closing(tx, closing.id, backends.clock.now()):
                await _erase(backends, tx, closing.user_id)
                log.info("erased the account %s", closing.user_id)


async def _erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    """All or nothing, in one transaction; files go by jobs that its commit starts."""
    exports = await repository.exports_of(tx, user_id, 1000)
    if exports:
        await backends.jobs.enqueue(tx, REMOVE_EXPORTS, RemoveExports([export.key for export in exports]))
    await repository.remove_exports_of(tx, user_id)
    for part in reversed(CONTRIBUTORS):
        await part.erase(backends, tx, user_id)
    await audit.record(tx, actor=None, action="privacy.erased", target=user_id)


async def _remove_exports(backends: Backends, payload: RemoveExports) -> None:
    await backends.storage.bucket(BUCKET).delete(*payload.keys)


def _there(closing: Closing | None) -> Closing:
    if closing is None:
        raise NotClosing("This account is not being closed.")
    return closing


REMOVE_EXPORTS = Job("privacy.remove_exports", RemoveExports, _remove_exports)

"""What a person shows, and how they like the pages."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Reader
from directfanz.domains.accounts.models import HANDLE_KEPT, Person, Theme, User
from directfanz.domains.accounts.policy.handles import checked_handle
from directfanz.domains.accounts.policy.words import checked_bio, checked_locale, checked_name, checked_timezone
from directfanz.domains.accounts.repository import people, users
from directfanz.domains.accounts.service import lockout
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.sign_up import handle_taken
from directfanz.errors import NotFound
from directfanz.http.caller import Caller

HANDLE_CHANGES_PER_DAY = 3


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True):
    """Only what is given changes."""

    display_name: str | None = None
    handle: str | None = None
    bio: str | None = None
    locale: str | None = None
    timezone: str | None = None
    theme: Theme | None = None
    listed: bool | None = None


async def profile_of(backends: Backends, user_id: UUID) -> User:
    async with backends.database.writing() as tx:
        user = await users.find_user(tx, user_id)
    if user is None:
        raise NotFound("This account is gone.")
    return user


async def change_profile(backends: Backends, caller: Caller, wanted: ProfileChange) -> User:
    user_id = caller.require_user()
    given = {name: value for name in wanted.__struct_fields__ if (value := getattr(wanted, name)) is not None}
    for name, check in _CHECKS.items():
        if name in given:
            given[name] = check(given[name])
    async with changing(backends) as change:
        user = await users.lock_user(change.tx, user_id)
        if user is None:
            raise NotFound("This account is gone.")
        changed = msgspec.structs.replace(user, **given)
        if changed == user:
            return user
        if changed.handle != user.handle:
            await _take_handle(change, user, changed.handle)
        await _update(change, changed)
        await change.refresh(user_id)
    return msgspec.structs.replace(changed, updated_at=backends.clock.now())


async def newest_people(reader: Reader, before: UUID | None, limit: int) -> list[Person]:
    """The public directory, newest first. For the hot read: one query, no account, no cache."""
    return await people.newest_people(reader, before, limit)


async def person_called(reader: Reader, handle: str) -> Person:
    """By the handle of today, or one that was given up within the last weeks."""
    found = await people.find_person(reader, handle.strip().removeprefix("@").lower()[:64])
    if found is None:
        raise NotFound("There is nobody of this name.")
    return found


async def _take_handle(change: Change, user: User, handle: str) -> None:
    backends, now = change.backends, change.backends.clock.now()
    await lockout.count(backends, "change-handle", str(user.id), HANDLE_CHANGES_PER_DAY, 86_400)
    if await users.handle_is_kept_by_other(change.tx, handle, user.id, now):
        raise handle_taken(handle)
    await users.keep_handle(change.tx, user.handle, user.id, now + HANDLE_KEPT)


async def _update(change: Change, user: User) -> None:
    try:
        await users.update_profile(change.tx, user, change.backends.clock.now())
    except ConstraintBroken as error:
        if error.constraint != "users_handle_key":
            raise
        raise handle_taken(user.handle) from None


_CHECKS = {
    "display_name": checked_name,
    "handle": checked_handle,
    "bio": checked_bio,
    "locale": checked_locale,
    "timezone": checked_timezone,
}

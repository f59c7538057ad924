"""Which doors an account has: read for the settings page, and before one of them is taken away."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.models import Security
from directfanz.domains.accounts.repository import factors, identities, passkeys, users
from directfanz.http.caller import Caller


async def security_of(backends: Backends, caller: Caller) -> Security:
    user_id, _ = policy.require_session(caller)
    async with backends.database.writing() as tx:
        return await security_in(tx, user_id)


async def security_in(tx: Reader, user_id: UUID) -> Security:
    totp = await factors.find_totp(tx, user_id)
    changed_at = await users.password_changed_at(tx, user_id)
    return Security(
        has_password=changed_at is not None,
        password_changed_at=changed_at,
        has_totp=totp is not None and totp.confirmed_at is not None,
        recovery_codes_left=await factors.count_recovery_codes(tx, user_id),
        passkeys=await passkeys.list_passkeys(tx, user_id),
        identities=await identities.list_identities(tx, user_id),
    )

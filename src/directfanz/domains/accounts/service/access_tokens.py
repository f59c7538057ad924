"""Personal access tokens: for programs, with only the scopes that their owner gave them, for a time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import TooManyOf
from directfanz.domains.accounts.models import SCOPES, TOKENS_PER_PERSON, AccessToken
from directfanz.domains.accounts.policy.words import checked_label
from directfanz.domains.accounts.repository import access_tokens, users
from directfanz.domains.accounts.service import letters
from directfanz.domains.accounts.service.authentication import TOKEN_PREFIX
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.accounts.service.secrets import token_hash
from directfanz.domains.audit import service as audit
from directfanz.errors import Forbidden, InvalidInput, NotFound
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id, new_token

LONGEST_DAYS = 366
HINT_LENGTH = len(TOKEN_PREFIX) + 4


class NewAccessToken(msgspec.Struct, frozen=True):
    """`secret` is shown this once."""

    token: AccessToken
    secret: str


async def make_token(backends: Backends, caller: Caller, name: str, scopes: list[str], days: int) -> NewAccessToken:
    now = backends.clock.now()
    user_id, _ = policy.require_fresh(caller, now)
    label, wanted = checked_label(name), _checked_scopes(scopes, caller)
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput.in_field("days", f"A token lives 1 to {LONGEST_DAYS} days.")
    secret = TOKEN_PREFIX + new_token()
    token = AccessToken(
        id=new_id(), name=label, hint=secret[:HINT_LENGTH], scopes=wanted, created_at=now,
        expires_at=now + timedelta(days=days), last_used_at=None,
    )  # fmt: skip
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        if len(await access_tokens.list_tokens(change.tx, user_id, now)) >= TOKENS_PER_PERSON:
            raise TooManyOf(f"You have {TOKENS_PER_PERSON} tokens. Revoke one that you no longer use.")
        await access_tokens.insert_token(change.tx, token, user_id, token_hash(secret))
        await letters.tell(backends, change.tx, user_id, "token_made")
        await audit.record(change.tx, actor=user_id, action="accounts.token_made", target=user_id)
    return NewAccessToken(token, secret)


async def list_tokens(backends: Backends, caller: Caller) -> list[AccessToken]:
    user_id, _ = policy.require_session(caller)
    async with backends.database.writing() as tx:
        return await access_tokens.list_tokens(tx, user_id, backends.clock.now())


async def revoke_token(backends: Backends, caller: Caller, token_id: UUID) -> None:
    user_id, _ = policy.require_session(caller)
    async with changing(backends) as change:
        hashed = await access_tokens.revoke_token(change.tx, user_id, token_id, backends.clock.now())
        if hashed is None:
            raise NotFound("This token is revoked already, or is not yours.")
        change.bury([hashed])
        await audit.record(change.tx, actor=user_id, action="accounts.token_revoked", target=user_id)


def _checked_scopes(scopes: list[str], caller: Caller) -> list[str]:
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown or not scopes:
        problem = f"There is no scope {unknown[0][:40]}." if unknown else "Choose what the token may do."
        raise InvalidInput.in_field("scopes", problem, f"Use some of: {', '.join(SCOPES)}.")
    if any(each.startswith("admin:") for each in scopes) and caller.role != "admin":
        raise Forbidden("Only an administrator can give a token the scopes that begin with admin:.")
    return sorted(set(scopes))

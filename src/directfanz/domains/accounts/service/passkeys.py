"""Passkeys: discoverable, with the person verified by the device, so one is enough to sign in.

A challenge travels through the browser in a signed ticket and is used up by the first answer that comes with it: nothing is
kept for people who only look at the page, and no answer opens twice.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import LinkInvalid, PasskeyRefused, TooManyOf
from directfanz.domains.accounts.models import PASSKEYS_PER_PERSON, Passkey, SignedIn, Visitor
from directfanz.domains.accounts.policy.words import checked_label
from directfanz.domains.accounts.repository import passkeys, users
from directfanz.domains.accounts.repository.passkeys import StoredPasskey
from directfanz.domains.accounts.service import letters, lockout, sign_in
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.secrets import opened_ticket, ticket
from directfanz.domains.accounts.service.security import security_in
from directfanz.domains.accounts.service.sessions import renew
from directfanz.domains.audit import service as audit
from directfanz.errors import NotFound
from directfanz.http.caller import Caller
from directfanz.http.limits import network_of
from directfanz.kit.ids import new_id, new_token

REGISTER, ASSERT = "passkey-register", "passkey-assert"
TICKET_LIVES = timedelta(minutes=5)
ASSERTIONS_PER_MINUTE = 30
LONGEST_CREDENTIAL_ID = 1023
_KNOWN_TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})
_REFUSED = "This passkey was not accepted. Try again, or sign in another way."


class Ceremony(msgspec.Struct, frozen=True):
    """`options` go to the browser's `navigator.credentials`; `ticket` comes back with its answer."""

    options: dict[str, Any]
    ticket: str


async def begin_passkey(backends: Backends, caller: Caller) -> Ceremony:
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    async with backends.database.writing() as tx:
        user = await users.find_user(tx, user_id)
        known = await passkeys.credential_ids(tx, user_id)
    if user is None:
        raise NotFound("This account is gone.")
    challenge = new_token()
    options = generate_registration_options(
        rp_id=_host(backends),
        rp_name=backends.settings.site_name,
        user_id=user_id.bytes,
        user_name=user.email or user.handle,
        user_display_name=user.display_name,
        challenge=challenge.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each, _ in known],
    )
    return _ceremony(backends, REGISTER, options, challenge, user_id.hex)


async def add_passkey(backends: Backends, caller: Caller, text: str, credential: dict[str, Any], name: str) -> Passkey:
    now = backends.clock.now()
    user_id, _ = policy.require_fresh(caller, now)
    label = checked_label(name)
    challenge = await _challenge(backends, REGISTER, text, user_id.hex)
    verified = _registered(backends, credential, challenge)
    key = StoredPasskey(new_id(), user_id, verified.credential_id, verified.credential_public_key, verified.sign_count)
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        if len(await passkeys.list_passkeys(change.tx, user_id)) >= PASSKEYS_PER_PERSON:
            raise TooManyOf(f"You have {PASSKEYS_PER_PERSON} passkeys. Remove one that you no longer use.")
        transports = _transports(credential)
        try:
            await passkeys.insert_passkey(change.tx, key, label, transports, verified.credential_backed_up, now)
        except ConstraintBroken:
            raise PasskeyRefused("This passkey is in use already.") from None
        await letters.tell(backends, change.tx, user_id, "passkey_added")
        await audit.record(change.tx, actor=user_id, action="accounts.passkey_added", target=user_id)
    return Passkey(id=key.id, name=label, backed_up=verified.credential_backed_up, created_at=now, last_used_at=None)


async def begin_passkey_sign_in(backends: Backends) -> Ceremony:
    """For signing in and for confirming alike; the device offers whom it knows."""
    challenge = new_token()
    options = generate_authentication_options(
        rp_id=_host(backends),
        challenge=challenge.encode(),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _ceremony(backends, ASSERT, options, challenge)


async def sign_in_with_passkey(
    backends: Backends, text: str, credential: dict[str, Any], visitor: Visitor, replaces: str | None = None
) -> SignedIn:
    await lockout.count(backends, "passkey", network_of(visitor.address), ASSERTIONS_PER_MINUTE, 60)
    challenge = await _challenge(backends, ASSERT, text)
    async with changing(backends) as change:
        owner = await _owner_of(change, credential, challenge)
        user = await sign_in.admit(change, owner, "passkey")
        return await sign_in.enter(change, user, "passkey", visitor, replaces)


async def confirm_with_passkey(backends: Backends, caller: Caller, text: str, credential: dict[str, Any]) -> str:
    user_id, _ = policy.require_session(caller)
    challenge = await _challenge(backends, ASSERT, text)
    async with changing(backends) as change:
        if await _owner_of(change, credential, challenge) != user_id:
            raise PasskeyRefused("This passkey belongs to another account.")
        return await renew(change, caller, confirmed=True)


async def rename_passkey(backends: Backends, caller: Caller, passkey_id: UUID, name: str) -> None:
    user_id, _ = policy.require_session(caller)
    label = checked_label(name)
    async with backends.database.writing() as tx:
        if not await passkeys.rename_passkey(tx, user_id, passkey_id, label):
            raise NotFound("There is no such passkey.")


async def remove_passkey(backends: Backends, caller: Caller, passkey_id: UUID) -> None:
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        security = await security_in(change.tx, user_id)
        if passkey_id not in {each.id for each in security.passkeys}:
            raise NotFound("There is no such passkey.")
        policy.require_another_way_in(security)
        await passkeys.remove_passkey(change.tx, user_id, passkey_id)
        await letters.tell(backends, change.tx, user_id, "passkey_removed")
        await audit.record(change.tx, actor=user_id, action="accounts.passkey_removed", target=user_id)


async def _owner_of(change: Change, credential: dict[str, Any], challenge: bytes) -> UUID:
    stored = await passkeys.find_by_credential(change.tx, _credential_id(credential))
    if stored is None or not _names(credential, stored.user_id):
        raise PasskeyRefused(_REFUSED)
    await users.lock_user(change.tx, stored.user_id)
    verified = _asserted(change.backends, credential, challenge, stored)
    count, now = verified.new_sign_count, change.backends.clock.now()
    if not await passkeys.use_passkey(change.tx, stored, count, verified.credential_backed_up, now):
        raise PasskeyRefused(_REFUSED)
    return stored.user_id


def _ceremony(backends: Backends, purpose: str, options: Any, challenge: str, *parts: str) -> Ceremony:
    expires = backends.clock.now() + TICKET_LIVES
    shown = msgspec.json.decode(options_to_json(options), type=dict[str, Any])
    return Ceremony(shown, ticket(backends.tokens, purpose, expires, challenge, *parts))


async def _challenge(backends: Backends, purpose: str, text: str, *parts: str) -> bytes:
    """Used up by this call."""
    found = opened_ticket(backends.tokens, purpose, text, backends.clock.now())
    if found is None or found[1:] != list(parts):
        raise LinkInvalid("This took too long. Try again.")
    mark = hashlib.sha256(found[0].encode()).hexdigest()[:32]
    lives = TICKET_LIVES.total_seconds() * 2
    if not await backends.cache.set(f"challenge:{mark}", 1, ttl_seconds=lives, only_if_absent=True):
        raise LinkInvalid("This was used already. Try again.")
    return found[0].encode()


def _registered(backends: Backends, credential: dict[str, Any], challenge: bytes) -> VerifiedRegistration:
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(backends),
            expected_origin=backends.settings.site_url,
            require_user_verification=True,
        )
    except Exception as error:  # a stranger's bytes break the library's parsers in more ways than it names
        raise PasskeyRefused(_REFUSED) from error
    if len(verified.credential_id) > LONGEST_CREDENTIAL_ID:
        raise PasskeyRefused(_REFUSED)
    return verified


def _asserted(
    backends: Backends, credential: dict[str, Any], challenge: bytes, stored: StoredPasskey
) -> VerifiedAuthentication:
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(backends),
            expected_origin=backends.settings.site_url,
            credential_public_key=stored.public_key,
            credential_current_sign_count=stored.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise PasskeyRefused(_REFUSED) from error


def _credential_id(credential: dict[str, Any]) -> bytes:
    try:
        return base64url_to_bytes(credential["rawId"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PasskeyRefused(_REFUSED) from error


def _names(credential: dict[str, Any], user_id: UUID) -> bool:
    """The device says whose key it is, unless it is an old one that does not know."""
    response = credential.get("response")
    told = response.get("userHandle") if isinstance(response, dict) else None
    return told is None or told == bytes_to_base64url(user_id.bytes)


def _transports(credential: dict[str, Any]) -> list[str]:
    response = credential.get("response")
    told = response.get("transports") if isinstance(response, dict) else None
    return [each for each in told if each in _KNOWN_TRANSPORTS] if isinstance(told, list) else []


def _host(backends: Backends) -> str:
    return urlsplit(backends.settings.site_url).hostname or ""

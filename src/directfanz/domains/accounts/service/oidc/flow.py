"""From "sign in with ..." to a session.

A subject that we know signs in. One that we do not know is somebody new, if the provider confirmed their address and no account
has it. If one has, nothing is linked by itself: its owner signs in first and then links. Otherwise whoever can make a
provider claim an address could take over its account.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import LinkInvalid, ProviderRefused, StateChanged
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn, Visitor
from directfanz.domains.accounts.policy.addresses import same_address, spoken_address
from directfanz.domains.accounts.repository import identities, users
from directfanz.domains.accounts.repository.identities import NewIdentity
from directfanz.domains.accounts.service import letters, sign_in
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.oidc.newcomers import make_person
from directfanz.domains.accounts.service.oidc.protocol import (
    Claims,
    Provider,
    authorization_url,
    configured,
    require_answer,
    secrets_of,
    verified,
)
from directfanz.domains.accounts.service.oidc.provider import client_of
from directfanz.domains.accounts.service.secrets import opened_ticket, ticket
from directfanz.domains.accounts.service.security import security_in
from directfanz.domains.accounts.service.sessions import renew
from directfanz.domains.audit import service as audit
from directfanz.errors import Conflict, NotFound
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id, new_token

FLOW, LINK = "oidc-flow", "oidc-link"
FLOW_LIVES = timedelta(minutes=10)
LINK_LIVES = timedelta(minutes=15)
# What the flow is for.
SIGN_IN, LINKING, CONFIRM = "sign_in", "link", "confirm"


class OidcStart(msgspec.Struct, frozen=True):
    """Send the browser to `url`, with `cookie` to bring back."""

    url: str
    cookie: str


class LinkNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """An account has this address. Its owner signs in, then `link_identity` with the ticket."""

    ticket: str
    label: str
    email: str


class Linked(msgspec.Struct, frozen=True):
    label: str


class Confirmed(msgspec.Struct, frozen=True):
    cookie: str


Outcome = SignedIn | SecondFactorNeeded | LinkNeeded | Linked | Confirmed


def providers(backends: Backends) -> list[Provider]:
    return list(_configured(backends).values())


async def begin_oidc(
    backends: Backends, name: str, *, caller: Caller | None = None, purpose: str = SIGN_IN
) -> OidcStart:
    """`caller` for linking (fresh) and confirming: the flow is then bound to that session."""
    provider, seed, session = _provider(backends, name), new_token(), ""
    now = backends.clock.now()
    if purpose != SIGN_IN:
        somebody = caller or Caller()
        check = policy.require_fresh(somebody, now) if purpose == LINKING else policy.require_session(somebody)
        session = str(check.session_id)
    found = await client_of(provider).discovery(backends)
    url = authorization_url(
        provider, found, secrets_of(backends.tokens, seed), _redirect(backends, provider),
        sign_in_again=purpose == CONFIRM,
    )  # fmt: skip
    return OidcStart(url, ticket(backends.tokens, FLOW, now + FLOW_LIVES, name, purpose, seed, session))


async def finish_oidc(
    backends: Backends,
    name: str,
    cookie: str | None,
    answer: dict[str, str],
    caller: Caller,
    visitor: Visitor,
    replaces: str | None = None,
) -> Outcome:
    provider = _provider(backends, name)
    purpose, seed, session = _opened(backends, name, cookie)
    claims = await _claims(backends, provider, seed, answer, purpose)
    if purpose == SIGN_IN:
        return await _sign_in(backends, provider, claims, visitor, replaces)
    if caller.session_id != session:
        raise ProviderRefused("You signed out meanwhile. Begin again.")
    if purpose == CONFIRM:
        return await _confirm(backends, provider, claims, caller)
    await _link(backends, caller, provider, claims.subject, claims.email)
    return Linked(provider.label)


async def link_identity(backends: Backends, caller: Caller, text: str) -> Linked:
    """After `LinkNeeded`: only to the account that has the address the provider confirmed."""
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    parts = opened_ticket(backends.tokens, LINK, text, backends.clock.now())
    if parts is None:
        raise LinkInvalid("This took too long. Begin again.")
    name, subject, email = parts
    async with backends.database.writing() as tx:
        user = await users.find_user(tx, user_id)
    if user is None or not same_address(user.email, email):
        raise LinkInvalid("You are signed in to another account than the one with this address.")
    provider = _provider(backends, name)
    await _link(backends, caller, provider, subject, email)
    return Linked(provider.label)


async def unlink_identity(backends: Backends, caller: Caller, identity_id: UUID) -> None:
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        security = await security_in(change.tx, user_id)
        if identity_id not in {each.id for each in security.identities}:
            raise NotFound("There is no such link.")
        policy.require_another_way_in(security)
        name = await identities.remove_identity(change.tx, user_id, identity_id)
        await letters.tell(backends, change.tx, user_id, "identity_unlinked", provider=_label(backends, name))
        await audit.record(change.tx, actor=user_id, action="accounts.identity_unlinked", target=user_id)


async def _claims(backends: Backends, provider: Provider, seed: str, answer: dict[str, str], purpose: str) -> Claims:
    client, secrets = client_of(provider), secrets_of(backends.tokens, seed)
    code = require_answer(await client.discovery(backends), secrets, answer)
    token = await client.exchange(backends, code, secrets.verifier, _redirect(backends, provider))
    keys = await client.keys_for(backends, token)
    again = purpose == CONFIRM
    return verified(provider, keys, token, secrets.nonce, backends.clock.now(), sign_in_again=again)


async def _sign_in(
    backends: Backends, provider: Provider, claims: Claims, visitor: Visitor, replaces: str | None
) -> Outcome:
    async with backends.database.writing() as tx:
        owner = await identities.find_owner(tx, provider.issuer, claims.subject)
        known = await users.find_credentials(tx, owner) if owner else None
        namesake = await users.find_by_email(tx, spoken_address(claims.email)) if claims.email else None
    if known is not None:
        return await _known(backends, provider, claims, known, visitor, replaces)
    if not claims.email or not claims.email_verified:
        raise ProviderRefused(
            f"{provider.label} has not confirmed your e-mail address. Confirm it there, or sign up with a password."
        )
    if namesake is not None:
        expires = backends.clock.now() + LINK_LIVES
        text = ticket(backends.tokens, LINK, expires, provider.name, claims.subject, claims.email)
        return LinkNeeded(ticket=text, label=provider.label, email=claims.email)
    async with changing(backends) as change:
        user = await make_person(change, claims)
        await _insert(change, user.id, provider, claims.subject, claims.email)
        return await sign_in.enter(change, user, "oidc", visitor, replaces)


async def _known(
    backends: Backends, provider: Provider, claims: Claims, known: users.Credentials, visitor: Visitor,
    replaces: str | None,
) -> Outcome:  # fmt: skip
    async with changing(backends) as change:
        await identities.use_identity(change.tx, provider.issuer, claims.subject, claims.email, backends.clock.now())
    return await sign_in.second_step_or_session(backends, known, "oidc", visitor, replaces)


async def _confirm(backends: Backends, provider: Provider, claims: Claims, caller: Caller) -> Confirmed:
    async with changing(backends) as change:
        if await identities.find_owner(change.tx, provider.issuer, claims.subject) != caller.user_id:
            raise ProviderRefused("This is somebody else at the provider. Choose the person who is linked here.")
        return Confirmed(await renew(change, caller, confirmed=True))


async def _link(backends: Backends, caller: Caller, provider: Provider, subject: str, email: str | None) -> None:
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    async with changing(backends) as change:
        user = await users.lock_user(change.tx, user_id)
        if user is None or user.status != "active":
            raise StateChanged("This account cannot be linked now.")
        await _insert(change, user_id, provider, subject, email)
        await letters.tell(backends, change.tx, user_id, "identity_linked", provider=provider.label)
        await audit.record(change.tx, actor=user_id, action="accounts.identity_linked", target=user_id)


async def _insert(change: Change, user_id: UUID, provider: Provider, subject: str, email: str | None) -> None:
    identity = NewIdentity(
        id=new_id(), user_id=user_id, provider=provider.name, issuer=provider.issuer, subject=subject,
        email=email[:254] if email else None,
    )  # fmt: skip
    try:
        await identities.insert_identity(change.tx, identity, change.backends.clock.now())
    except ConstraintBroken as error:
        if error.constraint == "identities_provider_key":
            raise Conflict(f"Your account is linked with {provider.label} already. Remove that link first.") from None
        raise Conflict(f"This person at {provider.label} is linked with another account.") from None


def _configured(backends: Backends) -> dict[str, Provider]:
    settings = backends.settings
    return configured(settings.oidc_providers or "", production=settings.environment == "production")


def _provider(backends: Backends, name: str) -> Provider:
    found = _configured(backends).get(name)
    if found is None:
        raise NotFound("There is no such provider.")
    return found


def _label(backends: Backends, name: str | None) -> str:
    found = _configured(backends).get(name or "")
    return found.label if found else name or "the provider"


def _redirect(backends: Backends, provider: Provider) -> str:
    return f"{backends.settings.site_url}/auth/oidc/{provider.name}/callback"


def _opened(backends: Backends, name: str, cookie: str | None) -> tuple[str, str, str]:
    parts = opened_ticket(backends.tokens, FLOW, cookie or "", backends.clock.now())
    if parts is None or parts[0] != name:
        raise ProviderRefused("This sign-in was begun in another browser or long ago. Begin again.")
    return parts[1], parts[2], parts[3]

"""What an operator does at the command line. Nothing here waits for a mail server: what a mail would carry is printed.

The audit log names nobody as the actor of these: whoever may run the command holds the installation's secrets.
"""

from __future__ import annotations

from urllib.parse import urlencode

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.errors import StateChanged
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.policy.addresses import checked_address, spoken_address
from directfanz.domains.accounts.policy.handles import checked_handle
from directfanz.domains.accounts.policy.passwords import require_good
from directfanz.domains.accounts.policy.words import checked_name
from directfanz.domains.accounts.repository import email_requests, factors, sessions, users
from directfanz.domains.accounts.service import admin, hashing, letters, lockout
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.secrets import link_token
from directfanz.domains.accounts.service.sign_up import insert_person, new_person
from directfanz.domains.accounts.service.verification import activate
from directfanz.domains.audit import service as audit
from directfanz.errors import NotFound
from directfanz.http.caller import Role
from directfanz.kit.ids import new_id


async def create_admin(backends: Backends, email: str, handle: str, name: str, password: str) -> User:
    """Confirmed at once."""
    address, wanted, shown = checked_address(email), checked_handle(handle), checked_name(name)
    require_good(password, address, wanted, shown)
    hashed = await hashing.hash_password(password)
    person = new_person(backends, address, wanted, shown)
    async with changing(backends) as change:
        await insert_person(change.tx, person)
        await users.set_password(change.tx, person.id, hashed, person.created_at)
        await activate(change.tx, person, backends)
        await users.set_role(change.tx, person.id, person.role, "admin", person.created_at)
        await audit.record(change.tx, actor=None, action="accounts.admin_created", target=person.id)
        return await _at(change.tx, wanted)


async def find(backends: Backends, who: str) -> User:
    """By address or handle; of several attempts with one address the account, else the newest."""
    async with backends.database.writing() as tx:
        return await _at(tx, who)


async def reset_link(backends: Backends, who: str) -> str:
    """The link that the mail would hold, for handing over another way."""
    async with changing(backends) as change:
        user = await _at(change.tx, who)
        request_id = new_id()
        await email_requests.insert_request(
            change.tx, request_id, "reset", user.email or "", user.id, backends.clock.now()
        )
        await audit.record(change.tx, actor=None, action="accounts.reset_link_made", target=user.id)
    token = link_token(backends.tokens, "reset", request_id)
    return f"{backends.settings.site_url}{letters.PATHS['reset']}?{urlencode({'token': token})}"


async def confirm_address(backends: Backends, who: str) -> User:
    """For a person whose mail does not arrive."""
    async with changing(backends) as change:
        user = await _at(change.tx, who)
        if user.status != "unverified":
            raise StateChanged("This address is confirmed already.")
        await activate(change.tx, user, backends)
        await audit.record(change.tx, actor=None, action="accounts.address_confirmed", target=user.id)
        return await _at(change.tx, user.handle)


async def unlock(backends: Backends, who: str) -> User:
    """Forgets how often wrong passwords and codes were typed."""
    user = await find(backends, who)
    await lockout.unlock(backends, user.id, user.email or "")
    return user


async def sign_out(backends: Backends, who: str) -> int:
    async with changing(backends) as change:
        user = await _at(change.tx, who)
        ended = await sessions.revoke_all(change.tx, user.id, backends.clock.now())
        change.end(ended)
        await audit.record(change.tx, actor=None, action="accounts.signed_out", target=user.id)
    return len(ended)


async def remove_second_step(backends: Backends, who: str) -> User:
    """For a person who lost the phone and the printed codes, after the operator made sure who they are."""
    async with changing(backends) as change:
        user = await _locked(change, who)
        if not await factors.remove_totp(change.tx, user.id):
            raise StateChanged("Two-step sign-in is off already.")
        await letters.tell(backends, change.tx, user.id, "totp_off")
        await audit.record(change.tx, actor=None, action="accounts.totp_off", target=user.id)
    return user


async def set_role(backends: Backends, who: str, role: Role) -> User:
    async with changing(backends) as change:
        await users.take_turn_on_admins(change.tx)
        user = await _locked(change, who)
        if user.role == role:
            return user
        await admin.require_another_admin(change, user)
        await admin.set_role(change, user, role)
        await audit.record(
            change.tx, actor=None, action="accounts.role_changed", target=user.id, before=user.role, after=role
        )
        return await _at(change.tx, user.handle)


async def _locked(change: Change, who: str) -> User:
    found = await _at(change.tx, who)
    return await users.lock_user(change.tx, found.id) or found


async def _at(tx: Writer, who: str) -> User:
    user = None
    if "@" in who.strip().lstrip("@"):
        address = spoken_address(who)
        user = await users.find_by_email(tx, address) or await users.find_any_unverified(tx, address)
    else:
        user = await users.find_by_handle(tx, who.strip().removeprefix("@"))
    if user is None or user.status == "erased":
        raise NotFound(f"There is no account {who}. Give its e-mail address or its handle.")
    return user

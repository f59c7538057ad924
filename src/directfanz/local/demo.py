"""Settles the demo people in a fresh installation, and Ada's page."""

from __future__ import annotations

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.service import hashing, sign_up, verification
from directfanz.local import demo_page
from directfanz.local.people import PASSWORD, PEOPLE, Person


async def seed(backends: Backends) -> None:
    """With verified addresses, so that they can sign in at once. Who is there already is left alone."""
    hashed = await hashing.hash_password(PASSWORD)
    async with backends.database.writing() as tx:
        for person in PEOPLE:
            await _settle(backends, tx, person, hashed)
    await demo_page.seed(backends)


async def _settle(backends: Backends, tx: Writer, person: Person, hashed: str) -> None:
    """As a sign-up, a verification and an operator would, but for the mails."""
    if await users.find_by_handle(tx, person.handle):
        return
    user = sign_up.new_person(backends, person.email, person.handle, person.name)
    await sign_up.insert_person(tx, user)
    await users.set_password(tx, user.id, hashed, user.created_at)
    await verification.activate(tx, user, backends)
    if person.role != user.role:
        await users.set_role(tx, user.id, user.role, person.role, user.created_at)

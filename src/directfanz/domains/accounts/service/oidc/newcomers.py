"""Somebody new, from what a provider tells of them."""

from __future__ import annotations

import secrets

from directfanz.domains.accounts.errors import EmailTaken, HandleTaken
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.policy.addresses import checked_address
from directfanz.domains.accounts.policy.handles import LONGEST, checked_handle, suggested
from directfanz.domains.accounts.policy.words import LONGEST_NAME, checked_name
from directfanz.domains.accounts.service.change import Change
from directfanz.domains.accounts.service.oidc.protocol import Claims
from directfanz.domains.accounts.service.sign_up import insert_person, new_person
from directfanz.domains.accounts.service.verification import activate
from directfanz.errors import InvalidInput

HANDLE_TRIES = 5


async def make_person(change: Change, claims: Claims) -> User:
    """Active at once: the provider confirmed the address. The handle is the nearest that is free, theirs to change."""
    address = checked_address(claims.email or "")
    name = _name(claims)
    wished = suggested(claims.username or claims.name or address.partition("@")[0])
    for handle in [wished, *(_with_digits(wished) for _ in range(HANDLE_TRIES - 1))]:
        person = new_person(change.backends, address, handle, name)
        try:
            async with change.tx.savepoint():
                await insert_person(change.tx, person)
        except HandleTaken:
            continue
        await activate(change.tx, person, change.backends)
        change.backends.telemetry.counter("sign_ups_total").add(1)
        return person
    raise EmailTaken("No free handle was found for you. Sign up with a password and choose one.")


def _name(claims: Claims) -> str:
    try:
        return checked_name((claims.name or "")[:LONGEST_NAME])
    except InvalidInput:
        return "New fan"


def _with_digits(handle: str) -> str:
    return checked_handle(f"{handle[: LONGEST - 7]}_{secrets.randbelow(900_000) + 100_000}")

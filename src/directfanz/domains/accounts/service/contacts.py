"""Where other domains reach somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts.models import MAY_SIGN_IN, Person
from directfanz.domains.accounts.policy.addresses import checked_address
from directfanz.domains.accounts.repository import people, users

__all__ = ["Contact", "checked_address", "contact_of", "people_of", "user_with_address", "zones_of"]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    email: str
    display_name: str
    locale: str
    timezone: str


async def contact_of(reader: Reader, user_id: UUID) -> Contact | None:
    """None for whoever is not to be written to: unproven, suspended, erased."""
    user = await users.find_user(reader, user_id)
    if user is None or user.email is None or user.status not in MAY_SIGN_IN:
        return None
    return Contact(email=user.email, display_name=user.display_name, locale=user.locale, timezone=user.timezone)


async def user_with_address(reader: Reader, email: str) -> UUID | None:
    """Who proved that an address is theirs. Not to be told to whoever typed the address."""
    user = await users.find_by_email(reader, email)
    return user.id if user is not None and user.status in MAY_SIGN_IN else None


async def people_of(reader: Reader, user_ids: Sequence[UUID]) -> Mapping[UUID, Person]:
    """As anybody sees them, by id; who is erased or gone is left out."""
    return {person.id: person for person in await people.persons(reader, user_ids)}


async def zones_of(reader: Reader, user_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Whose clock says what, by id."""
    return await users.zones_of(reader, user_ids)

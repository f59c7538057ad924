"""Where other domains reach somebody."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader
from directfanz.domains.accounts.models import MAY_SIGN_IN
from directfanz.domains.accounts.repository import users


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

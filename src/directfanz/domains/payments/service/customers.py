"""A person at the billing provider."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.accounts.service.contacts import contact_of
from directfanz.domains.payments.repository import people
from directfanz.errors import Conflict
from directfanz.http.caller import Caller


async def ensure(backends: Backends, user_id: UUID) -> str:
    """Asked twice it is one customer: the key is the person's."""
    async with backends.database.writing() as tx:
        known = await people.customer_of(tx, user_id)
        contact = await contact_of(tx, user_id)
    if known is not None:
        return known
    if contact is None:
        raise Conflict("Confirm your e-mail address first: receipts go there.")
    customer = await backends.billing.ensure_customer(
        email=contact.email, name=contact.display_name, metadata={"user": str(user_id)}, key=f"customer/{user_id}"
    )
    async with backends.database.writing() as tx:
        return await people.keep_customer(tx, user_id, customer, backends.clock.now())


async def portal(backends: Backends, caller: Caller, back: str = "/money") -> str:
    """The provider's page where somebody changes their cards."""
    customer = await ensure(backends, caller.require_user())
    return await backends.billing.portal(customer, backends.settings.site_url + back)

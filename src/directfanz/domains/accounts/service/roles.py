"""What other domains may do about a person's role, inside their own change."""

from __future__ import annotations

from uuid import UUID

from directfanz.domains.accounts.errors import StateChanged
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.service.change import Change
from directfanz.errors import NotFound


async def become_creator(change: Change, user_id: UUID) -> User:
    """A fan is a creator from now on; whoever is more stays it. Sessions go on: what a page's team may do is asked of the team, so
    this role opens nothing by itself."""
    user = await users.lock_user(change.tx, user_id)
    if user is None or user.status == "erased":
        raise NotFound("This account is gone.")
    if user.status != "active":
        raise StateChanged("Only an active account can have a page. Keep your account first.")
    if user.role == "fan":
        await users.set_role(change.tx, user_id, "fan", "creator", change.backends.clock.now())
        await change.refresh(user_id)
    return user

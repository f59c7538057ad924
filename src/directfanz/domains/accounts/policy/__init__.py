"""Who may do what to an account, and what an account may be called."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from directfanz.domains.accounts.errors import LastWayIn, StateChanged
from directfanz.domains.accounts.models import TRANSITIONS, Security, Status
from directfanz.errors import Forbidden
from directfanz.http.caller import Caller, ConfirmFirst


class InSession(NamedTuple):
    """Somebody in a browser."""

    user_id: UUID
    session_id: UUID


def require_session(caller: Caller) -> InSession:
    """What changes credentials is closed to access tokens: a leaked one must not be able to dig itself in."""
    user_id = caller.require_user()
    if caller.session_id is None:
        raise Forbidden("No access token may do this. Use the pages, signed in.")
    return InSession(user_id, UUID(caller.session_id))


def require_fresh(caller: Caller, now: datetime) -> InSession:
    """The person showed within the last minutes that it is them, not somebody at their open browser."""
    somebody = require_session(caller)
    if not caller.is_fresh(now):
        raise ConfirmFirst("Confirm that it is you, then try again.")
    return somebody


def require_admin(caller: Caller) -> UUID:
    user_id = caller.require_user()
    if caller.role != "admin":
        raise Forbidden("This needs the role admin.")
    return user_id


def require_not_self(actor: UUID, target: UUID) -> None:
    if actor == target:
        raise Forbidden("You cannot do this to your own account. Ask another administrator.")


def require_transition(old: Status, new: Status) -> None:
    if new not in TRANSITIONS[old]:
        raise StateChanged(f"An account that is {old} cannot become {new}.")


def require_another_way_in(security: Security) -> None:
    """Taking away the last credential would lock its owner out for good."""
    if security.ways_in <= 1:
        raise LastWayIn("This is the only way into your account. Add a password or a passkey first.")

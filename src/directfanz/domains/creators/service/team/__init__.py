"""Who runs a page.

creator = await team.require(tx, caller, creator_id, "tiers")
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.models import Creator, Right, TeamRole
from directfanz.domains.creators.policy import may, require_right
from directfanz.domains.creators.repository import team
from directfanz.domains.creators.service.lookup import no_such_creator
from directfanz.http.caller import Caller

__all__ = ["may", "require", "require_any", "role_of", "roles_among"]


async def require(reader: Reader, caller: Caller, creator_id: UUID, right: Right) -> Creator:
    """The page, for somebody of its team who holds the right; else an error that says who does."""
    creator, role = await _found(reader, caller, creator_id)
    require_right(role, right)
    return creator


async def require_any(reader: Reader, caller: Caller, creator_id: UUID) -> tuple[Creator, TeamRole]:
    """For what the whole team may see."""
    creator, role = await _found(reader, caller, creator_id)
    if role is None:
        raise no_such_creator()
    return creator, role


async def role_of(reader: Reader, caller: Caller, creator_id: UUID) -> TeamRole | None:
    """None for everybody who is not in the team."""
    return await team.role_of(reader, creator_id, caller.user_id) if caller.user_id else None


async def roles_among(
    reader: Reader, user_ids: Sequence[UUID], creator_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], TeamRole]:
    """What these people are in these pages' teams, by person and page; nothing for whoever is in none."""
    return await team.roles_among(reader, user_ids, creator_ids)


async def people_of(reader: Reader, creator_id: UUID) -> list[UUID]:
    """Everybody of the team, the owner first. For telling them; it says nothing of their rights."""
    return [user_id for user_id, _, _ in await team.user_ids(reader, creator_id)]


async def _found(reader: Reader, caller: Caller, creator_id: UUID) -> tuple[Creator, TeamRole | None]:
    found = await team.find_with_role(reader, creator_id, caller.require_user())
    if found is None or found[0].state == "closed":
        raise no_such_creator()
    return found

"""Who moderates a room: the team of its page, and teams that were let in beside it (co-hosts)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.chat.models import Room
from directfanz.domains.chat.repository import rooms
from directfanz.domains.creators.models import TeamRole
from directfanz.domains.creators.service import team
from directfanz.http.caller import Caller


async def role_in(reader: Reader, caller: Caller, room: Room) -> TeamRole | None:
    """None for everybody who only takes part."""
    if caller.user_id is None:
        return None
    own = await team.role_of(reader, caller, room.creator_id)
    if own is not None:
        return own
    pages = await rooms.guests(reader, room.id)
    for page in pages if pages else ():
        role = await team.role_of(reader, caller, page)
        if role is not None and team.may(role, "moderate"):
            return role
    return None


async def roles_in(reader: Reader, user_ids: Sequence[UUID], room: Room) -> dict[UUID, TeamRole]:
    """As `role_in`, of many people at once; nothing for those who only take part."""
    pages = await rooms.guests(reader, room.id)
    found = await team.roles_among(reader, user_ids, [room.creator_id, *pages])
    roles = {user_id: role for (user_id, page), role in found.items() if page == room.creator_id}
    for (user_id, _), role in found.items():
        if team.may(role, "moderate"):
            roles.setdefault(user_id, role)
    return roles


async def require_moderator(reader: Reader, caller: Caller, room: Room) -> None:
    role = await role_in(reader, caller, room)
    if role is None or not team.may(role, "moderate"):
        await team.require(reader, caller, room.creator_id, "moderate")

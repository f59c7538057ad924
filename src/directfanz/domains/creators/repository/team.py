"""`creator_members`, `creator_invitations` and `creator_handovers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.creators.models import Creator, Handover, Invitation, TeamRole
from directfanz.domains.creators.repository.pages import COLUMNS, creator_of

_INVITATION = "id, creator_id, email, role, invited_by, created_at, expires_at, answered_at"


async def add(tx: Writer, creator_id: UUID, user_id: UUID, role: TeamRole, now: datetime) -> bool:
    """False when they are in already. A second owner raises `creator_members_one_owner`."""
    added = await tx.execute(
        """INSERT INTO creator_members (creator_id, user_id, role, since) VALUES ($1, $2, $3, $4)
           ON CONFLICT (creator_id, user_id) DO NOTHING""",
        creator_id, user_id, role, now,
    )  # fmt: skip
    return added == 1


async def set_role(tx: Writer, creator_id: UUID, user_id: UUID, old: TeamRole, new: TeamRole) -> bool:
    changed = await tx.execute(
        "UPDATE creator_members SET role = $4 WHERE creator_id = $1 AND user_id = $2 AND role = $3",
        creator_id, user_id, old, new,
    )  # fmt: skip
    return changed == 1


async def remove(tx: Writer, creator_id: UUID, user_id: UUID) -> bool:
    """Never the owner: a page without one belongs to nobody."""
    sql = "DELETE FROM creator_members WHERE creator_id = $1 AND user_id = $2 AND role <> 'owner'"
    return await tx.execute(sql, creator_id, user_id) == 1


async def role_of(reader: Reader, creator_id: UUID, user_id: UUID) -> TeamRole | None:
    sql = "SELECT role FROM creator_members WHERE creator_id = $1 AND user_id = $2"
    found: TeamRole | None = await reader.fetch_value(sql, creator_id, user_id)
    return found


async def roles_among(
    reader: Reader, user_ids: Sequence[UUID], creator_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], TeamRole]:
    """By person and page. Key: creator_members_pkey."""
    sql = "SELECT user_id, creator_id, role FROM creator_members WHERE user_id = ANY($1) AND creator_id = ANY($2)"
    return {(row[0], row[1]): row[2] for row in await reader.fetch(sql, list(user_ids), list(creator_ids))}


async def find_with_role(reader: Reader, creator_id: UUID, user_id: UUID) -> tuple[Creator, TeamRole | None] | None:
    """Keys: creators_pkey, creator_members_pkey."""
    row = await reader.fetch_row(
        f"""SELECT {COLUMNS}, m.role AS team_role FROM creators c
            LEFT JOIN creator_members m ON m.creator_id = c.id AND m.user_id = $2 WHERE c.id = $1""",  # noqa: S608 - our own columns
        creator_id, user_id,
    )  # fmt: skip
    return _with_role(row) if row else None


async def of_user(reader: Reader, user_id: UUID) -> list[tuple[Creator, TeamRole]]:
    """Their own first, then the oldest. Index: creator_members_of."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS}, m.role AS team_role FROM creator_members m JOIN creators c ON c.id = m.creator_id
            WHERE m.user_id = $1 AND c.state <> 'closed' ORDER BY m.role <> 'owner', c.id""",  # noqa: S608
        user_id,
    )
    return [(creator_of(row), row["team_role"]) for row in rows]


async def owner_of(reader: Reader, creator_id: UUID) -> UUID | None:
    """Index: creator_members_one_owner."""
    sql = "SELECT user_id FROM creator_members WHERE creator_id = $1 AND role = 'owner'"
    found: UUID | None = await reader.fetch_value(sql, creator_id)
    return found


async def count_owned(tx: Reader, user_id: UUID) -> int:
    return int(
        await tx.fetch_value("SELECT count(*) FROM creator_members WHERE user_id = $1 AND role = 'owner'", user_id)
    )


async def count_members(tx: Reader, creator_id: UUID) -> int:
    return int(await tx.fetch_value("SELECT count(*) FROM creator_members WHERE creator_id = $1", creator_id))


async def user_ids(reader: Reader, creator_id: UUID) -> list[tuple[UUID, TeamRole, datetime]]:
    """The owner first, then who came first."""
    rows = await reader.fetch(
        """SELECT user_id, role, since FROM creator_members WHERE creator_id = $1
           ORDER BY role <> 'owner', since, user_id""",
        creator_id,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def leave_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM creator_handovers WHERE user_id = $1", user_id)
    await tx.execute("UPDATE creator_invitations SET invited_by = NULL WHERE invited_by = $1", user_id)
    await tx.execute("DELETE FROM creator_members WHERE user_id = $1", user_id)


async def invite(tx: Writer, asked: Invitation) -> None:
    """One that waits for the same address already raises `creator_invitations_open`."""
    await tx.execute(
        """INSERT INTO creator_invitations (id, creator_id, email, role, invited_by, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        asked.id, asked.creator_id, asked.email, asked.role, asked.invited_by, asked.created_at, asked.expires_at,
    )  # fmt: skip


async def find_invitation(reader: Reader, invitation_id: UUID) -> Invitation | None:
    row = await reader.fetch_row(f"SELECT {_INVITATION} FROM creator_invitations WHERE id = $1", invitation_id)  # noqa: S608
    return _invitation(row) if row else None


async def open_invitations(reader: Reader, creator_id: UUID, now: datetime) -> list[Invitation]:
    """Newest first. Index: creator_invitations_open."""
    rows = await reader.fetch(
        f"""SELECT {_INVITATION} FROM creator_invitations
            WHERE creator_id = $1 AND answered_at IS NULL AND expires_at > $2 ORDER BY id DESC""",  # noqa: S608
        creator_id, now,
    )  # fmt: skip
    return [_invitation(row) for row in rows]


async def invitations_to(reader: Reader, email: str, now: datetime) -> list[Invitation]:
    """Index: creator_invitations_to."""
    rows = await reader.fetch(
        f"""SELECT {_INVITATION} FROM creator_invitations i
            WHERE email = $1 AND answered_at IS NULL AND expires_at > $2
              AND EXISTS (SELECT 1 FROM creators c WHERE c.id = i.creator_id AND c.state <> 'closed')
            ORDER BY id DESC""",  # noqa: S608
        email, now,
    )  # fmt: skip
    return [_invitation(row) for row in rows]


async def answer(tx: Writer, invitation_id: UUID, said: str, now: datetime) -> bool:
    """False when it was answered or ran out before: a link works once."""
    answered = await tx.execute(
        """UPDATE creator_invitations SET answered_at = $3, answer = $2
           WHERE id = $1 AND answered_at IS NULL AND expires_at > $3""",
        invitation_id, said, now,
    )  # fmt: skip
    return answered == 1


async def take_back_old(tx: Writer, creator_id: UUID, email: str, now: datetime) -> None:
    """A new invitation replaces the one that waits: one link works at a time."""
    await tx.execute(
        """UPDATE creator_invitations SET answered_at = $3, answer = 'taken_back'
           WHERE creator_id = $1 AND email = $2 AND answered_at IS NULL""",
        creator_id, email, now,
    )  # fmt: skip


async def take_back_invitation(tx: Writer, creator_id: UUID, invitation_id: UUID, now: datetime) -> bool:
    taken = await tx.execute(
        """UPDATE creator_invitations SET answered_at = $3, answer = 'taken_back'
           WHERE id = $2 AND creator_id = $1 AND answered_at IS NULL""",
        creator_id, invitation_id, now,
    )  # fmt: skip
    return taken == 1


async def all_invitations_to(reader: Reader, email: str) -> list[Invitation]:
    rows = await reader.fetch(f"SELECT {_INVITATION} FROM creator_invitations WHERE email = $1 ORDER BY id", email)  # noqa: S608
    return [_invitation(row) for row in rows]


async def forget_invitations_to(tx: Writer, email: str) -> None:
    await tx.execute("DELETE FROM creator_invitations WHERE email = $1", email)


async def offer_handover(tx: Writer, offered: Handover) -> None:
    """One at a time: a new offer replaces the one before."""
    await tx.execute(
        """INSERT INTO creator_handovers (creator_id, user_id, offered_at, expires_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (creator_id) DO UPDATE SET user_id = $2, offered_at = $3, expires_at = $4""",
        offered.creator_id, offered.user_id, offered.offered_at, offered.expires_at,
    )  # fmt: skip


async def find_handover(reader: Reader, creator_id: UUID, now: datetime) -> Handover | None:
    row = await reader.fetch_row(
        """SELECT creator_id, user_id, offered_at, expires_at FROM creator_handovers
           WHERE creator_id = $1 AND expires_at > $2""",
        creator_id, now,
    )  # fmt: skip
    return msgspec.convert(dict(row), Handover) if row else None


async def withdraw_handover(tx: Writer, creator_id: UUID, user_id: UUID) -> None:
    await tx.execute("DELETE FROM creator_handovers WHERE creator_id = $1 AND user_id = $2", creator_id, user_id)


async def end_handover(tx: Writer, creator_id: UUID) -> None:
    await tx.execute("DELETE FROM creator_handovers WHERE creator_id = $1", creator_id)


def _with_role(row: Row) -> tuple[Creator, TeamRole | None]:
    return creator_of(row), row["team_role"]


def _invitation(row: Row) -> Invitation:
    return msgspec.convert(dict(row), Invitation)

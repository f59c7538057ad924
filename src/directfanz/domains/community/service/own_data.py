"""What this domain knows of a person, for their export; and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.community.repository import blocks, comments, reactions

TABLES = frozenset({"comments", "reactions", "blocks", "comment_reports"})


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    return {
        "What you said": [
            {"post": each.post_id, "at": each.created_at, "words": each.body, "state": each.state}
            for each in await comments.written_by(reader, user_id)
        ],
        "How you reacted": [
            {"post": post_id, "comment": comment_id, "with": kind, "at": at}
            for post_id, comment_id, kind, at in await reactions.of_user(reader, user_id)
        ],
        "People you blocked": [
            {"person": other, "since": since} for other, since in await blocks.by_person(reader, user_id)
        ],
        "Comments you reported": [
            {"comment": comment_id, "why": reason, "at": at}
            for comment_id, reason, at in await comments.reported_by(reader, user_id)
        ],
    }


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    """Their words and signs go; where others answered them, a gap stays. What was counted is counted anew at once."""
    touched = await comments.forget_author(tx, user_id) + await reactions.remove_all_of(tx, user_id)
    await reactions.recount(tx, sorted(set(touched)))
    await blocks.remove_all(tx, user_id)

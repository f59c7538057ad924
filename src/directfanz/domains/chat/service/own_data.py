"""What this domain knows of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.chat.repository import bans, emotes, events, polls

TABLES = frozenset({"chat_events", "chat_bans", "polls", "poll_votes", "chat_emotes"})


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    return {
        "What you said in chats": [
            {"at": each.said_at, "words": each.body} for each in await events.all_by(reader, user_id) if each.body
        ],
        "Where you were asked to be silent": [
            {"from": each.created_at, "until": each.lifted_at or each.until, "reason": each.reason}
            for each in await bans.of_person(reader, user_id)
        ],
        "How you voted in polls": [
            {"question": question, "answer": answer, "at": at}
            for question, answer, at in await polls.votes_of_person(reader, user_id)
        ],
    }


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    await events.forget_words(tx, user_id)
    await polls.forget(tx, user_id)
    await bans.forget(tx, user_id)
    await emotes.forget_maker(tx, user_id)

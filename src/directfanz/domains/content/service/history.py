"""What a post said before, and what changed: for its team."""

from __future__ import annotations

import re
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.content.models import Words
from directfanz.domains.content.repository import revisions
from directfanz.domains.content.service.writing import mine
from directfanz.http.caller import Caller

MOST_STEPS = 50
# Beyond this a comparison word by word takes too long; lines do.
MOST_WORDS = 4000
How = Literal["same", "gone", "new"]


class Piece(msgspec.Struct, frozen=True):
    how: How
    text: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One version, and how it came from the one before. The first has nothing before it."""

    revision: int
    at: datetime
    by: str
    title: list[Piece]
    body: list[Piece]
    teaser: list[Piece]
    access: str | None
    first: bool


async def of_post(backends: Backends, caller: Caller, post_id: UUID) -> list[Step]:
    """The newest first."""
    async with backends.database.writing() as tx:
        await mine(tx, caller, post_id)
        rows = await revisions.of_post(tx, post_id, MOST_STEPS + 1)
        people = await people_of(tx, [row.by_user for row in rows if row.by_user])
    steps = []
    for at, row in enumerate(rows[:MOST_STEPS]):
        before = rows[at + 1].words if at + 1 < len(rows) else None
        who = people.get(row.by_user) if row.by_user else None
        name = who.display_name if who else "Somebody"
        steps.append(_step(row.revision, row.at, name, before, row.words))
    return steps


def _step(revision: int, at: datetime, by: str, before: Words | None, after: Words) -> Step:
    old = before or after
    return Step(
        revision=revision, at=at, by=by, title=changes(old.title, after.title), body=changes(old.body, after.body),
        teaser=changes(old.teaser, after.teaser), access=after.access if old.access != after.access else None, first=before is None,
    )  # fmt: skip


def changes(old: str, new: str) -> list[Piece]:
    """Word by word, or line by line where there is much. Put together, what is the same and new is the new text."""
    if old == new:
        return [Piece("same", new)] if new else []
    cut = (
        re.compile(r"\s+|[^\s]+")
        if len(old.split()) + len(new.split()) < MOST_WORDS
        else re.compile(r"[^\n]*\n|[^\n]+")
    )
    a, b = cut.findall(old), cut.findall(new)
    found: list[Piece] = []
    for what, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece("same", "".join(a[i:j])))
        else:
            found += [Piece(how, text) for how, text in (("gone", "".join(a[i:j])), ("new", "".join(b[k:m]))) if text]  # type: ignore[arg-type]
    return found

"""Who is told of what was said."""

from __future__ import annotations

import re
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.community.models import Comment
from directfanz.domains.community.service import blocks
from directfanz.domains.content.models import Post
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.notifications.service import notify

BEGINNING = 120


async def said(
    backends: Backends, tx: Writer, creator: Creator, post: Post, comment: Comment, parent: Comment | None
) -> None:
    """Once it can be seen: whoever it answers, and the page; the page also when it is named."""
    link, name = link_to(creator, comment), await _name(tx, comment)
    facts = {"name": name, "title": post.title, "words": beginning(comment.body)}
    answered = parent.author_id if parent is not None else None
    if answered is not None and not await _are_apart(tx, answered, comment):
        await notify(backends, tx, answered, "community.reply", dedupe=f"reply {comment.id}", link=link, **facts)
    if not comment.by_team:
        owner = await lookup.owner_of(tx, creator.id)
        if owner != answered:
            kind = "community.mentioned" if names(comment.body, creator) else "community.comment"
            await notify(backends, tx, owner, kind, dedupe=f"comment {comment.id}", link=link, **facts)


async def held(backends: Backends, tx: Writer, creator: Creator, post: Post, comment: Comment) -> None:
    owner = await lookup.owner_of(tx, creator.id)
    await notify(
        backends, tx, owner, "community.held", dedupe=f"held {comment.id}", link=f"/studio/{creator.slug}/comments",
        name=await _name(tx, comment), title=post.title, words=beginning(comment.body),
    )  # fmt: skip


async def hearted(backends: Backends, tx: Writer, creator: Creator, post: Post, comment: Comment) -> None:
    if comment.author_id is not None:
        await notify(
            backends, tx, comment.author_id, "community.hearted", dedupe=f"heart {comment.id}", link=link_to(creator, comment),
            page=creator.name, words=beginning(comment.body),
        )  # fmt: skip


def names(body: str, creator: Creator) -> bool:
    """`@ada`: the page, by its address."""
    return re.search(rf"(?i)(?<![\w@])@{re.escape(creator.slug)}(?![\w-])", body) is not None


def link_to(creator: Creator, comment: Comment) -> str:
    return f"{creator.path}/posts/{comment.post_id}/comments?comment={comment.id}#comment-{comment.id}"


def beginning(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= BEGINNING else plain[: BEGINNING - 1].rsplit(" ", 1)[0] + "…"


async def _are_apart(tx: Writer, answered: UUID, comment: Comment) -> bool:
    """Also from oneself: nobody is told of their own answer."""
    who = comment.author_id
    return who is None or who == answered or await blocks.between(tx, answered, who)


async def _name(tx: Writer, comment: Comment) -> str:
    if comment.author_id is None:
        return "Somebody"
    found = (await people_of(tx, [comment.author_id])).get(comment.author_id)
    return found.display_name if found else "Somebody"

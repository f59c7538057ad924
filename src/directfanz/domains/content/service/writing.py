"""What a team does to its posts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.content import repository
from directfanz.domains.content.errors import EditedMeanwhile, NoSuchPost, StateChanged, TooManyOf
from directfanz.domains.content.models import POSTS_PER_PAGE, TRANSITIONS, Post, State
from directfanz.domains.content.policy import checked
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import team
from directfanz.domains.entitlements.models import Access
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of what its author writes. `price` is in minor units of the page's currency."""

    title: str
    teaser: str = ""
    body: str = ""
    access: Access = "public"
    min_rank: int | None = None
    price: int | None = None


async def begin(backends: Backends, caller: Caller, creator_id: UUID, wanted: Draft) -> Post:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "posts")
        if sum((await repository.count_by_state(tx, creator_id)).values()) >= POSTS_PER_PAGE:
            raise TooManyOf(f"A page holds at most {POSTS_PER_PAGE} posts. Remove some you do not need.")
        post = Post(
            id=new_id(), creator_id=creator_id, author_id=caller.user_id, currency=creator.currency, state="draft",
            revision=1, published_at=None, removed_at=None, created_at=now, updated_at=now,
            **msgspec.structs.asdict(checked(wanted, creator.currency)),
        )  # fmt: skip
        await repository.insert(tx, post)
    return post


async def change(backends: Backends, caller: Caller, post_id: UUID, wanted: Draft, revision: int) -> Post:
    """`revision` is the one that its author saw: whoever saved in between is not written over."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        post, creator = await _mine(tx, caller, post_id)
        words = msgspec.structs.asdict(checked(wanted, creator.currency))
        changed = msgspec.structs.replace(post, revision=revision, **words)
        if not await repository.update(tx, changed, now):
            raise EditedMeanwhile(
                "Somebody else saved this post since you opened it. Copy your words, open it again, and bring them together."
            )
    return msgspec.structs.replace(changed, revision=revision + 1, updated_at=now)


async def publish(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    return await _move(backends, caller, post_id, "published")


async def take_down(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    """Back to a draft: only the team sees it, and who bought it."""
    return await _move(backends, caller, post_id, "draft")


async def remove(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    """It can be fetched back for a month."""
    return await _move(backends, caller, post_id, "removed")


async def fetch_back(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    """As a draft."""
    return await _move(backends, caller, post_id, "draft")


async def for_team(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    async with backends.database.writing() as tx:
        return (await _mine(tx, caller, post_id))[0]


async def list_for_team(
    backends: Backends, caller: Caller, creator_id: UUID, state: State | None, before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Post]:  # fmt: skip
    """The last changed first."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await repository.of_studio(tx, creator_id, state, before, limit)


async def _move(backends: Backends, caller: Caller, post_id: UUID, new: State) -> Post:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        post, _ = await _mine(tx, caller, post_id)
        if post.state == new:
            return post
        if new not in TRANSITIONS[post.state]:
            raise StateChanged(f"A post that is {post.state} cannot become {new}.")
        if not await repository.move(tx, post_id, post.state, new, now):
            raise StateChanged("The post was changed meanwhile. Look again.")
        if new == "removed":
            await audit.record(
                tx, actor=caller.user_id, action="content.removed", target=post.creator_id, post=str(post_id)
            )
        moved = await repository.find(tx, post_id)
    return moved or post


async def _mine(tx: Writer, caller: Caller, post_id: UUID) -> tuple[Post, Creator]:
    post = await repository.find(tx, post_id)
    if post is None:
        raise NoSuchPost("There is no such post.")
    return post, await team.require(tx, caller, post.creator_id, "posts")

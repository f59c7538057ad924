"""What a team does to its posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.content.errors import EditedMeanwhile, NoSuchPost, StateChanged, TooManyOf
from directfanz.domains.content.models import (
    MOST_PINNED,
    POSTS_PER_PAGE,
    TRANSITIONS,
    Attachment,
    CommentsPolicy,
    ContentWarning,
    Kind,
    Post,
    Stage,
    State,
    words_of,
)
from directfanz.domains.content.policy import checked, moment_to_publish, require_publishable
from directfanz.domains.content.repository import posts, revisions
from directfanz.domains.content.service import attaching
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
    kind: Kind = "post"
    access: Access = "public"
    min_rank: int | None = None
    price: int | None = None
    drip_days: int = 0
    warnings: Sequence[ContentWarning] = ()
    comments: CommentsPolicy = "open"
    # None: they stay as they are.
    assets: Sequence[Attachment] | None = None


async def begin(
    backends: Backends, caller: Caller, creator_id: UUID, wanted: Draft, ticket_id: UUID | None = None
) -> Post:
    """`ticket_id` is something sold before that this belongs to: whoever bought that buys nothing again."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "posts")
        if sum((await posts.count_by_stage(tx, creator_id, now)).values()) >= POSTS_PER_PAGE:
            raise TooManyOf(f"A page holds at most {POSTS_PER_PAGE} posts. Remove some you do not need.")
        post = Post(
            id=new_id(), creator_id=creator_id, author_id=caller.user_id, currency=creator.currency, state="draft",
            revision=1, publish_at=None, removed_at=None, created_at=now, updated_at=now,
            ticket_id=ticket_id,
            **_said(checked(wanted, creator.currency, whole=False)),
        )  # fmt: skip
        await posts.insert(tx, post)
        await attaching.put(tx, post, wanted.assets or ())
    return post


async def change(backends: Backends, caller: Caller, post_id: UUID, wanted: Draft, revision: int) -> Post:
    """`revision` is the one that its author saw: whoever saved in between is not written over."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        post, creator = await mine(tx, caller, post_id)
        said = _said(checked(wanted, creator.currency, whole=post.state == "published"))
        changed = msgspec.structs.replace(post, revision=revision, **said)
        edited = post.visible(now) and words_of(changed) != words_of(post)
        if post.state == "removed" or not await posts.update(tx, changed, now, now if edited else post.edited_at):
            raise EditedMeanwhile(
                "Somebody else saved this post since you opened it. Copy your words, open it again, and bring them together."
            )
        if wanted.assets is not None:
            await attaching.put(tx, post, wanted.assets)
        saved = await posts.find(tx, post_id) or changed
        if saved.state == "published":
            await revisions.keep(tx, saved, caller.user_id, now)
    return saved


async def publish(backends: Backends, caller: Caller, post_id: UUID, at: datetime | None = None) -> Post:
    """At once, or when its moment comes. What was seen before keeps its moment, so a post that is mended does not jump to the top."""
    now = backends.clock.now()
    at = moment_to_publish(at, now)
    async with backends.database.writing() as tx:
        post, _ = await mine(tx, caller, post_id)
        if post.visible(now):
            if at is not None:
                raise StateChanged("It can be seen already. Make it a draft first, then plan it.")
            return post
        seen_before = post.state == "draft" and post.publish_at is not None and post.publish_at <= now
        moment = at or (post.publish_at if seen_before else now)
        if post.state == "published" and post.publish_at == moment:
            return post
        require_publishable(post)
        await _become(tx, post, "published", moment, now)
        published = await posts.find(tx, post_id) or post
        await revisions.keep(tx, published, caller.user_id, now)
    return published


async def take_down(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    """Back to a draft: only the team sees it, and who bought it."""
    return await _move(backends, caller, post_id, "draft")


async def remove(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    """It can be fetched back for a month."""
    return await _move(backends, caller, post_id, "removed")


async def fetch_back(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    """As a draft."""
    return await _move(backends, caller, post_id, "draft")


async def pin(backends: Backends, caller: Caller, post_id: UUID, pinned: bool) -> Post:
    """At the top of the page. The one pinned longest ago makes place for a fourth."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        post, _ = await mine(tx, caller, post_id)
        if pinned and not post.visible(now):
            raise StateChanged("Only what can be seen is pinned.")
        await posts.set_pinned(tx, post_id, now if pinned else None)
        for each in (await posts.pinned(tx, post.creator_id, now))[MOST_PINNED:]:
            await posts.set_pinned(tx, each.id, None)
        return await posts.find(tx, post_id) or post


async def for_team(backends: Backends, caller: Caller, post_id: UUID) -> Post:
    async with backends.database.writing() as tx:
        return (await mine(tx, caller, post_id))[0]


async def list_for_team(
    backends: Backends, caller: Caller, creator_id: UUID, stage: Stage | None, before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Post]:  # fmt: skip
    """The last changed first."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await posts.of_studio(tx, creator_id, stage, backends.clock.now(), before, limit)


async def counts(backends: Backends, caller: Caller, creator_id: UUID) -> dict[Stage, int]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await posts.count_by_stage(tx, creator_id, backends.clock.now())


async def mine(tx: Writer, caller: Caller, post_id: UUID) -> tuple[Post, Creator]:
    post = await posts.find(tx, post_id)
    if post is None:
        raise NoSuchPost("There is no such post.")
    return post, await team.require(tx, caller, post.creator_id, "posts")


async def _move(backends: Backends, caller: Caller, post_id: UUID, new: State) -> Post:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        post, _ = await mine(tx, caller, post_id)
        if post.state == new:
            return post
        # A plan that never came true is no past.
        was_seen = post.publish_at is not None and post.publish_at <= now
        await _become(tx, post, new, post.publish_at if was_seen else None, now)
        if new == "removed":
            await audit.record(
                tx, actor=caller.user_id, action="content.removed", target=post.creator_id, post=str(post_id)
            )
        return await posts.find(tx, post_id) or post


async def _become(tx: Writer, post: Post, new: State, publish_at: datetime | None, now: datetime) -> None:
    if new != post.state and new not in TRANSITIONS[post.state]:
        raise StateChanged(f"A post that is {post.state} cannot become {new}.")
    if not await posts.move(tx, post, new, publish_at, now):
        raise StateChanged("The post was changed meanwhile. Look again.")


def _said(wanted: Draft) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Draft.__struct_fields__ if name != "assets"}

"""What posts are called, for who may know it: the caller has asked for their right already."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.content.models import Post
from directfanz.domains.content.repository import posts


async def of(reader: Reader, post_ids: Sequence[UUID]) -> dict[UUID, str]:
    return {post_id: post.title for post_id, post in (await posts.these(reader, post_ids)).items()}


async def posts_of(reader: Reader, post_ids: Sequence[UUID]) -> dict[UUID, Post]:
    """As their team has them, for jobs that speak for it."""
    return await posts.these(reader, post_ids)

"""Posts that open with the age of a membership: each member is told when they reach one. Once an hour, so within the hour."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.content.models import Post
from directfanz.domains.content.repository import posts
from directfanz.domains.content.service import announcing
from directfanz.domains.entitlements import service as entitlements

PAGES_AT_ONCE, PEOPLE_AT_ONCE = 200, 200
# Whom a worker that was away did not tell is told later; nobody hears of what opened long ago.
LOOKS_BACK = timedelta(days=2)


async def sweep(backends: Backends) -> None:
    after: UUID | None = None
    while True:
        async with backends.database.reading() as reader:
            pages = await posts.dripping_pages(reader, after, PAGES_AT_ONCE)
        for page in pages:
            async with backends.database.reading() as reader:
                dripping = await posts.dripping(reader, page, backends.clock.now())
            for post in dripping:
                await _tell_of(backends, post)
        if len(pages) < PAGES_AT_ONCE:
            return
        after = pages[-1]


async def _tell_of(backends: Backends, post: Post) -> None:
    after: UUID | None = None
    while True:
        async with backends.database.reading() as reader:
            people = await entitlements.coming_of_age(reader, backends, post.need, LOOKS_BACK, after, PEOPLE_AT_ONCE)
        if people:
            await announcing.tell(backends, post, people)
        if len(people) < PEOPLE_AT_ONCE:
            return
        after = people[-1]

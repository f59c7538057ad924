"""Pages, posts and rights for stories about feeds and search: people without browsers, made in a few statements.

ada = await town.page("ada")
post = await town.post(ada, "Blue ink", access="members", tags=["ink"])
ben = await town.person("ben"); await town.joins(ben, ada, rank=2)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.accounts.service.sign_up import insert_person, new_person
from directfanz.domains.content.models import Attachment, Post
from directfanz.domains.content.service import tagging, writing
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import beginning, following
from directfanz.domains.creators.service import page as pages
from directfanz.domains.discovery.jobs import REBUILD, Rebuild
from directfanz.domains.discovery.models import Filters, Result
from directfanz.domains.discovery.service import search
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Access, Grant
from directfanz.domains.media.models import Rendition
from directfanz.domains.media.repository import renditions
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.creators import new_page, slug_like

STRANGER = Caller()


@dataclass
class Town:
    backends: Backends
    clock: ManualClock

    async def person(self, name: str) -> Caller:
        handle = f"{name}_{new_id().hex[-12:]}"
        person = new_person(self.backends, f"{handle}@example.com", handle, name.title())
        async with self.backends.database.writing() as tx:
            await insert_person(tx, person)
            await tx.execute("UPDATE users SET status = 'active' WHERE id = $1", person.id)
        return Caller(user_id=person.id, role="creator", name=name.title(), handle=handle)

    async def page(self, name: str) -> tuple[Creator, Caller]:
        owner = await self.person(name)
        wanted = new_page(f"{name.title()} {slug_like('')[1:7]}", slug_like(name))
        made = await beginning.begin(self.backends, owner, wanted)
        return await pages.publish(self.backends, owner, made.id), owner

    async def post(
        self, of: tuple[Creator, Caller], title: str, *, body: str = "", teaser: str = "", access: Access = "public",
        min_rank: int | None = None, price: int | None = None, drip_days: int = 0, tags: Sequence[str] = (),
        at: datetime | None = None, publish: bool = True, files: Sequence[UUID] = (),
    ) -> Post:  # fmt: skip
        creator, owner = of
        draft = writing.Draft(
            title=title, body=body, teaser=teaser, access=access, min_rank=min_rank, price=price, drip_days=drip_days,
            assets=[Attachment(asset_id=each) for each in files],
        )  # fmt: skip
        made = await writing.begin(self.backends, owner, creator.id, draft)
        if tags:
            await tagging.save(self.backends, owner, made.id, tags)
        return await writing.publish(self.backends, owner, made.id, at) if publish else made

    async def file(
        self,
        of: tuple[Creator, Caller],
        kind: str,
        *,
        state: str = "ready",
        seconds: int = 0,
        made: Sequence[Rendition] = (),
    ) -> UUID:
        """As if it had been uploaded and worked on."""
        asset_id, now = new_id(), self.clock.now()
        async with self.backends.database.writing() as tx:
            await tx.execute(
                """INSERT INTO assets (id, creator_id, kind, name, bytes, mime, state, facts, created_at, updated_at, ready_at)
                   VALUES ($1, $2, $3, $3, 1, 'application/octet-stream', $4, jsonb_build_object('duration_ms', $5::int), $6, $6,
                           CASE WHEN $4 = 'ready' THEN $6::timestamptz END)""",
                asset_id, of[0].id, kind, state, seconds * 1000, now,
            )  # fmt: skip
            await renditions.insert(tx, asset_id, 1, list(made))
        return asset_id

    async def joins(
        self, who: Caller, of: tuple[Creator, Caller], rank: int = 1, days: float | None = None, tier: str = "Gold"
    ) -> UUID:
        now, source = self.clock.now(), new_id()
        grant = Grant(
            user_id=who.require_user(), creator_id=of[0].id, source="membership", source_id=source, starts_at=now,
            ends_at=now + timedelta(days=days) if days else None, rank=rank, tier_name=tier,
        )  # fmt: skip
        async with self.backends.database.writing() as tx:
            await entitlements.grant(self.backends, tx, grant)
        return source

    async def buys(self, who: Caller, post: Post) -> UUID:
        source = new_id()
        grant = Grant(
            user_id=who.require_user(), creator_id=post.creator_id, source="purchase", source_id=source,
            starts_at=self.clock.now(), scope="post", object_id=post.id,
        )  # fmt: skip
        async with self.backends.database.writing() as tx:
            await entitlements.grant(self.backends, tx, grant)
        return source

    async def loses(self, source: str, source_id: UUID) -> None:
        async with self.backends.database.writing() as tx:
            await entitlements.end(self.backends, tx, source, source_id, self.clock.now(), "refunded")  # type: ignore[arg-type]

    async def follows(self, who: Caller, of: tuple[Creator, Caller]) -> None:
        await following.follow(self.backends, who, of[0].id)

    async def rebuild(self) -> None:
        await REBUILD.run(self.backends, Rebuild())

    async def found(self, who: Caller, typed: str, wanted: Filters | None = None, limit: int = 50) -> list[str]:
        """Titles of all pages of the answer."""
        titles: list[str] = []
        position = None
        while True:
            found = await search.search(self.backends, who, typed, wanted or Filters(), position, limit)
            titles += [each.card.reading.post.title for each in found.results]
            if found.next is None:
                return titles
            position = found.next

    async def results(self, who: Caller, typed: str) -> list[Result]:
        return (await search.search(self.backends, who, typed, Filters(), None, 50)).results

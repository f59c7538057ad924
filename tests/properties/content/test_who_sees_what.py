"""Whatever a page and its people do, in whatever order, and however time goes on: what each sees of each post is what a model says.

Posts of every access, planned, dripped, taken down and removed; people who follow, join, upgrade, pause, leave, buy, get their money
back, are kept apart and come back. The model keeps plain intervals and asks nothing of the code. Many pages live beside each other
under one clock, so that one look at a feed asks about all of them: after each turn everybody looks at a feed of everything, at the end
also at each page and at posts by themselves; all must agree, and no locked body comes out.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.content.errors import NoSuchPost
from directfanz.domains.content.models import Post, Reading
from directfanz.domains.content.service import reading, writing
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.creators.errors import KeptApart
from directfanz.domains.creators.models import PAGES_PER_OWNER, Creator
from directfanz.domains.creators.service import blocking, following
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Access, Grant
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Stage, stage_set
from tests.support.creators import page_of
from tests.support.worlds import World

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# Each example is the lives of so many pages. More of them: WHO_SEES_EXAMPLES=300.
PAGES = 10
EXAMPLES = int(os.environ.get("WHO_SEES_EXAMPLES", "15"))
SECRET = "what nobody else may read"
DAY = timedelta(days=1)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
STRANGER = Caller(address="192.0.2.9")
ACCESSES: list[tuple[Access, int | None, int]] = [
    ("public", None, 0), ("followers", None, 0), ("members", None, 0), ("members", None, 3), ("rank", 2, 0), ("rank", 2, 5),
    ("paid", None, 0),
]  # fmt: skip


@dataclass
class Told:
    """What a person has, as the model knows it: spans of membership with their rank, and what was bought."""

    caller: Caller
    follows: bool = False
    apart: bool = False
    spans: list[list[Any]] = field(default_factory=list)  # [start, end, rank], the last one may go on
    source: UUID = field(default_factory=new_id)
    bought: dict[UUID, UUID] = field(default_factory=dict)

    def rank(self, now: datetime) -> int | None:
        return next((rank for start, end, rank in self.spans if start <= now < end), None)

    def age(self, now: datetime) -> timedelta:
        return sum((min(end, now) - start for start, end, _ in self.spans if start < now), timedelta())

    def sees(self, post: Post, now: datetime) -> str:
        """`open`, `locked`, `gone` or `apart`."""
        paid_for = self.opens(post, now) and post.access not in ("public", "followers")
        paid_for = paid_for or post.id in self.bought or (post.access == "followers" and self.rank(now) is not None)
        if not post.visible(now):
            return "open" if post.id in self.bought else "gone"
        if self.apart and not paid_for:
            return "apart"
        return "open" if self.opens(post, now) else "locked"

    def opens(self, post: Post, now: datetime) -> bool:
        if post.access == "public" or post.id in self.bought:
            return True
        rank = self.rank(now)
        if post.access == "followers":
            return self.follows or rank is not None
        if post.access == "paid" or rank is None or (post.access == "rank" and rank < (post.min_rank or 0)):
            return False
        return self.age(now) >= post.drip_days * DAY


class Lives:
    def __init__(self, stage: Stage, creator: Creator, ada: Caller) -> None:
        self.stage, self.creator, self.ada = stage, creator, ada
        self.posts: list[Post] = []
        self.people: list[Told] = []

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    async def begin(self, fans: list[Caller]) -> None:
        b = self.stage.backends
        for fan in fans:
            await _forget(self.stage, fan, self.creator)
        self.people = [Told(fan) for fan in fans]
        for access, rank, drip in ACCESSES:
            wanted = Draft(
                title=f"{access} {drip}", body=SECRET, access=access, min_rank=rank, price=500 if access == "paid" else None,
                drip_days=drip,
            )  # fmt: skip
            post = await writing.begin(b, self.ada, self.creator.id, wanted)
            self.posts.append(await writing.publish(b, self.ada, post.id))

    async def step(self, what: str, who: int, which: int, number: int) -> None:
        person, post = self.people[who], self.posts[which % len(self.posts)]
        try:
            await getattr(self, what)(person, which % len(self.posts), post, number)
        except DirectFanzError:
            return

    async def plans(self, person: Told, at: int, post: Post, number: int) -> None:
        if post.state == "draft" and (post.publish_at is None or number % 2):
            wanted = self.now + number * DAY / 2
            self.posts[at] = await writing.publish(self.stage.backends, self.ada, post.id, wanted if number else None)

    async def takes_down(self, person: Told, at: int, post: Post, number: int) -> None:
        self.posts[at] = await writing.take_down(self.stage.backends, self.ada, post.id)

    async def removes(self, person: Told, at: int, post: Post, number: int) -> None:
        self.posts[at] = await writing.remove(self.stage.backends, self.ada, post.id)

    async def follows(self, person: Told, at: int, post: Post, number: int) -> None:
        if number % 3:
            await following.follow(self.stage.backends, person.caller, self.creator.id)
            person.follows = True
        else:
            await following.unfollow(self.stage.backends, person.caller, self.creator.id)
            person.follows = False

    async def joins(self, person: Told, at: int, post: Post, number: int) -> None:
        """Also an upgrade, and going on after a pause: the same source grants again."""
        rank, now = 1 + number % 3, self.now
        if person.rank(now) is not None:
            person.spans[-1][1] = now
        person.spans.append([now, now + 10 * DAY, rank])
        await self._grant(person, now + 10 * DAY, rank)

    async def _grant(self, person: Told, ends: datetime, rank: int) -> None:
        wanted = Grant(
            user_id=person.caller.require_user(), creator_id=self.creator.id, source="membership", source_id=person.source, rank=rank,
            starts_at=person.spans[0][0], ends_at=ends,
        )  # fmt: skip
        async with self.stage.backends.database.writing() as tx:
            await entitlements.grant(self.stage.backends, tx, wanted)

    async def leaves(self, person: Told, at: int, post: Post, number: int) -> None:
        """At once, as after a refund; the next membership is another one, or the same one taken up again."""
        now = self.now
        async with self.stage.backends.database.writing() as tx:
            await entitlements.end(self.stage.backends, tx, "membership", person.source, now, "refunded")
        if person.rank(now) is not None:
            person.spans[-1][1] = now

    async def buys(self, person: Told, at: int, post: Post, number: int) -> None:
        post = self.posts[
            -1
        ]  # the one that is sold: by chance alone hardly anybody would buy, and nobody get money back
        if post.id in person.bought:
            return
        wanted = Grant(
            user_id=person.caller.require_user(), creator_id=self.creator.id, source="purchase", source_id=new_id(), scope="post",
            object_id=post.id, starts_at=self.now,
        )  # fmt: skip
        async with self.stage.backends.database.writing() as tx:
            await entitlements.grant(self.stage.backends, tx, wanted)
        person.bought[post.id] = wanted.source_id

    async def gets_money_back(self, person: Told, at: int, post: Post, number: int) -> None:
        source = person.bought.pop(self.posts[-1].id, None)
        if source is not None:
            async with self.stage.backends.database.writing() as tx:
                await entitlements.end(self.stage.backends, tx, "purchase", source, self.now, "refunded")

    async def blocks(self, person: Told, at: int, post: Post, number: int) -> None:
        user = person.caller.require_user()
        async with self.stage.backends.database.writing() as tx:
            if number % 2:
                await blocking.put(tx, self.creator.id, user, "page", None, "", self.now)
                person.follows = False
            else:
                await blocking.lift(tx, self.creator.id, user, "page")
        person.apart = bool(number % 2)

    async def agrees(self, turn: int) -> None:
        """Everybody looks at the page; each post is opened by one of them, another one each time."""
        stranger = Told(STRANGER)
        for person in (*self.people, stranger):
            shown = self.shown_to(person)
            found = await reading.newest(self.stage.backends, person.caller, self.creator, None, 50)
            assert {each.post.id: _standing(each) for each in found} == shown
        eyes = [*self.people, stranger, None]
        for at, post in enumerate(self.posts):
            eye = eyes[(at + turn) % len(eyes)]
            caller, expected = (eye.caller, eye.sees(post, self.now)) if eye is not None else (self.ada, "open")
            assert await self._finds(caller, post) == expected

    def shown_to(self, person: Told) -> dict[UUID, str]:
        """In lists only what can be seen by the clock stands, not what is kept apart."""
        expected = {post.id: person.sees(post, self.now) for post in self.posts if post.visible(self.now)}
        return {post_id: how for post_id, how in expected.items() if how != "apart"}

    async def _finds(self, caller: Caller, post: Post) -> str:
        try:
            _, found = await reading.read(self.stage.backends, caller, post.id)
        except NoSuchPost:
            return "gone"
        except KeptApart:
            return "apart"
        return _standing(found)


def _standing(found: Reading) -> str:
    assert (found.post.body == SECRET) == found.open
    assert found.open or SECRET not in repr(found)
    return "open" if found.open else "locked"


async def feeds_agree(stage: Stage, pages: list[Lives], fans: list[Caller]) -> None:
    """One question for all pages."""
    wanted = [post.id for life in pages for post in life.posts]
    for number, fan in enumerate(fans):
        found = await reading.these(stage.backends, fan, wanted)
        expected = {id_: how for life in pages for id_, how in life.shown_to(life.people[number]).items()}
        assert {each.post.id: _standing(each) for each in found} == expected


async def _forget(stage: Stage, fan: Caller, creator: Creator) -> None:
    await stage.backends.cache.delete(f"access:{fan.require_user().hex}:{creator.id.hex}")


DEEDS = (
    "plans", "takes_down", "removes", "follows", "joins", "joins", "leaves", "buys", "gets_money_back", "blocks",
)  # fmt: skip
DEED = st.tuples(
    st.sampled_from(DEEDS),
    st.integers(0, PAGES - 1),
    st.integers(0, 1),
    st.integers(0, len(ACCESSES) - 1),
    st.integers(0, 9),
)
# Turns: what happens in them, on whatever pages, and how long it is until the next.
TURNS = st.lists(st.tuples(st.lists(DEED, min_size=1, max_size=9), st.integers(0, 9)), min_size=2, max_size=8)


@pytest.fixture(scope="module")
def runner() -> Any:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def lives(runner: asyncio.Runner, world: World) -> Any:
    clock = ManualClock(START)
    opened = stage_set(world.settings, clock)
    stage = runner.run(opened.__aenter__())

    async def cast() -> tuple[list[tuple[Creator, Caller]], list[Caller]]:
        fans = [Caller(user_id=(await stage.joined(name)).user_id) for name in ("ben", "cy")]
        pages = []
        for _ in range(0, PAGES, PAGES_PER_OWNER):
            owner = await stage.joined("ada")
            pages += [(await page_of(stage, owner), Caller(user_id=owner.user_id)) for _ in range(PAGES_PER_OWNER)]
        return pages[:PAGES], fans

    yield stage, *runner.run(cast())
    runner.run(opened.__aexit__(None, None, None))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # making a failure smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(turns=TURNS)
def test_everybody_sees_what_the_model_says(
    runner: asyncio.Runner, lives: Any, turns: list[tuple[list[tuple[str, int, int, int, int]], int]]
) -> None:
    stage, owned, fans = lives

    async def live() -> None:
        await _cleared(stage, [creator.id for creator, _ in owned])
        pages = [Lives(stage, creator, owner) for creator, owner in owned]
        for page in pages:
            await page.begin(fans)
        for deeds, pause in turns:
            for what, at, who, which, number in deeds:
                await pages[at].step(what, who, which, number)
            await feeds_agree(stage, pages, fans)
            await stage.clock.advance(timedelta(hours=7 + pause * 11))
            await feeds_agree(stage, pages, fans)
        for number, page in enumerate(pages):
            await page.agrees(number + len(turns))

    runner.run(live())


async def _cleared(stage: Stage, creator_ids: list[UUID]) -> None:
    async with stage.backends.database.writing() as tx:
        for table in ("posts", "follows", "page_blocks", "entitlements"):
            await tx.execute(f"DELETE FROM {table} WHERE creator_id = ANY($1)", creator_ids)

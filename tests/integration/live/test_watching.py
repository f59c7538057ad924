"""Who may watch a stream, who is told of it, and who is counted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from directfanz.domains.chat.errors import RoomClosed
from directfanz.domains.chat.service import entering, reading
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import following
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.domains.live.errors import NoSuchStream, NotOnAir, StreamLocked
from directfanz.domains.live.service import figures, watching
from directfanz.errors import NotFound
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone, Stage
from tests.support.chats import says
from tests.support.creators import draft_of, page_of
from tests.support.live import OnAir, planned


@pytest.fixture
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


@pytest.fixture
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


async def let_in(stage: Stage, who: Someone, page: Creator, stream_id: UUID | None = None) -> UUID:
    """As a member, or with a ticket for one stream."""
    source = new_id()
    grant = Grant(
        user_id=who.user_id, creator_id=page.id, source="purchase" if stream_id else "membership", source_id=source,
        rank=None if stream_id else 1, scope="stream" if stream_id else "tier", object_id=stream_id,
        starts_at=stage.backends.clock.now(),
    )  # fmt: skip
    async with stage.backends.database.writing() as tx:
        await entitlements.grant(stage.backends, tx, grant)
    return source


async def shut_out(stage: Stage, source: UUID, kind: str) -> None:
    async with stage.backends.database.writing() as tx:
        await entitlements.end(stage.backends, tx, kind, source, stage.backends.clock.now(), "over")  # type: ignore[arg-type]


async def said_in(stage: Stage, air: OnAir) -> list[tuple[str, str]]:
    events = await reading.since(stage.backends, air.stream.id, 0)
    return [(each.kind, each.body) for each in events]


async def test_a_stream_is_watched_while_it_is_on_air(stage: Stage, ada: Someone, page: Creator) -> None:
    air = await planned(stage, ada, page)
    with pytest.raises(NotOnAir):
        await watching.open_view(stage.backends, Caller(), air.stream.id, "cy")
    await air.goes_live()
    _, grant = await watching.open_view(stage.backends, Caller(), air.stream.id, "cy")
    assert grant.base_url.endswith(f"/live/{air.stream.id.hex}/")
    assert grant.expires_at - stage.backends.clock.now() <= timedelta(seconds=60)
    await air.drops()
    await watching.open_view(stage.backends, Caller(), air.stream.id, "cy")  # they wait for it
    await air.ends()
    with pytest.raises(NotOnAir, match="over"):
        await watching.open_view(stage.backends, Caller(), air.stream.id, "cy")


@pytest.mark.property("P18")
async def test_nobody_watches_without_the_right(stage: Stage, ada: Someone, page: Creator) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    for access, by_ticket in (("members", False), ("paid", True)):
        price = 500 if by_ticket else None
        air = await planned(stage, ada, page, access=access, price=price)
        await air.goes_live()
        source = await let_in(stage, ben, page, air.stream.id if by_ticket else None)
        await watching.open_view(stage.backends, await stage.caller(ben), air.stream.id)
        await watching.open_view(stage.backends, await stage.caller(ada), air.stream.id)
        for stranger in (Caller(), await stage.caller(cy)):
            with pytest.raises(StreamLocked):
                await watching.open_view(stage.backends, stranger, air.stream.id)
        await shut_out(stage, source, "purchase" if by_ticket else "membership")
        with pytest.raises(StreamLocked):
            await watching.open_view(stage.backends, await stage.caller(ben), air.stream.id)


async def test_a_ticket_opens_one_stream(stage: Stage, ada: Someone, page: Creator) -> None:
    ben = await stage.joined("ben")
    one, other = [await planned(stage, ada, page, access="paid", price=500) for _ in range(2)]
    await one.goes_live()
    await other.goes_live()
    await let_in(stage, ben, page, one.stream.id)
    await watching.open_view(stage.backends, await stage.caller(ben), one.stream.id)
    with pytest.raises(StreamLocked):
        await watching.open_view(stage.backends, await stage.caller(ben), other.stream.id)


async def test_a_page_that_is_not_public_shows_its_streams_to_its_team_alone(stage: Stage, ada: Someone) -> None:
    hidden = await planned(stage, ada, await draft_of(stage, ada))
    await hidden.goes_live()
    assert (await watching.find(stage.backends, await stage.caller(ada), hidden.stream.id)).role == "owner"
    with pytest.raises(NoSuchStream):
        await watching.find(stage.backends, Caller(), hidden.stream.id)
    live, _ = await watching.directory(stage.backends)
    assert hidden.stream.id not in [each.stream.id for each in live]


async def test_the_chat_says_what_becomes_of_the_stream(stage: Stage, ada: Someone, page: Creator) -> None:
    air, ben = await planned(stage, ada, page), await stage.joined("ben")
    await says(stage, ben, air.stream.id, "early")
    await air.goes_live()
    await air.drops()
    await says(stage, ben, air.stream.id, "still here")
    await air.comes_back()
    await air.ends()
    await air.ends()  # told twice
    with pytest.raises(RoomClosed):
        await says(stage, ben, air.stream.id, "late")
    assert await said_in(stage, air) == [
        ("text", "early"), ("system", "The stream is on."), ("system", "The picture is gone for a moment. Stay here."),
        ("text", "still here"), ("system", "The picture is back."), ("system", "The stream is over."), ("closed", ""),
    ]  # fmt: skip
    assert not (await entering.enter(stage.backends, ben.user_id, air.stream.id)).speaks


async def test_those_who_wait_are_told_once(stage: Stage, ada: Someone, page: Creator) -> None:
    ben, cy, dee, eve = [await stage.joined(name) for name in ("ben", "cy", "dee", "eve")]
    await following.follow(stage.backends, await stage.caller(ben), page.id)
    await let_in(stage, cy, page)
    air = await planned(
        stage, ada, page, access="members", scheduled_at=stage.backends.clock.now() + timedelta(hours=1)
    )
    await let_in(stage, dee, page)
    await watching.set_reminder(stage.backends, await stage.caller(dee), air.stream.id, wanted=True)
    await watching.set_reminder(stage.backends, await stage.caller(eve), air.stream.id, wanted=True)
    await watching.set_reminder(stage.backends, await stage.caller(eve), air.stream.id, wanted=False)
    await air.goes_live()
    await air.drops()
    await air.comes_back()
    await stage.work()
    rows = await stage.backends.database.fetch(
        "SELECT user_id FROM notifications WHERE kind = 'live.began' AND link LIKE $1", f"%{air.stream.id}"
    )
    assert sorted(row[0] for row in rows) == sorted([cy.user_id, dee.user_id])  # Ben follows, and may not see this one


async def test_who_watched_how_long_and_how_many_at_once(stage: Stage, ada: Someone, page: Creator) -> None:
    air, ben = await planned(stage, ada, page), await stage.joined("ben")
    await air.goes_live()
    for minute in range(4):
        for _ in range(3):
            await watching.open_view(stage.backends, await stage.caller(ben), air.stream.id)
            if minute < 2:
                await watching.open_view(stage.backends, Caller(), air.stream.id, "cy", "example.org")
            await stage.later(seconds=20)
        await figures.sample(stage.backends)
        await figures.sample(stage.backends)  # twice is once
    await watching.open_view(stage.backends, await stage.caller(ada), air.stream.id)  # the team does not count
    told = await figures.of_stream(stage.backends, await stage.caller(ada), air.stream.id)
    assert (told.figures.people, told.figures.most_at_once, told.now) == (2, 2, 1)
    assert told.figures.seconds == 11 * 20 + 5 * 20
    assert [each.viewers for each in told.samples] == [2, 2, 1, 1]
    assert ("example.org", 1) in told.figures.sources
    assert dict(told.stayed)[0] == 100
    assert dict(told.stayed)[90] == 50
    with pytest.raises(NotFound):
        await figures.of_stream(stage.backends, await stage.caller(ben), air.stream.id)


async def test_home_shows_who_is_live_of_the_pages_that_one_joined_or_follows(
    stage: Stage, ada: Someone, page: Creator
) -> None:
    ben, cy, dee = [await stage.joined(name) for name in ("ben", "cy", "dee")]
    await let_in(stage, ben, page)
    await following.follow(stage.backends, await stage.caller(cy), page.id)
    air = await planned(stage, ada, page)

    async def shown_to(who: Someone) -> list[UUID]:
        return [each.stream.id for each in await watching.on_air_for(stage.backends, who.user_id)]

    assert await shown_to(ben) == []
    await air.goes_live()
    assert [await shown_to(who) for who in (ben, cy, dee, ada)] == [[air.stream.id], [air.stream.id], [], []]
    await air.ends()
    assert await shown_to(ben) == []


async def test_the_directory_shows_what_is_on_and_what_comes(stage: Stage, ada: Someone, page: Creator) -> None:
    now = stage.backends.clock.now()
    on, soon, later = [
        await planned(stage, ada, page, title, scheduled_at=now + timedelta(hours=hours))
        for title, hours in (("on", 1), ("soon", 1), ("later", 2))
    ]
    await on.goes_live()
    await watching.open_view(stage.backends, Caller(), on.stream.id, "cy")
    live, coming = await watching.directory(stage.backends)
    assert [(each.stream.id, each.watching) for each in live if each.creator.id == page.id] == [(on.stream.id, 1)]
    assert [each.stream.id for each in coming if each.creator.id == page.id] == [soon.stream.id, later.stream.id]

"""Posts and time: planned, seen by the clock whether a job runs or not, told of once, mended with a history; and lists of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from directfanz.domains.content.errors import NoSuchPlaylist, NoSuchPost, StateChanged
from directfanz.domains.content.jobs import ANNOUNCE, DRIP, Sweep
from directfanz.domains.content.models import MOST_PINNED, Post
from directfanz.domains.content.policy import moment_in_zone
from directfanz.domains.content.service import (
    announcing,
    collecting,
    history,
    planning,
    playlisting,
    reading,
    warnings,
    writing,
)
from directfanz.domains.content.service.collecting import CollectionForm
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.creators.service import following
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant, Need
from directfanz.domains.notifications.service import inbox
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone, Stage
from tests.support.creators import page_of

STRANGER = Caller(address="192.0.2.9")


async def titles_told(stage: Stage, who: Someone) -> list[str]:
    rows = await inbox.newest(stage.backends, Caller(user_id=who.user_id), None, 50)
    return [row.facts["title"] for row in rows if row.kind == "content.published"]


async def test_planned_it_is_seen_by_the_clock_and_told_of_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "PEOPLE_AT_ONCE", 2)
    ada, *fans = [await stage.joined(name) for name in ("ada", "ben", "cy", "dan")]
    creator = await page_of(stage, ada)
    caller = Caller(user_id=ada.user_id)
    for fan in fans:
        await following.follow(stage.backends, Caller(user_id=fan.user_id), creator.id)
    post = await writing.begin(
        stage.backends, caller, creator.id, Draft(title="At noon", body="Rain.", access="followers")
    )
    post = await writing.publish(stage.backends, caller, post.id, stage.clock.now() + timedelta(hours=3))
    ben = Caller(user_id=fans[0].user_id)
    with pytest.raises(NoSuchPost):
        await reading.read(stage.backends, ben, post.id)
    await ANNOUNCE.run(stage.backends, Sweep())
    assert await reading.newest(stage.backends, ben, creator, None, 5) == []
    await writing.publish(stage.backends, caller, post.id, stage.clock.now() + timedelta(hours=2))
    await stage.later(hours=2)
    assert (await reading.read(stage.backends, ben, post.id))[1].open, "no job has run"
    assert await titles_told(stage, fans[0]) == []
    await asyncio.gather(*(ANNOUNCE.run(stage.backends, Sweep()) for _ in range(3)))
    await stage.work()
    await ANNOUNCE.run(stage.backends, Sweep())
    await stage.work()
    assert [await titles_told(stage, each) for each in fans] == [["At noon"]] * 3, "in parts of two, each once"
    with pytest.raises(StateChanged):
        await writing.publish(stage.backends, caller, post.id, stage.clock.now() + timedelta(hours=9))


async def test_who_reaches_a_post_by_the_age_of_a_membership_hears_of_it(stage: Stage) -> None:
    """Who is old enough hears at once, the others when it opens for them; a break does not count; who left hears nothing."""
    ada, old, new, back, gone = [await stage.joined(name) for name in ("ada", "old", "new", "back", "gone")]
    creator, caller = await page_of(stage, ada), Caller(user_id=ada.user_id)
    people, sources = (old, new, back, gone), [new_id() for _ in range(4)]

    async def joins(who: int, source: UUID) -> None:
        wanted = Grant(
            user_id=people[who].user_id, creator_id=creator.id, source="membership", source_id=source, rank=1, starts_at=stage.clock.now()
        )  # fmt: skip
        async with stage.backends.database.writing() as tx:
            await entitlements.grant(stage.backends, tx, wanted)

    async def leaves(who: int) -> None:
        async with stage.backends.database.writing() as tx:
            await entitlements.end(stage.backends, tx, "membership", sources[who], stage.clock.now(), "cancelled")

    async def told_after(days: float) -> list[bool]:
        await stage.later(hours=days * 24)
        await DRIP.run(stage.backends, Sweep())
        await stage.work()
        return ["Dripped" in await titles_told(stage, each) for each in people]

    for who in (0, 2):
        await joins(who, sources[who])
    await stage.later(hours=24 * 6)
    await leaves(2)  # with six days
    await stage.later(hours=24 * 5)
    for who in (1, 3):
        await joins(who, sources[who])
    await joins(2, new_id())
    post = await writing.begin(
        stage.backends, caller, creator.id, Draft(title="Dripped", access="members", drip_days=10)
    )
    await writing.publish(stage.backends, caller, post.id)
    await ANNOUNCE.run(stage.backends, Sweep())
    assert await told_after(0) == [True, False, False, False]
    await leaves(3)
    assert await told_after(3.9) == [True, False, False, False]
    assert await told_after(0.2) == [True, False, True, False]
    assert await told_after(5.8) == [True, False, True, False]
    assert await told_after(0.2) == [True, True, True, False]
    assert await told_after(0.2) == [True, True, True, False]
    assert len(await titles_told(stage, new)) == 1


async def test_published_by_two_at_once_it_is_published_once(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), Caller(user_id=ada.user_id)
    post = await writing.begin(stage.backends, caller, creator.id, Draft(title="Twice"))
    done = await asyncio.gather(
        *(writing.publish(stage.backends, caller, post.id) for _ in range(4)), return_exceptions=True
    )
    assert any(isinstance(each, Post) for each in done)
    assert all(isinstance(each, Post | StateChanged) for each in done)
    assert len(await history.of_post(stage.backends, caller, post.id)) == 1


async def test_what_is_mended_says_so_and_the_team_sees_how(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), Caller(user_id=ada.user_id)
    post = await writing.begin(stage.backends, caller, creator.id, Draft(title="Take", body="One two three"))
    post = await writing.change(stage.backends, caller, post.id, Draft(title="Take", body="One two four"), 1)
    post = await writing.publish(stage.backends, caller, post.id)
    assert post.edited_at is None
    await stage.later(hours=1)
    post = await writing.change(
        stage.backends, caller, post.id, Draft(title="Take", body="One five four"), post.revision
    )
    assert post.edited_at == stage.clock.now()
    newest, first = await history.of_post(stage.backends, caller, post.id)
    assert [(each.how, each.text) for each in newest.body if each.how != "same"] == [("gone", "two"), ("new", "five")]
    assert (first.first, first.revision, newest.by) == (True, 2, "Ada")


async def test_so_many_are_pinned_and_the_audience_is_exact(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator, caller = await page_of(stage, ada), Caller(user_id=ada.user_id)
    made = []
    for number in range(MOST_PINNED + 1):
        post = await writing.begin(stage.backends, caller, creator.id, Draft(title=f"Song {number}"))
        made.append(await writing.publish(stage.backends, caller, post.id))
        await stage.later(minutes=1)
        await writing.pin(stage.backends, caller, post.id, True)
    found = await reading.pinned(stage.backends, STRANGER, creator)
    assert [each.post.title for each in found] == ["Song 3", "Song 2", "Song 1"]
    await following.follow(stage.backends, Caller(user_id=cy.user_id), creator.id)
    async with stage.backends.database.writing() as tx:
        for source, rank in (("membership", 1), ("gift", 2)):
            wanted = Grant(
                user_id=ben.user_id, creator_id=creator.id, source=source, source_id=new_id(), rank=rank, starts_at=stage.clock.now()  # type: ignore[arg-type]
            )  # fmt: skip
            await entitlements.grant(stage.backends, tx, wanted)
    sizes = {}
    for access, least in (
        ("public", None),
        ("followers", None),
        ("members", None),
        ("rank", 2),
        ("rank", 3),
        ("paid", None),
    ):
        need = Need(creator_id=creator.id, access=access, min_rank=least)  # type: ignore[arg-type]
        sizes[access, least] = (await announcing.audience(stage.backends, caller, creator.id, need)).told
    assert list(sizes.values()) == [2, 2, 1, 1, 0, 0], "for two reasons somebody still is one person"


async def test_series_and_playlists_show_each_what_is_theirs(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator, caller, fan = await page_of(stage, ada), Caller(user_id=ada.user_id), Caller(user_id=ben.user_id)
    posts = []
    for number in range(4):
        post = await writing.begin(stage.backends, caller, creator.id, Draft(title=f"Part {number}", body="x"))
        posts.append(post if number == 2 else await writing.publish(stage.backends, caller, post.id))
    form = CollectionForm(title="Winter", published=True, posts=[post.id for post in posts])
    made = await collecting.create(stage.backends, caller, creator.id, form)
    _, series = await collecting.look(stage.backends, fan, made.id)
    assert [each.post.title for each in series.items] == ["Part 0", "Part 1", "Part 3"], "a draft is not there"
    await collecting.place(stage.backends, caller, made.id, posts[3].id, 0)
    around = await collecting.around(stage.backends, fan, creator, posts[0].id)
    assert around is not None
    assert (around.place, around.parts, around.before.title, around.after.title) == (2, 3, "Part 3", "Part 1")  # type: ignore[union-attr]
    await collecting.change(
        stage.backends, caller, made.id, CollectionForm(title="Winter", access="members", published=True)
    )
    assert (await collecting.look(stage.backends, fan, made.id))[1].items == []
    mine = await playlisting.create(stage.backends, fan, "For the train")
    await asyncio.gather(*(playlisting.put_in(stage.backends, fan, mine.id, post.id) for post in posts[:2]))
    await playlisting.put_in(stage.backends, fan, mine.id, posts[1].id, 0)
    with pytest.raises(NoSuchPost):
        await playlisting.put_in(stage.backends, fan, mine.id, posts[2].id)
    assert [each.post.title for each in (await playlisting.look(stage.backends, fan, mine.id)).items] == [
        "Part 1",
        "Part 0",
    ]
    with pytest.raises(NoSuchPlaylist):
        await playlisting.look(stage.backends, Caller(user_id=cy.user_id), mine.id)
    await playlisting.change(stage.backends, fan, mine.id, "For the train", True)
    await writing.take_down(stage.backends, caller, posts[0].id)
    assert [each.post.title for each in (await playlisting.look(stage.backends, STRANGER, mine.id)).items] == ["Part 1"]
    with pytest.raises(NoSuchPlaylist):
        await playlisting.remove(stage.backends, Caller(user_id=cy.user_id), mine.id)


async def test_twenty_posts_of_three_pages_cost_as_much_as_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements are counted, not seconds."""
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    caller, fan, ids = Caller(user_id=ada.user_id), Caller(user_id=ben.user_id), []
    for _ in range(3):
        creator = await page_of(stage, ada)
        for number in range(7):
            post = await writing.begin(stage.backends, caller, creator.id, Draft(title=f"{number}", access="members"))
            ids.append((await writing.publish(stage.backends, caller, post.id)).id)
    asked: list[str] = []
    connection = type(stage.backends.database)
    one, many = (
        await _counted(stage, fan, ids[:1], asked, monkeypatch),
        await _counted(stage, fan, ids, asked, monkeypatch),
    )
    assert connection is not None
    assert many == one, (one, many)
    assert 0 < many <= 12


async def _counted(stage: Stage, fan: Caller, ids: list, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> int:  # type: ignore[type-arg]
    from directfanz.backends.database import connection

    asked.clear()
    with monkeypatch.context() as patched:
        plain = connection.Connection.ask

        async def counting(self: object, how: object, sql: str, *values: object) -> object:
            asked.append(sql)
            return await plain(self, how, sql, *values)  # type: ignore[arg-type]

        patched.setattr(connection.Connection, "ask", counting)
        assert len(await reading.these(stage.backends, fan, ids)) == len(ids)
    return len(asked)


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        ("2026-07-01T09:00", "Europe/Berlin", "2026-07-01T07:00"), ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-03-29T02:30", "Europe/Berlin", None), ("tomorrow", "UTC", None),
        ("2026-01-01T00:00", "Pacific/Kiritimati", "2025-12-31T10:00"),
    ],
)  # fmt: skip
def test_a_plan_is_by_the_clock_on_the_wall(wall: str, zone: str, moment: str | None) -> None:
    if moment is None:
        with pytest.raises(InvalidInput):
            moment_in_zone(wall, ZoneInfo(zone))
    else:
        assert moment_in_zone(wall, ZoneInfo(zone)) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


async def test_a_month_has_its_days_by_the_readers_clock(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), Caller(user_id=ada.user_id)
    post = await writing.begin(stage.backends, caller, creator.id, Draft(title="Late"))
    now = stage.clock.now()
    late = now.replace(hour=23, minute=30) + timedelta(days=1)
    await writing.publish(stage.backends, caller, post.id, late)
    month = await planning.month(stage.backends, caller, creator.id, f"{late:%Y-%m}", ZoneInfo("Asia/Tokyo"))
    days = {day.name: [each.at for each in day.posts] for week in month.weeks for day in week if day.posts}
    assert days == {f"{late + timedelta(hours=9):%A, %-d %B}": ["08:30"]}


def test_warnings_are_said_until_all_of_them_were_chosen() -> None:
    assert warnings.still_to_say([], "") == []
    assert warnings.still_to_say(["sex", "drugs"], "sex") == ["sex", "drugs"]
    cookie = warnings.with_these("sex.<script>", ["drugs"])
    assert cookie == "sex.drugs"
    assert warnings.still_to_say(["sex", "drugs"], cookie) == []

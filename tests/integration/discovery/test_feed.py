"""The home feed: what one asked for, by the clock, without what is hidden, with reasons; and a few suggestions that say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.domains.content.models import Attachment
from directfanz.domains.content.service import writing
from directfanz.domains.creators.service import following, operators
from directfanz.domains.discovery.models import Card
from directfanz.domains.discovery.service import cards, feed, sources, suggesting, tags
from directfanz.domains.media.models import Rendition
from directfanz.http.caller import Caller
from directfanz.kit.signing import new_key_pair
from tests.support.discovery import STRANGER, Town


async def suggestions(town: Town, who: Caller) -> list[Card]:
    """All that there are."""
    held = await sources.of_caller(town.backends, who)
    picked = await suggesting.picked(town.backends, who, held, 0, 200)
    made = await cards.of_posts(town.backends, who, picked.posts, suggesting.why(picked, cards.chosen(held)))
    return list(made.values())


async def all_cards(town: Town, who: Caller, limit: int = 3) -> list[Card]:
    shown: list[Card] = []
    position = None
    for _ in range(100):
        found = await feed.page(town.backends, who, position, limit)
        shown += found.cards
        position = found.next
        if position is None:
            return shown
    raise AssertionError("the feed does not end")


async def own(town: Town, who: Caller, limit: int = 3) -> list[str]:
    return [each.reading.post.title for each in await all_cards(town, who, limit) if not each.why.suggested]


async def test_what_one_asked_for_and_why(town: Town) -> None:
    ada, eve, ben = await town.page("ada"), await town.page("eve"), await town.person("ben")
    await town.post(ada, "Open")
    await town.clock.advance(timedelta(seconds=1))
    await town.post(ada, "Gold", body="secret", teaser="Shiny", access="rank", min_rank=2)
    await town.clock.advance(timedelta(seconds=1))
    await town.post(eve, "Of Eve")
    await town.joins(ben, ada, rank=1, tier="Silver")
    await town.follows(ben, eve)
    cards = [each for each in await all_cards(town, ben) if not each.why.suggested]
    assert [each.reading.post.title for each in cards] == ["Of Eve", "Gold", "Open"]
    assert [each.why.because for each in cards] == ["follower", "member", "member"]
    assert "in Silver" in cards[1].why.words
    assert (cards[1].reading.open, cards[1].reading.post.body, cards[1].reading.teaser) == (False, "", "Shiny")
    assert cards[1].reading.decision.because == "higher_tier_needed"
    assert [each.why.because for each in await all_cards(town, ada[1]) if each.creator.id == ada[0].id] == ["team"] * 2


async def test_by_the_clock(town: Town) -> None:
    ada, ben = await town.page("ada"), await town.person("ben")
    membership_ends_in = 40.0
    await town.joins(ben, ada, days=membership_ends_in)
    await town.post(ada, "Drip", body="x", access="members", drip_days=7)
    await town.post(ada, "To come", at=town.clock.now() + timedelta(hours=1))
    assert await own(town, ben) == ["Drip"]
    [drip] = [each for each in await all_cards(town, ben) if not each.why.suggested]
    assert (drip.reading.open, drip.reading.decision.opens_at) == (False, town.clock.now() + timedelta(days=7))
    await town.clock.advance(timedelta(hours=1))
    assert await own(town, ben) == ["To come", "Drip"]
    await town.clock.advance(timedelta(days=7))
    assert all(each.reading.open for each in await all_cards(town, ben) if not each.why.suggested)
    await town.clock.advance(timedelta(days=34))
    assert await own(town, ben) == [], "a membership that ran out brings nothing more"


async def test_muted_hidden_and_taken_down(town: Town) -> None:
    ada, eve, ben = await town.page("ada"), await town.page("eve"), await town.person("ben")
    gone = await town.post(ada, "Gone")
    await town.post(eve, "Of Eve")
    await town.follows(ben, ada)
    await town.follows(ben, eve)
    await writing.take_down(town.backends, ada[1], gone.id)
    assert await own(town, ben) == ["Of Eve"]
    await feed.wish(town.backends, ben, eve[0].id, "mute")
    assert await own(town, ben) == []
    await feed.unwish(town.backends, ben, eve[0].id)
    assert await own(town, ben) == ["Of Eve"]
    olu = msgspec.structs.replace(await town.person("olu"), role="admin")
    await operators.suspend(town.backends, olu, eve[0].id, "Spam.")
    assert await own(town, ben) == []


async def test_suggestions_say_so_and_listen(town: Town) -> None:
    ada, eve, max_, ben = (
        await town.page("ada"), await town.page("eve"), await town.page("max"), await town.person("ben"),
    )  # fmt: skip
    await town.post(ada, "Mine", tags=["letterpress"])
    await town.post(eve, "Alike", tags=["letterpress"])
    await town.post(eve, "Alike but closed", tags=["letterpress"], access="members")
    await town.post(max_, "Popular")
    await town.follows(ben, ada)
    for number in range(3):
        await town.follows(await town.person(f"fan{number}"), max_)
    await town.rebuild()

    async def suggested() -> dict[UUID, Card]:
        for _ in range(6 - len([1 for each in await all_cards(town, ben, 50) if not each.why.suggested])):
            await town.post(ada, "Filler")
        return {each.creator.id: each for each in await all_cards(town, ben, 50) if each.why.suggested}

    stranger = await town.person("new")
    async with town.backends.database.writing() as tx:  # whatever pages other tests left in this world
        await tx.execute("UPDATE creator_figures SET heat = heat + 100 WHERE creator_id = $1", max_[0].id)
    shown = await suggestions(town, stranger)
    alone = [each for each in shown if each.creator.id in (eve[0].id, max_[0].id)]
    assert all(each.why.suggested and each.reading.open for each in alone)
    assert {each.creator.id for each in alone} >= {max_[0].id}
    made = {each.creator.id: each for each in await suggestions(town, ben)}
    assert (made[eve[0].id].why.because, made[eve[0].id].reading.post.title) == ("alike", "Alike")
    assert "#letterpress" in made[eve[0].id].why.words
    assert made[max_[0].id].why.because == "popular"
    assert ada[0].id not in made, "what one follows is not suggested"
    await feed.wish(town.backends, ben, eve[0].id, "less")
    assert eve[0].id not in {each.creator.id for each in await suggestions(town, ben)}
    assert len(await suggested()) >= 1


async def test_tags(town: Town) -> None:
    ada, eve = await town.page("ada"), await town.page("eve")
    mark = ada[0].slug[-8:]
    for number in range(5):
        await town.post(ada, f"Ada {number}", tags=[f"#Still  {mark}"])
        await town.clock.advance(timedelta(seconds=1))
    await town.post(eve, "Eve", tags=[f"still {mark}", "Café"], access="members")
    await town.post(eve, "Later", tags=[f"still-{mark}", f"to-come-{mark}"], at=town.clock.now() + timedelta(days=1))
    await town.rebuild()
    name = f"still-{mark}"

    async def titles(creator: object, limit: int) -> list[str]:
        found, place = [], None
        while True:
            cards, place = await tags.posts_of(town.backends, STRANGER, name, creator, place, limit)  # type: ignore[arg-type]
            found += [each.reading.post.title for each in cards]
            if place is None:
                return found

    newest = [f"Ada {number}" for number in reversed(range(5))]
    assert await titles(None, 2) == ["Eve", *newest]
    assert await titles(ada[0], 2) == newest
    offered = await tags.beginning(town.backends, f"#STILL {mark[:4]}")
    assert [(each.tag, each.posts) for each in offered] == [(name, 6)]
    assert await tags.beginning(town.backends, f"to-come-{mark}") == [], "what is to come is nobody's business yet"
    assert [each.tag for each in await tags.of_creator(town.backends, eve[0])] == ["café", name]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["post", "later", "down", "follow", "unfollow", "join", "lose", "mute", "unmute", "wait"]),
        st.integers(0, 2), st.integers(0, 40),
    ),
    min_size=8, max_size=25,
)  # fmt: skip


async def test_it_equals_a_model(town: Town) -> None:
    """Random days of three pages and one fan: the feed is all visible posts of the pages that are theirs, newest first."""

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(EVENTS, st.integers(1, 4))
    def days(events: list[tuple[str, int, int]], limit: int) -> None:
        drawn.append((events, limit))

    drawn: list[tuple[list[tuple[str, int, int]], int]] = []
    days()
    for events, limit in drawn:
        await _lives(town, events, limit)


async def _lives(town: Town, events: list[tuple[str, int, int]], limit: int) -> None:
    pages, ben = [await town.page(f"page{number}") for number in range(3)], await town.person("ben")
    shown: dict[UUID, tuple[datetime, UUID, int]] = {}
    wanted: dict[str, set[int]] = {"follow": set(), "join": set(), "mute": set()}
    memberships: dict[int, UUID] = {}
    for what, at, number in events:
        page = pages[at]
        if what in ("post", "later"):
            moment = town.clock.now() + timedelta(hours=number) if what == "later" else None
            made = await town.post(page, f"{at}/{number}", access="public" if number % 2 else "members", at=moment)
            assert made.publish_at is not None
            shown[made.id] = (made.publish_at, made.id, at)
        elif what == "down" and (mine := sorted(each for each in shown if shown[each][2] == at)):
            await writing.take_down(town.backends, page[1], mine[number % len(mine)])
            del shown[mine[number % len(mine)]]
        elif what == "follow":
            await town.follows(ben, page)
            wanted["follow"].add(at)
        elif what == "unfollow":
            await following.unfollow(town.backends, ben, page[0].id)
            wanted["follow"].discard(at)
        elif what == "join" and at not in memberships:
            memberships[at] = await town.joins(ben, page)
            wanted["join"].add(at)
        elif what == "lose" and at in memberships:
            await town.loses("membership", memberships.pop(at))
            wanted["join"].discard(at)
        elif what in ("mute", "unmute"):
            await (
                feed.wish(town.backends, ben, page[0].id, "mute")
                if what == "mute"
                else feed.unwish(town.backends, ben, page[0].id)
            )
            (wanted["mute"].add if what == "mute" else wanted["mute"].discard)(at)
        else:
            await town.clock.advance(timedelta(hours=number))
    theirs = (wanted["follow"] | wanted["join"]) - wanted["mute"]
    now = town.clock.now()
    visible = sorted((each for each in shown.values() if each[2] in theirs and each[0] <= now), reverse=True)
    cards = [each for each in await all_cards(town, ben, limit) if not each.why.suggested]
    assert [each.reading.post.id for each in cards] == [each[1] for each in visible]
    assert all(
        each.reading.open == (each.reading.post.access == "public" or shown[each.reading.post.id][2] in wanted["join"])
        for each in cards
    )


async def test_a_card_shows_a_picture_of_what_is_open_and_of_nothing_else(town: Town) -> None:
    await town.backends.secrets.put("media-signing-key", new_key_pair()[0].decode())
    await town.backends.secrets.put("media-signing-key-id", "KTEST")
    ada, ben = await town.page("ada"), await town.person("ben")
    made = [
        Rendition(
            name=f"poster-{wide}", role="poster", path=f"poster-{wide}.webp", mime="image/webp", width=wide, height=wide
        )
        for wide in (320, 640, 1280)
    ]
    film, sound = await town.file(ada, "video", seconds=83, made=made), await town.file(ada, "audio", seconds=60)
    await town.follows(ben, ada)
    shown = await town.post(ada, "Open", files=[sound, film])
    closed = await town.post(ada, "Closed", access="members", files=[film])
    bare = await town.post(ada, "Bare")
    warned = await writing.begin(
        town.backends, ada[1], ada[0].id,
        writing.Draft(title="Warned", warnings=["nudity"], assets=[Attachment(asset_id=film)]),
    )  # fmt: skip
    await writing.publish(town.backends, ada[1], warned.id)
    cards = {each.reading.post.id: each for each in (await feed.page(town.backends, ben, None, 20)).cards}
    cover = cards[shown.id].cover
    assert cover is not None
    assert (cover.kind, cover.counts, cover.length, cover.width) == ("video", {"audio": 1, "video": 1}, "2:23", 640)
    assert f"/media/{film.hex}/v/1/poster-640.webp?" in (cover.src or "")
    assert "Signature=" in (cover.src or "")
    assert (cards[closed.id].cover, cards[bare.id].cover) == (None, None)
    assert "/media/" not in repr(cards[closed.id])
    unseen = cards[warned.id].cover
    assert unseen is not None
    assert unseen.src is None, "nobody said yet that they want to see it"

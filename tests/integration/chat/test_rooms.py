"""Stories in chat rooms: Ada paints, Ben is a member, Cy looks in, Mo moderates."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from directfanz.domains.chat import service as chat
from directfanz.domains.chat.errors import (
    Banned,
    MayNotSpeak,
    NoSuchMessage,
    NoSuchRoom,
    NotYourRoom,
    PollClosed,
    PollOpen,
    RoomClosed,
    SlowDown,
    VotedAlready,
    WordNotWelcome,
)
from directfanz.domains.chat.models import Event
from directfanz.domains.chat.service import entering, moderating, own_data, polling, reading
from directfanz.domains.creators.errors import NotInTeam
from directfanz.domains.creators.models import Creator
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.errors import InvalidInput, NotSignedIn
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone, Stage
from tests.support.chats import room_of, says
from tests.support.creators import join_team, page_of


@pytest.fixture
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


@pytest.fixture
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


@pytest.fixture
async def room(stage: Stage, page: Creator) -> UUID:
    return await room_of(stage, page)


async def story(stage: Stage, room_id: UUID, who: Someone | None = None) -> list[Event]:
    """From the beginning."""
    caller = await stage.caller(who) if who else Caller()
    return list(reversed(await reading.newest(stage.backends, caller, room_id, None, 100)))


async def become_member(stage: Stage, who: Someone, page: Creator) -> UUID:
    source = new_id()
    grant = Grant(
        user_id=who.user_id, creator_id=page.id, source="membership", source_id=source, rank=1, tier_name="Gold",
        starts_at=stage.backends.clock.now(),
    )  # fmt: skip
    async with stage.backends.database.writing() as tx:
        await entitlements.grant(stage.backends, tx, grant)
    return source


async def test_what_is_said_has_positions_without_holes_and_says_who(
    stage: Stage, page: Creator, room: UUID, ada: Someone
) -> None:
    ben = await stage.joined("ben")
    await become_member(stage, ben, page)
    assert [await says(stage, ben, room, "hello  you"), await says(stage, ada, room, "hi Ben")] == [1, 2]
    told = await story(stage, room)
    assert [(each.body, each.standing, each.tier, each.name) for each in told] == [
        ("hello you", "member", "Gold", "Ben"), ("hi Ben", "team", "", "Ada"),
    ]  # fmt: skip


async def test_the_same_said_twice_is_said_once(stage: Stage, room: UUID) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    first = await says(stage, ben, room, "once", "n1")
    again = await asyncio.gather(*(says(stage, ben, room, "once", "n1") for _ in range(5)))
    assert set(again) == {first}
    assert await says(stage, cy, room, "mine", "n1") == first + 1
    assert [each.position for each in await story(stage, room)] == [1, 2]


async def test_many_at_once_get_one_place_each(stage: Stage, room: UUID) -> None:
    people = [await stage.joined(name) for name in ("ben", "cy", "dee", "eli")]
    places = await asyncio.gather(*(says(stage, who, room, f"{n}") for who in people for n in range(5)))
    assert sorted(places) == list(range(1, 21))


async def test_a_room_is_open_to_whom_its_thing_is_open(stage: Stage, page: Creator, ada: Someone) -> None:
    gated, ben, cy = await room_of(stage, page, "members"), await stage.joined("ben"), await stage.joined("cy")
    source = await become_member(stage, ben, page)
    assert await says(stage, ben, gated, "inside") == 1
    for locked_out in (cy, None):
        caller = await stage.caller(locked_out) if locked_out else Caller()
        with pytest.raises(NotYourRoom):
            await reading.newest(stage.backends, caller, gated, None, 10)
        with pytest.raises(NotYourRoom):
            await entering.enter(stage.backends, caller.user_id, gated)
    with pytest.raises(NotYourRoom):
        await says(stage, cy, gated, "let me in")
    async with stage.backends.database.writing() as tx:
        await entitlements.end(stage.backends, tx, "membership", source, stage.backends.clock.now(), "over")
    with pytest.raises(NotYourRoom):
        await says(stage, ben, gated, "still here?")
    with pytest.raises(NotSignedIn):
        await chat_as_stranger(stage, gated)
    with pytest.raises(NoSuchRoom):
        await says(stage, ben, new_id(), "anybody?")


async def chat_as_stranger(stage: Stage, room_id: UUID) -> None:
    from directfanz.domains.chat.service import speaking

    await speaking.say(stage.backends, Caller(), room_id, "hello", "n")


async def test_a_closed_room_is_read_and_not_spoken_in(stage: Stage, room: UUID, ada: Someone) -> None:
    ben = await stage.joined("ben")
    await says(stage, ben, room, "before")
    for _ in range(2):  # closing twice is closing once
        async with stage.backends.database.writing() as tx:
            await chat.close_room(stage.backends, tx, room)
    for who in (ben, ada):
        with pytest.raises(RoomClosed):
            await says(stage, who, room, "after")
    assert [each.kind for each in await story(stage, room)] == ["text", "closed"]
    entry = await entering.enter(stage.backends, ben.user_id, room)
    assert (entry.speaks, entry.why_not) == (False, "This chat has ended.")
    async with stage.backends.database.writing() as tx:
        await chat.reopen_room(stage.backends, tx, room)
        await chat.say_as_server(stage.backends, tx, room, "Ada is back.")
    await says(stage, ben, room, "welcome back")
    assert [each.kind for each in await story(stage, room)] == ["text", "closed", "opened", "system", "text"]


async def test_a_transaction_that_is_undone_leaves_no_hole(stage: Stage, room: UUID) -> None:
    ben = await stage.joined("ben")
    with pytest.raises(RuntimeError):
        await say_and_fail(stage, room)
    assert await says(stage, ben, room, "first") == 1


async def say_and_fail(stage: Stage, room_id: UUID) -> None:
    async with stage.backends.database.writing() as tx:
        await chat.say_as_server(stage.backends, tx, room_id, "never")
        raise RuntimeError


async def test_slow_mode_members_only_and_the_filter(stage: Stage, page: Creator, room: UUID, ada: Someone) -> None:
    ben, cy, adas = await stage.joined("ben"), await stage.joined("cy"), await stage.caller(ada)
    await become_member(stage, ben, page)
    await moderating.set_rules(stage.backends, adas, room, slow_seconds=30, members_only=True)
    assert await moderating.set_words(stage.backends, adas, page.id, ["Rat", "BIG cheese", "!", "rat"]) == [
        "big cheese",
        "rat",
    ]
    with pytest.raises(MayNotSpeak, match="Only members"):
        await says(stage, cy, room, "hello")
    with pytest.raises(WordNotWelcome):
        await says(stage, ben, room, "you r4t")
    await says(stage, ben, room, "lovely colours", "n1")
    with pytest.raises(SlowDown):
        await says(stage, ben, room, "and more")
    await says(stage, ben, room, "lovely colours", "n1")  # only its answer was lost
    await says(stage, ada, room, "the team is not slowed, and may say rat")
    await stage.later(seconds=30)
    await says(stage, ben, room, "and more")
    with pytest.raises(InvalidInput):
        await moderating.set_rules(stage.backends, adas, room, slow_seconds=-1, members_only=False)


async def test_two_windows_do_not_get_around_slow_mode(stage: Stage, room: UUID, ada: Someone) -> None:
    ben = await stage.joined("ben")
    await moderating.set_rules(stage.backends, await stage.caller(ada), room, slow_seconds=30, members_only=False)
    answers = await asyncio.gather(*(says(stage, ben, room, f"{n}") for n in range(4)), return_exceptions=True)
    assert sum(isinstance(each, int) for each in answers) == 1
    assert sum(isinstance(each, SlowDown) for each in answers) == 3


async def test_a_ban_holds_in_every_room_until_it_ends_or_is_lifted(
    stage: Stage, page: Creator, room: UUID, ada: Someone
) -> None:
    mo, ben = await stage.joined("mo"), await stage.joined("ben")
    await join_team(stage, ada, page, mo, "moderator")
    mos, second = await stage.caller(mo), await room_of(stage, page)
    await says(stage, ben, room, "rude words")
    await says(stage, ben, second, "elsewhere")
    await moderating.ban(
        stage.backends, mos, room, ben.user_id, lasts=timedelta(minutes=10), reason="Be kind.", purge=True
    )
    for where in (room, second):
        with pytest.raises(Banned, match="Be kind"):
            await says(stage, ben, where, "again")
    told = await story(stage, room)
    assert [(each.kind, each.body, each.hidden) for each in told] == [("text", "", True), ("cleared", "", False)]
    assert [each.body for each in await story(stage, second)] == ["elsewhere"]
    assert [each.user_id for each in await moderating.banned(stage.backends, mos, page.id)] == [ben.user_id]
    assert not (await entering.enter(stage.backends, ben.user_id, room)).speaks
    await stage.later(minutes=11)
    await says(stage, ben, second, "sorry")
    await moderating.ban(stage.backends, mos, room, ben.user_id, lasts=None)
    await stage.later(days=400)
    for who in (ben, mo):
        await stage.sign_in(who)
    with pytest.raises(Banned, match="any more"):
        await says(stage, ben, second, "after a year")
    await moderating.lift(stage.backends, await stage.caller(mo), page.id, ben.user_id)
    await says(stage, ben, second, "thank you")


async def test_only_the_team_moderates_and_nobody_bans_it(
    stage: Stage, page: Creator, room: UUID, ada: Someone
) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    await says(stage, ben, room, "mine")
    cys, backends = await stage.caller(cy), stage.backends
    for forbidden in (
        moderating.remove(backends, cys, room, 1), moderating.pin(backends, cys, room, 1),
        moderating.set_rules(backends, cys, room, 5, True), moderating.ban(backends, cys, room, ben.user_id, lasts=None),
        moderating.lift(backends, cys, page.id, ben.user_id), moderating.set_words(backends, cys, page.id, ["x y"]),
        moderating.banned(backends, cys, page.id), polling.ask(backends, cys, room, "?", ["a", "b"], timedelta(minutes=1)),
    ):  # fmt: skip
        with pytest.raises(NotInTeam):
            await forbidden
    with pytest.raises(MayNotSpeak, match="team"):
        await moderating.ban(backends, await stage.caller(ada), room, ada.user_id, lasts=None)


async def test_words_are_taken_back_by_their_author_and_pins_go_with_them(
    stage: Stage, room: UUID, ada: Someone
) -> None:
    ben, adas = await stage.joined("ben"), await stage.caller(ada)
    await says(stage, ben, room, "a secret")
    await moderating.pin(stage.backends, adas, room, 1)
    entry = await entering.enter(stage.backends, None, room)
    assert entry.pinned is not None
    assert entry.pinned.body == "a secret"
    await moderating.remove(stage.backends, await stage.caller(ben), room, 1)
    await moderating.remove(stage.backends, adas, room, 1)  # already gone: nothing more is told
    assert [each.kind for each in await story(stage, room)] == ["text", "pinned", "removed", "pinned"]
    assert all("secret" not in each.body for each in await story(stage, room))
    assert (await entering.enter(stage.backends, None, room)).pinned is None
    for position in (1, 2, 99):
        with pytest.raises(NoSuchMessage):
            await moderating.pin(stage.backends, adas, room, position)


async def test_a_poll_has_one_vote_each_and_its_end_says_the_sum(
    stage: Stage, page: Creator, room: UUID, ada: Someone
) -> None:
    people, adas = [await stage.joined(name) for name in ("ben", "cy", "dee")], await stage.caller(ada)
    poll = await polling.ask(stage.backends, adas, room, " Which  colour? ", ["blue", "red"], timedelta(minutes=2))
    with pytest.raises(PollOpen):
        await polling.ask(stage.backends, adas, room, "Another?", ["a", "b"], timedelta(minutes=2))
    for who, option in zip(people, (0, 1, 1), strict=True):
        caller = await stage.caller(who)
        first, *again = await asyncio.gather(*(polling.vote(stage.backends, caller, poll.id, option) for _ in range(3)))
        assert {first.mine, *(each.mine for each in again)} == {option}
        with pytest.raises(VotedAlready):
            await polling.vote(stage.backends, caller, poll.id, 1 - option)
    with pytest.raises(InvalidInput):
        await polling.vote(stage.backends, adas, poll.id, 2)
    entry = await entering.enter(stage.backends, people[0].user_id, room)
    assert entry.poll is not None
    assert (entry.poll.votes, entry.poll.mine) == ([1, 2], 0)
    await stage.later(minutes=2)
    with pytest.raises(PollClosed):
        await polling.vote(stage.backends, adas, poll.id, 0)
    await stage.work()
    last = (await story(stage, room))[-1]
    assert (last.kind, last.facts["votes"], last.facts["question"]) == ("poll_closed", [1, 2], "Which colour?")
    assert (await polling.end(stage.backends, adas, poll.id)).votes == [1, 2]
    assert [each.kind for each in await story(stage, room)] == ["poll_opened", "poll_closed"]


async def test_a_poll_ends_with_its_room_and_says_the_sum(stage: Stage, room: UUID, ada: Someone) -> None:
    ben, adas = await stage.caller(await stage.joined("ben")), await stage.caller(ada)
    poll = await polling.ask(stage.backends, adas, room, "Which colour?", ["blue", "red"], timedelta(hours=1))
    await polling.vote(stage.backends, ben, poll.id, 1)

    async def close() -> None:
        async with stage.backends.database.writing() as tx:
            await chat.close_room(stage.backends, tx, room)

    await asyncio.gather(
        close(), polling.end(stage.backends, adas, poll.id), close()
    )  # none waits for another for good
    with pytest.raises(PollClosed):
        await polling.vote(stage.backends, adas, poll.id, 0)
    with pytest.raises(RoomClosed):
        await polling.ask(stage.backends, adas, room, "Another?", ["a", "b"], timedelta(minutes=2))
    told = await story(stage, room)
    assert sorted(each.kind for each in told) == ["closed", "poll_closed", "poll_opened"]
    assert next(each.facts["votes"] for each in told if each.kind == "poll_closed") == [0, 1]


async def test_a_poll_nobody_ends_ends_before_its_room(stage: Stage, room: UUID, ada: Someone) -> None:
    poll = await polling.ask(
        stage.backends, await stage.caller(ada), room, "Which?", ["blue", "red"], timedelta(hours=1)
    )
    async with stage.backends.database.writing() as tx:
        await chat.close_room(stage.backends, tx, room)
    assert [each.kind for each in await story(stage, room)] == ["poll_opened", "poll_closed", "closed"]
    await stage.later(hours=2)
    await stage.work()  # its time comes, and it is over already
    with pytest.raises(PollClosed):
        await polling.vote(stage.backends, await stage.caller(ada), poll.id, 0)
    assert len(await story(stage, room)) == 3


@pytest.mark.parametrize(
    ("question", "options", "seconds"),
    [
        ("", ["a", "b"], 60), ("?", ["a"], 60), ("?", ["a", "A"], 60), ("?", ["a", " "], 60), ("?", [*"abcdefghi"], 60),
        ("x" * 201, ["a", "b"], 60), ("?", ["a", "x" * 81], 60), ("?", ["a", "b"], 5), ("?", ["a", "b"], 90_000),
    ],
)  # fmt: skip
async def test_polls_that_cannot_be_meant(
    stage: Stage, room: UUID, ada: Someone, question: str, options: list[str], seconds: int
) -> None:
    with pytest.raises(InvalidInput):
        await polling.ask(stage.backends, await stage.caller(ada), room, question, options, timedelta(seconds=seconds))


async def test_a_replay_gives_what_happened_in_a_stretch(stage: Stage, room: UUID) -> None:
    ben, begun = await stage.joined("ben"), stage.backends.clock.now()
    for minute in range(4):
        await says(stage, ben, room, f"minute {minute}")
        await stage.later(minutes=1)
    bens = await stage.caller(ben)
    found = await reading.stretch(
        stage.backends, bens, room, begun + timedelta(minutes=1), begun + timedelta(minutes=3)
    )
    assert [each.body for each in found] == ["minute 1", "minute 2"]
    more = await reading.stretch(stage.backends, bens, room, begun, begun + timedelta(minutes=3), found[0].position)
    assert [each.body for each in more] == ["minute 2"]
    for start, end in ((begun, begun), (begun, begun + timedelta(hours=2))):
        with pytest.raises(InvalidInput):
            await reading.stretch(stage.backends, bens, room, start, end)


async def test_who_leaves_the_platform_takes_their_words_along(stage: Stage, room: UUID, ada: Someone) -> None:
    ben = await stage.joined("ben")
    await says(stage, ben, room, "my words")
    poll = await polling.ask(stage.backends, await stage.caller(ada), room, "?", ["a", "b"], timedelta(minutes=1))
    await polling.vote(stage.backends, await stage.caller(ben), poll.id, 1)
    async with stage.backends.database.writing() as tx:
        told = await own_data.tell(tx, ben.user_id)
        await own_data.erase(stage.backends, tx, ben.user_id)
        after = await own_data.tell(tx, ben.user_id)
    assert [each["words"] for each in told["What you said in chats"]] == ["my words"]
    assert [each["answer"] for each in told["How you voted in polls"]] == ["b"]
    assert not any(after.values())
    first = (await story(stage, room))[0]
    assert (first.body, first.hidden, first.user_id) == ("", True, None)

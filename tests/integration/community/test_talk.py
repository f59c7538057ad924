"""What is said under a post: who may, what waits, who is told, and two who do something at once."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from directfanz.domains.community.errors import Blocked, CommentsClosed, NoSuchComment, NotModerator, TooLateToEdit
from directfanz.domains.community.jobs import DIGEST, RECOUNT, Nothing
from directfanz.domains.community.models import DEEPEST, Rules, Said
from directfanz.domains.community.service import blocks, commenting, moderating, reacting, rights, threads
from directfanz.domains.content.models import CommentsPolicy, Post
from directfanz.domains.content.service import reading, writing
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.creators.errors import KeptApart
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import following
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Access, Grant
from directfanz.domains.notifications.service import inbox
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone, Stage
from tests.support.creators import join_team, page_of

STRANGER = Caller(address="192.0.2.9")


async def post_of(
    stage: Stage, ada: Someone, creator: Creator, comments: CommentsPolicy = "open", access: Access = "public"
) -> Post:
    caller = await stage.caller(ada)
    wanted = Draft(title="First song", body="Drop D.", access=access, comments=comments)
    post = await writing.begin(stage.backends, caller, creator.id, wanted)
    return await writing.publish(stage.backends, caller, post.id)


async def member(stage: Stage, who: Someone, creator: Creator) -> None:
    async with stage.backends.database.writing() as tx:
        wanted = Grant(
            user_id=who.user_id, creator_id=creator.id, source="membership", source_id=new_id(), rank=1,
            starts_at=stage.clock.now(),
        )  # fmt: skip
        await entitlements.grant(stage.backends, tx, wanted)


async def talk(stage: Stage, caller: Caller, post: Post) -> list[Said]:
    place = await rights.place_of(stage.backends, caller, post.id)
    first, rest = await threads.newest(stage.backends, caller, place, None, 50)
    return [*first, *rest]


async def words(stage: Stage, caller: Caller, post: Post) -> list[str]:
    """As lines; answers with as many dots as they are deep."""
    lines = []
    for each in await talk(stage, caller, post):
        lines.append(each.comment.body)
        lines += ["." * below.comment.depth + below.comment.body for below in each.replies]
    return lines


async def told(stage: Stage, who: Someone) -> list[str]:
    rows = await inbox.newest(stage.backends, await stage.caller(who), None, 20)
    return [row.kind for row in rows if row.kind.startswith("community.")]


async def count(stage: Stage, post: Post) -> int:
    async with stage.backends.database.reading() as reader:
        return (await reacting.counts_of(reader, [post.id]))[post.id].comments


async def test_a_conversation_reads_as_one(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator = await page_of(stage, ada)
    post = await post_of(stage, ada, creator)
    b, c, a = [await stage.caller(who) for who in (ben, cy, ada)]
    one = await commenting.write(stage.backends, b, post.id, "I hear a fridge.")
    two = await commenting.write(stage.backends, c, post.id, "B flat.")
    yes = await commenting.write(stage.backends, a, post.id, "You do!", one.id)
    await commenting.write(stage.backends, c, post.id, "Lovely.", one.id)
    await commenting.write(stage.backends, b, post.id, "Knew it.", yes.id)
    expected = ["B flat.", "I hear a fridge.", ".You do!", "..Knew it.", ".Lovely."]
    assert await words(stage, STRANGER, post) == expected
    await moderating.pin(stage.backends, a, one.id, True)
    assert await words(stage, STRANGER, post) == [*expected[1:], "B flat."]
    assert await count(stage, post) == 5
    assert await told(stage, ada) == ["community.reply", "community.comment", "community.comment", "community.comment"]
    assert await told(stage, ben) == ["community.reply", "community.reply"]
    with pytest.raises(NotModerator):
        await moderating.pin(stage.backends, await _moderatorless(stage, ada, creator), two.id, True)


async def _moderatorless(stage: Stage, ada: Someone, creator: Creator) -> Caller:
    """Of the team, but only for its figures."""
    mo = await stage.joined("mo")
    await join_team(stage, ada, creator, mo, "analyst")
    return await stage.caller(mo)


async def test_the_deepest_answer_stands_beside_what_it_answers(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    post, caller = await post_of(stage, ada, creator), await stage.caller(ada)
    last = await commenting.write(stage.backends, caller, post.id, "0")
    for depth in range(1, DEEPEST + 3):
        last = await commenting.write(stage.backends, caller, post.id, str(depth), last.id)
        assert last.depth == min(depth, DEEPEST - 1)
    place = await rights.place_of(stage.backends, STRANGER, post.id)
    first = await threads.thread(stage.backends, STRANGER, place, last.root_id, b"", 4)
    rest = await threads.thread(stage.backends, STRANGER, place, last.root_id, first[-1].comment.path, 50)
    assert [each.comment.body for each in [*first, *rest]] == [str(depth) for depth in range(1, DEEPEST + 3)]


@pytest.mark.parametrize(
    ("policy", "access", "answers"),
    [("open", "public", "ok ok ok"), ("members", "public", "no ok ok"), ("closed", "public", "no no ok"),
     ("hold", "public", "held held ok"), ("open", "members", "no ok ok")],
)  # fmt: skip
async def test_who_may_comment(stage: Stage, policy: CommentsPolicy, access: Access, answers: str) -> None:
    ada, cy, ben = [await stage.joined(name) for name in ("ada", "cy", "ben")]
    creator = await page_of(stage, ada)
    await member(stage, ben, creator)
    post = await post_of(stage, ada, creator, policy, access)
    found = []
    for who in (cy, ben, ada):
        try:
            said = await commenting.write(stage.backends, await stage.caller(who), post.id, "Hello")
            found.append("held" if said.state == "held" else "ok")
        except CommentsClosed:
            found.append("no")
    assert " ".join(found) == answers
    if access == "members":
        assert await words(stage, await stage.caller(cy), post) == [], "what is said about it is for who may read it"


async def test_what_waits_is_let_in_and_liked(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator = await page_of(stage, ada)
    post = await post_of(stage, ada, creator)
    a, b = await stage.caller(ada), await stage.caller(ben)
    await moderating.set_rules(stage.backends, a, creator.id, Rules(words=["Kazoo"], hold_links=True))
    held = await commenting.write(stage.backends, b, post.id, "Play it on a K.a.z.ο.o!")
    link = await commenting.write(stage.backends, b, post.id, "See www.kazoos.example")
    assert (held.held_for, link.held_for) == ("word", "links")
    assert await words(stage, await stage.caller(cy), post) == []
    assert await words(stage, b, post) == ["See www.kazoos.example", "Play it on a K.a.z.ο.o!"], "their own"
    assert await count(stage, post) == 0
    with pytest.raises(NoSuchComment):
        await commenting.write(stage.backends, await stage.caller(cy), post.id, "What?", held.id)
    queue = await moderating.queue(stage.backends, a, creator.id, "held", None, 10)
    assert [each.said.comment.id for each in queue] == [link.id, held.id]
    await asyncio.gather(*(moderating.approve(stage.backends, a, held.id) for _ in range(5)))
    await moderating.heart(stage.backends, a, held.id, True)
    await moderating.remove(stage.backends, a, link.id)
    assert await words(stage, STRANGER, post) == ["Play it on a K.a.z.ο.o!"]
    assert await count(stage, post) == 1, "let in five times at once it counts once"
    assert await told(stage, ben) == ["community.hearted"]
    assert await told(stage, ada) == ["community.comment", "community.held", "community.held"]
    await moderating.approve(stage.backends, a, link.id)
    assert await count(stage, post) == 2


async def test_mended_for_a_while_and_taken_back_for_good(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator = await page_of(stage, ada)
    post = await post_of(stage, ada, creator)
    b, c = await stage.caller(ben), await stage.caller(cy)
    await moderating.set_rules(stage.backends, await stage.caller(ada), creator.id, Rules(words=["kazoo"]))
    said = await commenting.write(stage.backends, b, post.id, "Harp")
    await commenting.write(stage.backends, c, post.id, "Really?", said.id)
    await stage.later(minutes=14)
    assert (await commenting.change(stage.backends, b, said.id, "A kazoo")).state == "held", (
        "edited words are looked at again"
    )
    assert (await commenting.change(stage.backends, b, said.id, "A harp")).state == "visible"
    with pytest.raises(NoSuchComment):
        await commenting.change(stage.backends, c, said.id, "Mine now")
    await stage.later(minutes=2)
    with pytest.raises(TooLateToEdit):
        await commenting.change(stage.backends, b, said.id, "Too late")
    with pytest.raises(NoSuchComment):
        await commenting.take_back(stage.backends, c, said.id)
    await asyncio.gather(*(commenting.take_back(stage.backends, b, said.id) for _ in range(3)))
    assert await words(stage, STRANGER, post) == ["", ".Really?"], "a gap where others answered"
    assert await count(stage, post) == 1
    with pytest.raises(Exception, match="took it back"):
        await moderating.approve(stage.backends, await stage.caller(ada), said.id)


async def test_three_who_report_it_have_it_wait(stage: Stage) -> None:
    ada, *others = [await stage.joined(name) for name in ("ada", "ben", "cy", "dan", "eve")]
    creator = await page_of(stage, ada)
    post = await post_of(stage, ada, creator)
    said = await commenting.write(stage.backends, await stage.caller(others[0]), post.id, "Buy my pills")
    for who in (others[1], others[1], others[1], others[0], others[2]):
        await commenting.report(stage.backends, await stage.caller(who), said.id, "spam")
    assert await count(stage, post) == 1, "two people, however often"
    await commenting.report(stage.backends, await stage.caller(others[3]), said.id, "spam")
    assert (await commenting.find(stage.backends, said.id)).held_for == "reports"
    await moderating.approve(stage.backends, await stage.caller(ada), said.id)
    assert await count(stage, post) == 1


async def test_one_sign_each_and_the_counts_are_true(stage: Stage) -> None:
    ada, *fans = [await stage.joined(name) for name in ("ada", "ben", "cy", "dan")]
    creator = await page_of(stage, ada)
    post = await post_of(stage, ada, creator)
    callers = [await stage.caller(who) for who in fans]
    said = await commenting.write(stage.backends, callers[0], post.id, "Hello")
    kinds = ("heart", "fire", "clap", "heart", "fire")
    await asyncio.gather(
        *(reacting.to_post(stage.backends, caller, post.id, kind) for caller in callers for kind in kinds),  # type: ignore[arg-type]
        *(reacting.to_comment(stage.backends, caller, said.id, kind) for caller in callers for kind in kinds),  # type: ignore[arg-type]
    )
    found = await reacting.to_post(stage.backends, callers[0], post.id, "wow")
    assert (found.mine, found.total, found.counts["wow"]) == ("wow", 3, 1)
    assert (await reacting.to_comment(stage.backends, callers[1], said.id, None)).total == 2
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE post_counts SET count = 77 WHERE post_id = $1", post.id)
    await RECOUNT.run(stage.backends, Nothing())
    again = await reacting.to_post(stage.backends, callers[0], post.id, "wow")
    assert again == found, "counted anew from the rows"
    assert await count(stage, post) == 1
    await stage.later(days=1)
    for _ in range(2):
        await DIGEST.run(stage.backends, Nothing())
    await stage.sign_in(ada)
    assert (await told(stage, ada)).count("community.reactions") == 1


async def test_people_who_blocked_each_other_do_not_meet(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator = await page_of(stage, ada)
    post = await post_of(stage, ada, creator)
    b, c = await stage.caller(ben), await stage.caller(cy)
    said = await commenting.write(stage.backends, b, post.id, "Hello")
    await commenting.write(stage.backends, c, post.id, "Go away", said.id)
    await blocks.block_person(stage.backends, c, ben.handle)
    assert await words(stage, c, post) == [], "also their own answer to it"
    assert await words(stage, b, post) == ["Hello"]
    assert await words(stage, STRANGER, post) == ["Hello", ".Go away"]
    assert await words(stage, await stage.caller(ada), post) == ["Hello", ".Go away"]
    for attempt in (
        commenting.write(stage.backends, c, post.id, "And stay there", said.id),
        reacting.to_comment(stage.backends, c, said.id, "fire"),
    ):
        with pytest.raises((NoSuchComment, Blocked)):
            await attempt
    async with stage.backends.database.reading() as reader:
        assert await blocks.between(reader, ben.user_id, cy.user_id)
        assert await blocks.apart_from(reader, ben.user_id, [cy.user_id, ada.user_id]) == {cy.user_id}
    await blocks.unblock_person(stage.backends, b, cy.handle)
    assert await words(stage, b, post) == ["Hello"], "only who blocked can undo it"
    await blocks.unblock_person(stage.backends, c, ben.handle)
    assert await words(stage, b, post) == ["Hello", ".Go away"]


@pytest.mark.parametrize("by", ["page", "person"])
async def test_a_page_and_a_person_kept_apart(stage: Stage, by: str) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator = await page_of(stage, ada)
    free, sold = await post_of(stage, ada, creator), await post_of(stage, ada, creator, access="members")
    a, b = await stage.caller(ada), await stage.caller(ben)
    await following.follow(stage.backends, b, creator.id)
    said = await commenting.write(stage.backends, b, free.id, "Hello")
    await member(stage, ben, creator)
    if by == "page":
        await blocks.block_for_page(stage.backends, a, creator.id, ben.handle, "rude")
    else:
        await blocks.block_page(stage.backends, b, creator.id)
    assert (await reading.read(stage.backends, b, sold.id))[1].open, "what is paid for stays"
    with pytest.raises(KeptApart):
        await reading.read(stage.backends, b, free.id)
    assert [each.post.id for each in await reading.newest(stage.backends, b, creator, None, 10)] == [sold.id]
    assert [each.post.id for each in await reading.these(stage.backends, b, [free.id, sold.id])] == [sold.id]
    assert await words(stage, await stage.caller(cy), free) == [], "what they said there is not shown"
    for attempt in (
        following.follow(stage.backends, b, creator.id),
        commenting.write(stage.backends, b, sold.id, "Again"),
        reacting.to_post(stage.backends, b, sold.id, "heart"),
    ):
        with pytest.raises((KeptApart, CommentsClosed)):
            await attempt
    if by == "page":
        await blocks.unblock_page(stage.backends, b, creator.id)
        with pytest.raises(KeptApart):
            await reading.read(stage.backends, b, free.id)
        await blocks.unblock_for_page(stage.backends, a, creator.id, ben.handle)
    else:
        await blocks.unblock_page(stage.backends, b, creator.id)
    assert (await reading.read(stage.backends, b, free.id))[1].open
    assert await words(stage, STRANGER, free) == [said.body]


async def test_a_comment_of_another_post_is_not_answered_here(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    one, two, caller = await post_of(stage, ada, creator), await post_of(stage, ada, creator), await stage.caller(ada)
    said = await commenting.write(stage.backends, caller, one.id, "Hello")
    for parent in (said.id, UUID(int=7)):
        with pytest.raises(NoSuchComment):
            await commenting.write(stage.backends, caller, two.id, "Hi", parent)

"""Posts: who may read them, what a locked one lets out, and two who write at once."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from directfanz.domains.content.errors import EditedMeanwhile, NoSuchPost, StateChanged
from directfanz.domains.content.jobs import SWEEP, Sweep
from directfanz.domains.content.models import Post
from directfanz.domains.content.service import reading, writing
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.creators.errors import NotInTeam
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import operators, page
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Access, Grant
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone, Stage
from tests.support.creators import join_team, page_of

STRANGER = Caller(address="192.0.2.9")
SECRET = "the tuning is drop D and nobody knows it yet"


def draft(access: Access = "public", **more: object) -> Draft:
    return Draft(title="First song", body=SECRET, access=access, **more)  # type: ignore[arg-type]


async def published(stage: Stage, who: Someone, creator: Creator, wanted: Draft) -> Post:
    caller = await stage.caller(who)
    post = await writing.begin(stage.backends, caller, creator.id, wanted)
    return await writing.publish(stage.backends, caller, post.id)


async def let_in(stage: Stage, who: Someone, creator: Creator, rank: int | None, object_id: UUID | None = None) -> UUID:
    source_id = new_id()
    async with stage.backends.database.writing() as tx:
        await entitlements.grant(
            stage.backends,
            tx,
            Grant(
                user_id=who.user_id, creator_id=creator.id, source="purchase" if object_id else "membership",
                source_id=source_id, starts_at=stage.clock.now(), rank=rank, object_id=object_id,
                scope="post" if object_id else "tier", tier_name="Gold",
            ),
        )  # fmt: skip
    return source_id


async def allowed(stage: Stage, caller: Caller, post: Post) -> tuple[bool, str]:
    _, found = await reading.read(stage.backends, caller, post.id)
    assert (found.post.body == SECRET) == found.open
    if not found.open:
        assert SECRET not in repr(found), "a locked body must not leave the service in any field"
    return found.open, found.decision.because


async def test_who_reads_what(stage: Stage) -> None:
    """The whole table: five people before four posts."""
    ada, ben, dan, cy = [await stage.joined(name) for name in ("ada", "ben", "dan", "cy")]
    creator = await page_of(stage, ada)
    free = await published(stage, ada, creator, draft())
    members = await published(stage, ada, creator, draft("members"))
    gold = await published(stage, ada, creator, draft("rank", min_rank=3))
    sold = await published(stage, ada, creator, draft("paid", price=500))
    await let_in(stage, ben, creator, rank=2)
    await let_in(stage, dan, creator, rank=None, object_id=sold.id)
    table = {
        "stranger": (STRANGER, "public not_signed_in not_signed_in not_signed_in"),
        "cy": (await stage.caller(cy), "public not_a_member not_a_member not_bought"),
        "ben": (await stage.caller(ben), "public membership higher_tier_needed not_bought"),
        "dan": (await stage.caller(dan), "public not_a_member not_a_member purchase"),
        "ada": (await stage.caller(ada), "public team team team"),
    }
    letting_in = {"public", "membership", "purchase", "team"}
    for name, (caller, line) in table.items():
        for post, because in zip((free, members, gold, sold), line.split(), strict=True):
            assert await allowed(stage, caller, post) == (because in letting_in, because), (name, post.access)


async def test_access_ends_with_its_reason(stage: Stage) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    creator = await page_of(stage, ada)
    post = await published(stage, ada, creator, draft("members"))
    source = await let_in(stage, ben, creator, rank=1)
    assert (await allowed(stage, await stage.caller(ben), post))[0]
    async with stage.backends.database.writing() as tx:
        await entitlements.end(stage.backends, tx, "membership", source, stage.clock.now(), "refunded")
    assert await allowed(stage, await stage.caller(ben), post) == (False, "not_a_member")


async def test_a_draft_is_nobodys_but_the_teams(stage: Stage) -> None:
    ada, eve, cy = [await stage.joined(name) for name in ("ada", "eve", "cy")]
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, eve, "editor")
    post = await writing.begin(stage.backends, await stage.caller(ada), creator.id, draft())
    for caller in (STRANGER, await stage.caller(cy)):
        with pytest.raises(NoSuchPost):
            await reading.read(stage.backends, caller, post.id)
    assert (await reading.read(stage.backends, await stage.caller(eve), post.id))[1].open
    await writing.publish(stage.backends, await stage.caller(eve), post.id)
    assert (await allowed(stage, STRANGER, post))[0]


async def test_a_page_that_is_hidden_hides_its_posts(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    creator = await page_of(stage, ada)
    post = await published(stage, ada, creator, draft())
    await page.unpublish(stage.backends, await stage.caller(ada), creator.id)
    with pytest.raises(NoSuchPost):
        await reading.read(stage.backends, STRANGER, post.id)
    await page.publish(stage.backends, await stage.caller(ada), creator.id)
    await operators.suspend(stage.backends, await stage.caller(olu), creator.id, "Sells tickets twice")
    with pytest.raises(NoSuchPost):
        await reading.read(stage.backends, STRANGER, post.id)


async def test_what_was_bought_stays_with_who_bought_it(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    creator = await page_of(stage, ada)
    sold = await published(stage, ada, creator, draft("paid", price=500))
    await let_in(stage, ben, creator, rank=None, object_id=sold.id)
    await writing.remove(stage.backends, await stage.caller(ada), sold.id)
    await stage.later(days=40)
    await SWEEP.run(stage.backends, Sweep())
    await stage.sign_in(ben)
    assert (await reading.read(stage.backends, await stage.caller(ben), sold.id))[1].open
    await stage.sign_in(cy)
    with pytest.raises(NoSuchPost):
        await reading.read(stage.backends, await stage.caller(cy), sold.id)


async def test_removed_is_fetched_back_for_a_month(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    post = await published(stage, ada, creator, draft())
    await writing.remove(stage.backends, caller, post.id)
    with pytest.raises(StateChanged):
        await writing.publish(stage.backends, caller, post.id)
    with pytest.raises(EditedMeanwhile):
        await writing.change(stage.backends, caller, post.id, draft(), post.revision)
    back = await writing.fetch_back(stage.backends, caller, post.id)
    assert (back.state, back.publish_at) == ("draft", post.publish_at)
    await writing.remove(stage.backends, caller, post.id)
    await stage.later(days=31)
    await SWEEP.run(stage.backends, Sweep())
    await stage.sign_in(ada)
    with pytest.raises(NoSuchPost):
        await writing.fetch_back(stage.backends, await stage.caller(ada), post.id)


async def test_of_two_who_save_at_once_none_writes_over_the_other(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    post = await writing.begin(stage.backends, caller, creator.id, draft())
    done = await asyncio.gather(
        *(
            writing.change(stage.backends, caller, post.id, Draft(title=f"Take {n}"), post.revision)
            for n in range(5)
        ),
        return_exceptions=True,
    )  # fmt: skip
    saved = [each for each in done if isinstance(each, Post)]
    assert len(saved) == 1
    assert sum(isinstance(each, EditedMeanwhile) for each in done) == 4
    now = await writing.for_team(stage.backends, caller, post.id)
    assert (now.title, now.revision) == (saved[0].title, 2)


async def test_others_and_other_teams_write_nothing(stage: Stage) -> None:
    ada, cy, mo = [await stage.joined(name) for name in ("ada", "cy", "mo")]
    creator, other = await page_of(stage, ada), await page_of(stage, cy)
    await join_team(stage, ada, creator, mo, "moderator")
    post = await published(stage, ada, creator, draft())
    for who in (cy, mo):
        caller = await stage.caller(who)
        for attempt in (
            writing.begin(stage.backends, caller, creator.id, draft()),
            writing.change(stage.backends, caller, post.id, draft(), 1),
            writing.remove(stage.backends, caller, post.id),
            writing.take_down(stage.backends, caller, post.id),
            writing.for_team(stage.backends, caller, post.id),
            writing.list_for_team(stage.backends, caller, creator.id, None, None, 10),
        ):
            with pytest.raises(NotInTeam):
                await attempt
    assert other.id != creator.id


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Draft(title=""), "title"), (Draft(title="x" * 141), "title"), (Draft(title="a\u202eb"), "title"),
        (Draft(title="a", body="x" * 50_001), "body"), (Draft(title="a", teaser="x" * 401), "teaser"),
        (Draft(title="a", access="rank"), "min_rank"), (Draft(title="a", access="rank", min_rank=0), "min_rank"),
        (Draft(title="a", min_rank=2), "min_rank"), (Draft(title="a", access="paid"), "price"),
        (Draft(title="a", access="paid", price=0), "price"), (Draft(title="a", access="paid", price=-5), "price"),
        (Draft(title="a", access="paid", price=99), "price"), (Draft(title="a", access="paid", price=2**60), "price"),
        (Draft(title="a", access="members", price=500), "price"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_with_the_field_named(stage: Stage, wanted: Draft, field: str) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    with pytest.raises(InvalidInput) as refused:
        await published(stage, ada, creator, wanted)
    assert [detail.field for detail in refused.value.details] == [field]


async def test_a_teaser_made_from_the_body_never_shows_a_locked_one(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    await published(stage, ada, creator, draft("members"))
    await published(stage, ada, creator, draft())
    open_one, locked = await reading.newest(stage.backends, STRANGER, creator, None, 10)
    assert (open_one.open, open_one.teaser) == (True, SECRET)
    assert (locked.open, locked.teaser, locked.post.body) == (False, "", "")


async def test_an_author_who_leaves_takes_their_page_and_leaves_others(stage: Stage) -> None:
    from directfanz.domains.content.service import own_data as content
    from directfanz.domains.creators.service import own_data as creators

    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator, own = await page_of(stage, ada), await page_of(stage, eve)
    await join_team(stage, ada, creator, eve, "editor")
    for_ada = await published(stage, eve, creator, draft())
    for_herself = await published(stage, eve, own, draft())
    async with stage.backends.database.writing() as tx:
        told = await content.tell(tx, eve.user_id)
        assert {each["id"] for each in told["Posts you wrote"]} == {for_ada.id, for_herself.id}
        assert (await creators.tell(tx, eve.user_id))["Your pages"][0]["slug"] == own.slug
        for _ in range(2):
            await content.erase(stage.backends, tx, eve.user_id)
            await creators.erase(stage.backends, tx, eve.user_id)
    _, kept = await reading.read(stage.backends, STRANGER, for_ada.id)
    assert kept.post.author_id is None
    with pytest.raises(DirectFanzError):
        await reading.read(stage.backends, STRANGER, for_herself.id)

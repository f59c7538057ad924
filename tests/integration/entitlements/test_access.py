"""Who may see what, with the cache in between: nobody sees more than the rows say, whenever they ask."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from directfanz.domains.creators.repository import team as team_rows
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.jobs import COMPARE, Compare
from directfanz.domains.entitlements.models import Grant, Need
from directfanz.domains.entitlements.service import memory
from directfanz.errors import Unavailable
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone
from tests.support.memberships import Club


async def granted(club: Club, who: Someone, creator_id: Any, **values: Any) -> Grant:
    known: dict[str, Any] = {
        "source": "membership",
        "source_id": new_id(),
        "starts_at": club.stage.clock.now(),
        "rank": 1,
        "tier_name": "Gold",
    }
    wanted = Grant(user_id=who.user_id, creator_id=creator_id, **(known | values))
    async with club.backends.database.writing() as tx:
        await entitlements.grant(club.backends, tx, wanted)
    return wanted


async def ended(club: Club, grant: Grant) -> bool:
    async with club.backends.database.writing() as tx:
        return await entitlements.end(club.backends, tx, grant.source, grant.source_id, club.stage.clock.now(), "over")


async def lift_the_stone(club: Club, who: Someone, creator_id: Any) -> None:
    """As if half a minute had gone by for the cache."""
    await club.backends.cache.delete(memory.key_of(who.user_id, creator_id))


async def test_given_ended_and_given_again(club: Club) -> None:
    ada, _ = await club.page("ada")
    ben = await club.somebody("ben")
    grant = await granted(club, ben, ada.id)
    assert (await club.may(ben, ada)).allowed
    assert await ended(club, grant)
    assert not await ended(club, grant)  # twice is once
    assert not (await club.may(ben, ada)).allowed
    await granted(club, ben, ada.id, source_id=grant.source_id, ends_at=club.stage.clock.now() + timedelta(days=1))
    assert (await club.may(ben, ada)).allowed
    await club.later(days=1)
    assert not (await club.may(ben, ada)).allowed  # by the clock, whatever the cache remembers


async def test_what_is_remembered_is_forgotten_with_the_change(club: Club) -> None:
    ada, _ = await club.page("ada")
    ben = await club.somebody("ben")
    grant = await granted(club, ben, ada.id)
    await lift_the_stone(club, ben, ada.id)
    assert (await club.may(ben, ada)).allowed
    assert (await memory.recall(club.backends, ben.user_id, ada.id))[0] is not None
    await ended(club, grant)
    assert not (await club.may(ben, ada)).allowed
    assert await memory.recall(club.backends, ben.user_id, ada.id) == (None, False)  # a stone


async def test_who_read_just_before_the_end_does_not_bring_it_back(club: Club) -> None:
    ada, _ = await club.page("ada")
    ben = await club.somebody("ben")
    grant = await granted(club, ben, ada.id)
    await lift_the_stone(club, ben, ada.id)
    assert (await club.may(ben, ada)).allowed
    stale, _ = await memory.recall(club.backends, ben.user_id, ada.id)
    assert stale is not None
    await ended(club, grant)
    await memory.keep(club.backends, {(ben.user_id, ada.id): stale})  # the slow reader
    assert not (await club.may(ben, ada)).allowed


async def test_a_transaction_that_is_undone_changes_nothing(club: Club) -> None:
    ada, _ = await club.page("ada")
    ben = await club.somebody("ben")
    with pytest.raises(RuntimeError):
        await undone(club, ben, ada.id)
    assert not (await club.may(ben, ada)).allowed


async def undone(club: Club, who: Someone, creator_id: Any) -> None:
    async with club.backends.database.writing() as tx:
        wanted = Grant(
            user_id=who.user_id, creator_id=creator_id, source="comp", source_id=new_id(), rank=1,
            starts_at=club.stage.clock.now(),
        )  # fmt: skip
        await entitlements.grant(club.backends, tx, wanted)
        raise RuntimeError


async def test_a_cache_that_is_away_costs_only_time(club: Club) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            async def fail(*words: object, **more: object) -> None:
                raise Unavailable("The cache is away.")

            return fail

    ada, _ = await club.page("ada")
    ben = await club.somebody("ben")
    here = club.stage.backends
    club.stage.backends = dataclasses.replace(here, cache=Away())
    try:
        grant = await granted(club, ben, ada.id)
        assert (await club.may(ben, ada)).allowed
        await ended(club, grant)
        assert not (await club.may(ben, ada)).allowed
    finally:
        club.stage.backends = here
    await club.stage.work()  # the job lays the stone that could not be laid
    assert await memory.recall(club.backends, ben.user_id, ada.id) == (None, False)


async def test_the_team_sees_all_from_the_first_to_the_last_day(club: Club) -> None:
    ada, _ = await club.page("ada")
    eve = await club.somebody("eve")
    assert not (await club.may(eve, ada, "rank", 5)).allowed
    async with club.backends.database.writing() as tx:
        await team_rows.add(tx, ada.id, eve.user_id, "moderator", club.stage.clock.now())
    assert (await club.may(eve, ada, "rank", 5)).because == "team"
    async with club.backends.database.writing() as tx:
        await team_rows.remove(tx, ada.id, eve.user_id)
    assert not (await club.may(eve, ada)).allowed


async def test_somebody_who_bought_very_much_has_all_of_it(club: Club) -> None:
    ada, _ = await club.page("ada")
    ben = await club.somebody("ben")
    bought = [new_id() for _ in range(260)]
    async with club.backends.database.writing() as tx:
        for each in bought:
            await entitlements.grant(club.backends, tx, Grant(
                user_id=ben.user_id, creator_id=ada.id, source="purchase", source_id=new_id(), scope="post", object_id=each,
                starts_at=club.stage.clock.now(),
            ))  # fmt: skip
    await lift_the_stone(club, ben, ada.id)
    for _ in range(2):  # read, then remembered
        for each in (bought[0], bought[-1]):
            need = Need(creator_id=ada.id, access="paid", object_id=each)
            assert (await entitlements.decide(club.backends, ben.user_id, need)).because == "purchase"
    assert not (await club.may(ben, ada)).allowed


async def test_a_stranger_costs_nothing(club: Club) -> None:
    need = Need(creator_id=new_id(), access="members")
    assert (await entitlements.decide(club.backends, None, need)).because == "not_signed_in"
    assert (await entitlements.decide(club.backends, None, Need(creator_id=new_id(), access="public"))).allowed


async def test_the_same_at_once_is_one(club: Club) -> None:
    ada, _ = await club.page("ada")
    ben, source = await club.somebody("ben"), new_id()
    await asyncio.gather(*[granted(club, ben, ada.id, source_id=source) for _ in range(8)])
    assert len(await entitlements.explain(club.backends, ben.user_id, ada.id)) == 1


@pytest.fixture
async def a_member(club: Club) -> tuple[Someone, Any]:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    await club.joins(ben, gold)
    return ben, ada


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM entitlements WHERE user_id = $1",
        "UPDATE entitlements SET rank = 9 WHERE user_id = $1",
        "UPDATE entitlements SET ends_at = NULL WHERE user_id = $1",
        "UPDATE entitlements SET revoked_at = now() WHERE user_id = $1",
        """INSERT INTO entitlements (id, user_id, creator_id, scope, rank, source, source_id, starts_at)
           SELECT gen_random_uuid(), user_id, creator_id, 'tier', 9, 'gift', gen_random_uuid(), starts_at
           FROM entitlements WHERE user_id = $1""",
    ],
)
async def test_what_does_not_say_what_its_source_says_is_found_and_mended(
    club: Club, a_member: tuple[Someone, Any], harm: str
) -> None:
    ben, ada = a_member
    before = await club.may(ben, ada)
    async with club.backends.database.writing() as tx:
        await tx.execute(harm, ben.user_id)
        found = await entitlements.compare(tx, club.stage.clock.now())
    assert len([each for each in found if each.creator_id == ada.id]) == 1
    await COMPARE.run(club.backends, Compare())
    await club.no_differences()
    assert await club.may(ben, ada) == before
    assert not (await club.may(ben, ada, "rank", 9)).allowed

from __future__ import annotations

import asyncio

import pytest

from directfanz.domains.memberships.errors import AmountWrong, MemberAlready, OwnPage, TierFull
from directfanz.domains.memberships.models import HELD
from directfanz.domains.memberships.service import joining
from directfanz.kit.money import Money
from tests.support.memberships import Club


async def test_ben_joins_and_sees_what_his_tier_opens(club: Club) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    assert (await club.may(ben, ada)).because == "not_a_member"
    row = await club.joins(ben, silver)
    assert (row.state, row.source, row.amount, row.interval) == ("active", "paid", 500, "month")
    decision = await club.may(ben, ada)
    assert (decision.allowed, decision.because, decision.tier) == (True, "membership", "Silver")
    assert (await club.may(ben, ada, "rank", gold.rank)).because == "higher_tier_needed"
    assert (await club.may(ben, ada, "rank", silver.rank)).allowed
    await club.no_differences()


async def test_what_is_asked_again_is_one_joining(club: Club) -> None:
    _, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    first = await club.begins(ben, gold)
    assert (await club.begins(ben, gold)).membership_id == first.membership_id
    await club.opens(ben, first)
    again = await club.begins(ben, gold)
    assert (again.membership_id, again.replaces) == (first.membership_id, None)
    assert again.checkout


async def test_another_wish_takes_the_place_of_the_first(club: Club) -> None:
    _, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    first = await club.begins(ben, silver)
    page = await club.opens(ben, first)
    second = await club.begins(ben, gold)
    assert second.replaces == page
    assert (await club.row(first.membership_id)).end_reason == "lapsed"


async def test_a_lapsed_joining_that_was_paid_for_lives(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    held = await club.begins(ben, gold)
    page = await club.opens(ben, held)
    club.till.simulator.complete_checkout(page, email=ben.email)
    await club.stage.clock.advance(HELD)  # the news are slow
    await club.timed()
    row = await club.row(held.membership_id)
    assert (row.state, row.end_reason) == ("active", None)
    assert (await club.may(ben, ada)).allowed
    await club.no_differences()


async def test_of_two_tabs_that_are_both_paid_one_is_given_back(club: Club) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    one = await club.begins(ben, silver)
    page_one = await club.opens(ben, one)
    two = await club.begins(ben, gold)
    page_two = await club.opens(ben, two)
    club.till.simulator.complete_checkout(page_two, email=ben.email)
    await club.hear()
    club.till.simulator.complete_checkout(page_one, email=ben.email)
    await club.hear()
    surplus = await club.row(one.membership_id)
    assert (surplus.state, surplus.end_reason) == ("ended", "doubled")
    assert surplus.subscription
    assert (await club.till.billing.subscription(surplus.subscription)).state == "canceled"
    assert (await club.row(two.membership_id)).state == "active"
    assert (await club.may(ben, ada)).tier == "Gold"
    await club.no_differences()


async def test_two_tabs_at_once_hold_one_place(club: Club) -> None:
    _, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    tried = await asyncio.gather(
        *[club.begins(ben, tier) for tier in (silver, gold, silver, gold)], return_exceptions=True
    )
    assert all(isinstance(each, MemberAlready) or not isinstance(each, BaseException) for each in tried), tried
    async with club.backends.database.writing() as tx:
        open_ones = await tx.fetch(
            "SELECT id FROM memberships WHERE user_id = $1 AND state = 'incomplete'", ben.user_id
        )
    assert len(open_ones) == 1


async def test_the_last_place_is_given_once(club: Club) -> None:
    ada, _ = await club.page("ada")
    people = [await club.somebody(name) for name in ("ben", "cy", "dee", "eve", "fay", "gil")]
    for number in range(3):
        tier = await club.tier(ada, f"rare {number}", 1000, cap=1)
        tried = await asyncio.gather(*[club.begins(who, tier) for who in people], return_exceptions=True)
        assert sum(not isinstance(each, BaseException) for each in tried) == 1, tried
        assert sum(isinstance(each, TierFull) for each in tried) == 5, tried
        winner = next(each for each in tried if not isinstance(each, BaseException))
        async with club.backends.database.writing() as tx:
            await joining.lapse(club.backends, tx, winner.membership_id)
        again = await club.begins(people[0], tier)  # the place is free again
        async with club.backends.database.writing() as tx:
            await joining.lapse(club.backends, tx, again.membership_id)


async def test_who_pays_already_does_not_join_twice(club: Club) -> None:
    _, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    await club.joins(ben, silver)
    with pytest.raises(MemberAlready):
        await club.begins(ben, gold)


@pytest.mark.parametrize(
    ("amount", "currency"), [(0, "EUR"), (499, "EUR"), (-500, "EUR"), (10**9, "EUR"), (500, "USD"), (501, "EUR")]
)
async def test_an_amount_that_is_not_the_price_is_refused(club: Club, amount: int, currency: str) -> None:
    _, (silver,) = await club.page("ada", silver=500)
    ben = await club.somebody("ben")
    with pytest.raises(AmountWrong):
        async with club.backends.database.writing() as tx:
            await joining.begin(club.backends, tx, ben.user_id, silver.id, Money(amount, currency), "month")


async def test_pay_what_you_want_has_a_least_and_a_most(club: Club) -> None:
    ada, _ = await club.page("ada")
    tier = await club.tier(ada, "open", 300, pay_what_you_want=True, suggested_amount=700)
    ben = await club.somebody("ben")
    for amount in (299, 10_000_01):
        with pytest.raises(AmountWrong):
            await club.begins(ben, tier, amount)
    assert (await club.joins(ben, tier, 1234)).amount == 1234


async def test_what_costs_nothing_is_joined_at_once(club: Club) -> None:
    ada, (free,) = await club.page("ada", free=0)
    ben = await club.somebody("ben")
    row = await joining.join_free(club.backends, club.caller(ben), free.id)
    assert (row.state, row.source, row.period_end) == ("active", "free", None)
    assert (await club.may(ben, ada)).until is None
    await club.no_differences()


async def test_ada_does_not_join_her_own_page(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    owner = club.owners[ada.id]
    with pytest.raises(OwnPage):
        await club.begins(owner, gold)
    assert (await club.may(owner, ada, "rank", 99)).because == "team"

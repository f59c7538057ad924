from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directfanz.domains.creators.models import Creator
from directfanz.domains.memberships.errors import GiftRefused, NoSuchGift, TierFull
from directfanz.domains.memberships.models import GIFT_LIVES, Tier
from directfanz.domains.memberships.service import claiming, gifts
from directfanz.errors import InvalidInput
from directfanz.kit.time import add_months
from tests.support.accounts import Someone
from tests.support.memberships import Club


async def bought(club: Club, buyer: Someone, tier: Tier, months: int = 3) -> str:
    """Paid for; its code."""
    async with club.backends.database.writing() as tx:
        buying = await gifts.begin(club.backends, tx, buyer.user_id, tier.id, months, "Enjoy!")
    for _ in range(2):  # told twice
        async with club.backends.database.writing() as tx:
            await gifts.paid(club.backends, tx, buying.gift_id)
    return await gifts.new_code_for(club.backends, club.caller(buyer), buying.gift_id)


async def two(club: Club) -> tuple[Someone, Someone, Creator, Tier, Tier]:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    return await club.somebody("ben"), await club.somebody("cy"), ada, silver, gold


async def test_bought_claimed_and_over(club: Club) -> None:
    ben, cy, ada, _, gold = await two(club)
    code = await bought(club, ben, gold)
    gift, tier = await claiming.look(club.backends, code)
    assert (gift.months, gift.amount, gift.message, tier.name) == (3, 3000, "Enjoy!", "Gold")
    claimed = await claiming.claim(club.backends, club.caller(cy), code.lower().replace("-", " "))
    assert claimed.membership_id
    row = await club.row(claimed.membership_id)
    assert (row.state, row.source, row.period_end) == ("active", "gift", add_months(club.stage.clock.now(), 3))
    decision = await club.may(cy, ada, "rank", gold.rank)
    assert (decision.because, decision.until) == ("gift", row.period_end)
    await club.no_differences()
    await club.later(days=93)
    assert not (await club.may(cy, ada)).allowed
    await club.timed()
    assert (await club.row(row.id)).end_reason == "ran_out"
    await club.no_differences()


async def test_of_two_who_claim_at_once_one_has_it(club: Club) -> None:
    ben, cy, _, _, gold = await two(club)
    dee = await club.somebody("dee")
    code = await bought(club, ben, gold)
    tried = await asyncio.gather(
        *[claiming.claim(club.backends, club.caller(who), code) for who in (cy, dee, cy, dee)], return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in tried) == 1, tried
    assert all(isinstance(each, NoSuchGift | GiftRefused) for each in tried if isinstance(each, BaseException))


async def test_a_new_code_buries_the_old_one(club: Club) -> None:
    ben, cy, _, _, gold = await two(club)
    old = await bought(club, ben, gold)
    bought_ones, _ = await gifts.all_of(club.backends, club.caller(ben))
    new = await gifts.new_code_for(club.backends, club.caller(ben), bought_ones[0].id)
    with pytest.raises(NoSuchGift):
        await claiming.claim(club.backends, club.caller(cy), old)
    await claiming.claim(club.backends, club.caller(cy), new)
    with pytest.raises(GiftRefused):
        await gifts.new_code_for(club.backends, club.caller(ben), bought_ones[0].id)
    with pytest.raises(NoSuchGift):
        await gifts.new_code_for(club.backends, club.caller(cy), bought_ones[0].id)


async def test_the_code_is_nowhere_in_the_database(club: Club) -> None:
    ben, _, _, _, gold = await two(club)
    code = await bought(club, ben, gold)
    async with club.backends.database.writing() as tx:
        rows = await tx.fetch("SELECT gifts::text FROM gifts WHERE buyer_id = $1", ben.user_id)
    assert all(code not in row[0] and code.replace("-", "") not in row[0] for row in rows)


async def test_a_gift_that_nobody_claims_expires(club: Club) -> None:
    ben, cy, _, _, gold = await two(club)
    code = await bought(club, ben, gold)
    await club.later(days=(GIFT_LIVES - timedelta(days=20)).days)
    await club.timed()
    await club.timed()
    assert titles(await told(club, ben)).count("Your gift for Ada's workshop is not claimed yet") == 1
    await club.later(days=21)
    with pytest.raises(GiftRefused):
        await claiming.claim(club.backends, club.caller(cy), code)
    await club.timed()
    assert (await gifts.all_of(club.backends, club.caller(ben)))[0][0].state == "expired"


async def test_on_top_of_a_membership_the_next_charge_is_postponed(club: Club) -> None:
    ben, cy, ada, silver, gold = await two(club)
    row = await club.joins(cy, silver)
    assert row.subscription
    assert row.period_end
    for months, until in ((3, 3), (1, 4)):  # two in a row add up
        await claiming.claim(club.backends, club.caller(cy), await bought(club, ben, gold, months))
        await club.hear()
        assert (await club.till.billing.subscription(row.subscription)).period_end == add_months(row.period_end, until)
    after = await club.row(row.id)
    assert (after.state, after.tier_id, after.period_end) == ("active", silver.id, add_months(row.period_end, 4))
    assert (await club.may(cy, ada, "rank", gold.rank)).because == "gift"  # a higher one opens its tier as well
    await club.no_differences()
    await club.later(days=100)
    assert not (await club.may(cy, ada, "rank", gold.rank)).allowed
    assert (await club.may(cy, ada, "rank", silver.rank)).allowed
    await club.later(days=60)
    assert (await club.till.billing.invoice(club.till.raw(row.subscription)["latest_invoice"])).paid.minor == 500
    await club.no_differences()


async def test_the_same_gift_again_makes_it_longer(club: Club) -> None:
    ben, cy, _, _, gold = await two(club)
    first = await claiming.claim(club.backends, club.caller(cy), await bought(club, ben, gold, 1))
    second = await claiming.claim(club.backends, club.caller(cy), await bought(club, ben, gold, 3))
    assert second.membership_id == first.membership_id
    assert first.ends_at
    assert second.membership_id
    row = await club.row(second.membership_id)
    assert row.period_end == add_months(first.ends_at, 3)
    await club.no_differences()


async def test_who_joins_in_the_time_of_a_gift_is_charged_after_it(club: Club) -> None:
    ben, cy, ada, silver, gold = await two(club)
    claimed = await claiming.claim(club.backends, club.caller(cy), await bought(club, ben, gold, 1))
    row = await club.joins(cy, silver)
    assert (row.state, row.trial_days) == ("active", 0)
    assert claimed.ends_at
    assert row.period_end
    assert row.period_end >= claimed.ends_at
    assert claimed.membership_id
    assert (await club.row(claimed.membership_id)).end_reason == "replaced"
    assert (await club.may(cy, ada, "rank", gold.rank)).until == claimed.ends_at  # its days stay
    await club.no_differences()


async def test_a_gift_that_was_given_back_gives_nothing(club: Club) -> None:
    ben, cy, ada, _, gold = await two(club)
    claimed = await claiming.claim(club.backends, club.caller(cy), await bought(club, ben, gold, 1))
    for _ in range(2):
        async with club.backends.database.writing() as tx:
            await gifts.refunded(club.backends, tx, claimed.id)
    assert not (await club.may(cy, ada)).allowed
    await club.no_differences()
    unclaimed = await bought(club, ben, gold, 1)
    newest = (await gifts.all_of(club.backends, club.caller(ben)))[0][0]
    async with club.backends.database.writing() as tx:
        await gifts.refunded(club.backends, tx, newest.id)
    with pytest.raises(NoSuchGift):
        await claiming.claim(club.backends, club.caller(cy), unclaimed)


async def test_a_gift_holds_a_place(club: Club) -> None:
    ada, _ = await club.page("ada")
    rare = await club.tier(ada, "rare", 500, cap=1)
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    code = await bought(club, ben, rare, 1)
    with pytest.raises(TierFull):
        await club.begins(ben, rare)
    await claiming.claim(club.backends, club.caller(cy), code)
    with pytest.raises(TierFull):
        await club.begins(ben, rare)


async def test_a_year_costs_what_a_year_costs(club: Club) -> None:
    ada, _ = await club.page("ada")
    gold = await club.tier(ada, "gold", 1000, yearly_min_amount=10_000)
    ben = await club.somebody("ben")
    async with club.backends.database.writing() as tx:
        assert (await gifts.begin(club.backends, tx, ben.user_id, gold.id, 12)).price.minor == 10_000
        with pytest.raises(InvalidInput):
            await gifts.begin(club.backends, tx, ben.user_id, gold.id, 2)


async def told(club: Club, who: Someone) -> list[tuple[str, dict[str, str]]]:
    async with club.backends.database.writing() as tx:
        rows = await tx.fetch("SELECT kind, facts::text FROM notifications WHERE user_id = $1", who.user_id)
    return [(row[0], row[1]) for row in rows]


def titles(rows: list[tuple[str, dict[str, str]]]) -> list[str]:
    from directfanz.domains.notifications.kinds import KINDS

    return [KINDS[kind].title.format(page="Ada's workshop", until="", name="Cy") for kind, _ in rows]

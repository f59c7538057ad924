"""From month to month: renewals, cards that are refused, leaving, resting, changing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directfanz.backends.billing.contract import CardRefused
from directfanz.domains.memberships.errors import NoSuchMembership, NotNow, PreviewOld, TierFull
from directfanz.domains.memberships.models import GRACE, Membership
from directfanz.domains.memberships.service import cancelling, changes, following, mine, pausing
from directfanz.domains.memberships.service.changes import Wanted
from directfanz.domains.payments.service.spending import Limit
from directfanz.kit.money import Money
from directfanz.kit.time import add_months
from tests.support.accounts import Someone
from tests.support.memberships import Club


async def history(club: Club, who: Someone, row: Membership) -> list[str]:
    told = await mine.history(club.backends, club.caller(who), row.id)
    return [each.kind for each in reversed(told)]


async def test_a_renewal_goes_on_by_itself(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    await club.later(days=31, hours=2)
    after = await club.row(row.id)
    assert after.period_start == row.period_end
    assert after.grace_until == (after.period_end or club.stage.clock.now()) + GRACE
    assert await history(club, ben, row) == ["joined", "renewed"]
    assert (await club.may(ben, ada)).until == after.grace_until
    await club.no_differences()


async def test_a_yearly_member_pays_once_a_year(club: Club) -> None:
    ada, _ = await club.page("ada")
    gold = await club.tier(ada, "gold", 1000, yearly_min_amount=10_000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold, interval="year")
    assert (row.amount, row.interval) == (10_000, "year")
    assert row.period_start is not None
    assert row.period_end == add_months(row.period_start, 12)


async def test_a_refused_card_has_grace_and_recovers(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    assert row.subscription
    customer = club.till.raw(row.subscription)["customer"]
    club.till.break_card(customer)
    await club.later(days=31, hours=2)
    late = await club.row(row.id)
    assert (late.state, late.grace_until) == ("past_due", (row.period_end or club.stage.clock.now()) + GRACE)
    assert (await club.may(ben, ada)).allowed
    await club.timed()
    assert (await club.row(row.id)).state == "past_due"  # not a day too early
    club.till.break_card(customer, "")
    await club.till.billing.pay_invoice(club.till.raw(row.subscription)["latest_invoice"], key=f"again {row.id}")
    await club.hear()
    assert (await club.row(row.id)).state == "active"
    assert await history(club, ben, row) == ["joined", "payment_failed", "recovered"]
    await club.no_differences()


async def test_after_the_grace_it_is_given_up(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    assert row.subscription
    club.till.break_card(club.till.raw(row.subscription)["customer"])
    await club.later(days=31, hours=2)
    await club.later(days=8)
    assert not (await club.may(ben, ada)).allowed  # by the clock alone
    await club.timed()
    gone = await club.row(row.id)
    assert (gone.state, gone.end_reason) == ("ended", "unpaid")
    assert (await club.till.billing.subscription(row.subscription)).state == "canceled"
    await club.no_differences()


async def test_who_cancels_stays_to_the_end_and_may_think_better(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row, caller = await club.joins(ben, gold), club.caller(ben)
    left = await cancelling.cancel(club.backends, caller, row.id, "too_dear", " a bit much ")
    assert (left.state, left.cancels_at_end, left.cancel_comment) == ("canceled", True, "a bit much")
    assert (await club.may(ben, ada)).until == row.period_end  # no grace: nothing is being paid
    assert (await cancelling.cancel(club.backends, caller, row.id)).state == "canceled"
    back = await cancelling.take_back(club.backends, caller, row.id)
    assert (back.state, back.cancel_reason) == ("active", None)
    await cancelling.cancel(club.backends, caller, row.id)
    await club.later(days=31, hours=2)
    gone = await club.row(row.id)
    assert (gone.state, gone.end_reason) == ("ended", "canceled")
    assert not (await club.may(ben, ada)).allowed
    with pytest.raises(NotNow):
        await cancelling.take_back(club.backends, club.caller(ben), row.id)
    await club.no_differences()
    assert (await club.joins(ben, gold)).state == "active"  # and may come again


async def test_an_upgrade_costs_what_was_shown(club: Club) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    row, caller = await club.joins(ben, silver), club.caller(ben)
    await club.later(days=10)
    wanted = Wanted(gold.id, Money(1000, "EUR"), "month")
    shown = await changes.preview(club.backends, caller, row.id, wanted)
    assert shown.now
    assert 0 < shown.due.minor < 500
    await club.later(minutes=5)
    new = await changes.upgrade_now(club.backends, caller, row.id, wanted, shown.at, Limit())
    assert (new.tier_id, new.amount, new.pending_tier_id) == (gold.id, 1000, None)
    assert (await club.may(ben, ada, "rank", gold.rank)).allowed
    assert row.subscription
    invoice = await club.till.billing.invoice(club.till.raw(row.subscription)["latest_invoice"])
    assert invoice.total == shown.due
    await club.hear()
    assert await history(club, ben, row) == ["joined", "change_asked", "tier_changed"]
    await club.no_differences()


async def test_an_upgrade_that_the_card_refuses_changes_nothing(club: Club) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    row, caller = await club.joins(ben, silver), club.caller(ben)
    assert row.subscription
    club.till.break_card(club.till.raw(row.subscription)["customer"], "insufficient_funds")
    await club.later(days=3)
    wanted = Wanted(gold.id, Money(1000, "EUR"), "month")
    shown = await changes.preview(club.backends, caller, row.id, wanted)
    with pytest.raises(CardRefused):
        await changes.upgrade_now(club.backends, caller, row.id, wanted, shown.at, Limit())
    after = await club.row(row.id)
    assert (after.tier_id, after.pending_tier_id) == (silver.id, None)
    assert not (await club.may(ben, ada, "rank", gold.rank)).allowed


async def test_an_old_preview_is_looked_at_again(club: Club) -> None:
    _, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    row, caller = await club.joins(ben, silver), club.caller(ben)
    wanted = Wanted(gold.id, Money(1000, "EUR"), "month")
    shown = await changes.preview(club.backends, caller, row.id, wanted)
    for at in (shown.at - timedelta(hours=1), shown.at + timedelta(hours=1)):
        with pytest.raises(PreviewOld):
            await changes.upgrade_now(club.backends, caller, row.id, wanted, at, Limit())


async def test_a_downgrade_waits_and_can_be_taken_back(club: Club) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await club.somebody("ben")
    row, caller = await club.joins(ben, gold), club.caller(ben)
    wanted = Wanted(silver.id, Money(500, "EUR"), "month")
    shown = await changes.preview(club.backends, caller, row.id, wanted)
    assert (shown.now, shown.due.minor, shown.from_when) == (False, 0, row.period_end)
    with pytest.raises(NotNow):
        await changes.upgrade_now(club.backends, caller, row.id, wanted, shown.at, Limit())
    planned = await changes.downgrade_at_renewal(club.backends, caller, row.id, wanted)
    assert (planned.tier_id, planned.pending_tier_id) == (gold.id, silver.id)
    await changes.take_back(club.backends, caller, row.id)
    await changes.downgrade_at_renewal(club.backends, caller, row.id, wanted)
    await club.hear()
    assert (await club.may(ben, ada, "rank", gold.rank)).allowed
    await club.later(days=31, hours=2)
    after = await club.row(row.id)
    assert (after.tier_id, after.amount, after.pending_tier_id) == (silver.id, 500, None)
    assert not (await club.may(ben, ada, "rank", gold.rank)).allowed
    assert (await club.may(ben, ada, "rank", silver.rank)).allowed
    await club.no_differences()


async def test_a_planned_change_keeps_a_place_in_a_full_tier(club: Club) -> None:
    ada, (silver,) = await club.page("ada", silver=500)
    rare = await club.tier(ada, "rare", 400, cap=1)
    await club.tier(ada, "gold", 1000)
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    row = await club.joins(ben, silver)
    shown = await changes.preview(club.backends, club.caller(ben), row.id, Wanted(rare.id, Money(400, "EUR"), "month"))
    assert shown.now  # a higher place, though it costs less
    await changes.upgrade_now(
        club.backends, club.caller(ben), row.id, Wanted(rare.id, Money(400, "EUR"), "month"), shown.at, Limit()
    )
    with pytest.raises(TierFull):
        await club.begins(cy, rare)


async def test_a_pause_keeps_what_was_paid_and_charges_nothing(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row, caller = await club.joins(ben, gold), club.caller(ben)
    paused = await pausing.pause(club.backends, caller, row.id)
    assert (paused.state, paused.period_end) == ("paused", row.period_end)
    assert (await club.may(ben, ada)).until == row.period_end
    await club.later(days=40)
    assert not (await club.may(ben, ada)).allowed
    still = await club.row(row.id)
    assert (still.state, still.period_end) == ("paused", row.period_end)  # the provider's periods go on, unpaid
    await club.no_differences()
    resumed = await pausing.resume(club.backends, club.caller(ben), row.id, Limit())
    assert (resumed.state, resumed.period_start) == ("active", club.stage.clock.now())
    assert (await club.may(ben, ada)).allowed
    await club.hear()
    await club.no_differences()


async def test_a_pause_ends_when_its_months_are_over(club: Club) -> None:
    _, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    await pausing.pause(club.backends, club.caller(ben), row.id, 2)
    await club.later(days=40)
    await club.timed()
    assert (await club.row(row.id)).state == "paused"
    await club.later(days=22)
    await club.timed()
    assert (await club.row(row.id)).state == "active"


async def test_a_pause_that_the_card_does_not_end_stays_one(club: Club) -> None:
    _, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    assert row.subscription
    await pausing.pause(club.backends, club.caller(ben), row.id, 1)
    club.till.break_card(club.till.raw(row.subscription)["customer"], "expired_card")
    await club.later(days=40)
    await club.timed()
    after = await club.row(row.id)
    assert (after.state, after.resumes_at) == ("paused", None)


async def test_what_was_given_back_whole_is_had_no_longer(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    for whole in (False, True, True):
        assert (await club.may(ben, ada)).allowed != (whole and (await club.row(row.id)).state == "ended")
        async with club.backends.database.writing() as tx:
            await following.refunded(club.backends, tx, row.id, whole=whole)
    await club.hear()
    assert (await club.row(row.id)).end_reason == "refunded"
    assert not (await club.may(ben, ada)).allowed
    assert row.subscription
    assert (await club.till.billing.subscription(row.subscription)).state == "canceled"
    await club.no_differences()


async def test_an_older_answer_does_not_undo_a_newer_one(club: Club) -> None:
    _, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    assert row.subscription
    asked_at = club.stage.clock.now()
    old = await club.till.billing.subscription(row.subscription)
    await club.later(minutes=1)
    await cancelling.cancel(club.backends, club.caller(ben), row.id)
    async with club.backends.database.writing() as tx:
        await following.subscription_is(club.backends, tx, old, asked_at=asked_at)
    assert (await club.row(row.id)).state == "canceled"


async def test_nothing_was_heard_and_the_provider_is_asked(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    await club.later(hear=False, days=31, hours=4)
    club.waiting.clear()  # lost for good
    await club.timed()
    assert (await club.row(row.id)).period_start == row.period_end
    assert (await club.may(ben, ada)).allowed


async def test_a_change_whose_answer_was_lost_is_settled(club: Club) -> None:
    _, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    for who, made in ((ben, True), (cy, False)):
        row = await club.joins(who, silver)
        caller = club.caller(who)
        wanted = Wanted(gold.id, Money(1000, "EUR"), "month")
        shown = await changes.preview(club.backends, caller, row.id, wanted)
        if made:
            await changes.upgrade_now(club.backends, caller, row.id, wanted, shown.at, Limit())
        async with club.backends.database.writing() as tx:  # as if the process had died around the provider's answer
            await tx.execute(
                """UPDATE memberships SET tier_id = $2, amount = 500, pending_tier_id = $3, pending_amount = 1000,
                   pending_interval = 'month', pending_from = $4, pending_now = true WHERE id = $1""",
                row.id, silver.id, gold.id, shown.at,
            )  # fmt: skip
        await club.later(hear=False, minutes=20)
        await club.timed()
        after = await club.row(row.id)
        assert (after.tier_id == gold.id, after.pending_now) == (made, False)


async def test_of_a_closed_page_nobody_is_charged_again(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    async with club.backends.database.writing() as tx:
        await tx.execute("UPDATE creators SET state = 'closed' WHERE id = $1", ada.id)
    await club.timed()
    assert (await club.row(row.id)).end_reason == "page_closed"
    assert row.subscription
    assert (await club.till.billing.subscription(row.subscription)).state == "canceled"
    assert [each.creator.name for each in await mine.all_mine(club.backends, club.caller(ben))] == [ada.name]


async def test_cy_does_nothing_with_bens(club: Club) -> None:
    _, (gold,) = await club.page("ada", gold=1000)
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    row, stranger = await club.joins(ben, gold), club.caller(cy)
    for attempt in (
        cancelling.cancel(club.backends, stranger, row.id),
        cancelling.take_back(club.backends, stranger, row.id),
        pausing.pause(club.backends, stranger, row.id),
        pausing.resume(club.backends, stranger, row.id, Limit()),
        changes.take_back(club.backends, stranger, row.id),
        mine.one(club.backends, stranger, row.id),
        mine.history(club.backends, stranger, row.id),
    ):
        with pytest.raises(NoSuchMembership):
            await attempt

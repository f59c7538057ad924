"""What a creator offers: tiers, prices, trials, codes, free memberships; and their members as a list."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import msgspec
import pytest

from directfanz.backends.billing.contract import Subscription
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.repository import team as team_rows
from directfanz.domains.memberships.errors import MemberAlready, NotNow, OfferRefused, TierClosed, TierInUse
from directfanz.domains.memberships.models import Membership, Offer
from directfanz.domains.memberships.repository import offers as guard
from directfanz.domains.memberships.service import asking, cancelling, comps, following, members, offers, tiers
from directfanz.domains.memberships.service.members import MemberFilter
from directfanz.domains.memberships.service.offers import OfferForm
from directfanz.domains.memberships.service.tiers import TierForm
from directfanz.errors import Forbidden, InvalidInput, NotFound
from tests.support.accounts import Someone
from tests.support.memberships import OWNS_A_TRIAL, Club

OFFER: dict[str, Any] = {"code": "SPRING", "name": "Spring", "percent": 20}
TIER: dict[str, Any] = {"name": "Gold", "min_amount": 1000}


async def offer(club: Club, creator: Creator, code: str, **values: Any) -> Offer:
    form = OfferForm(code=code, name="Spring", **({"percent": 50} | values))
    return await offers.create(club.backends, club.caller(club.owners[creator.id]), creator.id, form)


async def test_a_trial_is_had_once_by_a_person(club: Club) -> None:
    ada, _ = await club.page("ada")
    gold = await club.tier(ada, "gold", 1000, trial_days=14)
    ben = await club.somebody("ben")
    row = await club.joins(ben, gold)
    assert (row.state, (await club.may(ben, ada)).allowed) == ("trialing", True)
    await club.later(days=12)
    await club.timed()
    assert "memberships.trial_ends" in await kinds(club, ben)
    await club.later(days=3)
    assert (await club.row(row.id)).state == "active"
    await cancelling.cancel(club.backends, club.caller(ben), row.id)
    await club.later(days=31)
    assert (await club.row(row.id)).state == "ended"
    assert (await club.joins(ben, gold)).state == "active"
    await club.no_differences()


async def test_a_trial_is_had_once_by_a_card(club: Club) -> None:
    ada, _ = await club.page("ada")
    gold = await club.tier(ada, "gold", 1000, trial_days=14)
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    assert (await club.joins(ben, gold, card=OWNS_A_TRIAL)).state == "trialing"
    second = await club.joins(cy, gold, card=OWNS_A_TRIAL)
    assert (second.state, second.end_reason) == ("ended", "trial_used")
    assert not (await club.may(cy, ada)).allowed
    assert second.subscription
    assert (await club.till.billing.subscription(second.subscription)).state == "canceled"
    assert "memberships.trial_refused" in await kinds(club, cy)
    await club.no_differences()


async def test_a_code_takes_off_and_runs_out(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    made = await offer(club, ada, "HALF", at_most=1)
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    row = await club.joins(ben, gold, code="half")
    assert (row.offer_id, row.amount) == (made.id, 1000)
    assert row.subscription
    assert (await club.till.billing.invoice(club.till.raw(row.subscription)["latest_invoice"])).paid.minor == 500
    with pytest.raises(OfferRefused):
        await club.begins(cy, gold, code="HALF")
    await club.later(days=31, hours=2)
    assert (await club.till.billing.invoice(club.till.raw(row.subscription)["latest_invoice"])).paid.minor == 1000


async def test_the_last_use_of_a_code_is_had_once_and_comes_back(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    await offer(club, ada, "ONE", at_most=1)
    people = [await club.somebody(name) for name in ("ben", "cy", "dee")]
    tried = await asyncio.gather(*[club.begins(who, gold, code="ONE") for who in people], return_exceptions=True)
    won = [who for who, each in zip(people, tried, strict=True) if not isinstance(each, BaseException)]
    assert len(won) == 1, tried
    assert (await club.begins(won[0], gold, code="ONE")).discount  # asked again: it is their own use
    await club.begins(won[0], gold)  # without it: free again
    other = next(who for who in people if who is not won[0])
    assert (await club.begins(other, gold, code="ONE")).discount


async def test_codes_for_newcomers_and_for_who_left(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    await offer(club, ada, "HELLO", audience="new")
    await offer(club, ada, "COME-BACK", audience="former")
    ben = await club.somebody("ben")
    with pytest.raises(OfferRefused):
        await club.begins(ben, gold, code="COME-BACK")
    row = await club.joins(ben, gold, code="HELLO")
    await cancelling.cancel(club.backends, club.caller(ben), row.id)
    await club.later(days=32)
    with pytest.raises(OfferRefused):
        await club.begins(ben, gold, code="HELLO")
    assert (await club.joins(ben, gold, code="COME-BACK")).state == "active"


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": 0}, {"percent": 101}, {"percent": 100, "periods": None}, {"percent": None}, {"amount": 100},
        {"percent": None, "amount": -5}, {"periods": 0}, {"periods": 37}, {"code": "x"}, {"code": "a b c"}, {"name": " "},
    ],
)  # fmt: skip
async def test_an_offer_that_makes_no_sense_is_refused(club: Club, wrong: dict[str, Any]) -> None:
    ada, _ = await club.page("ada")
    form = OfferForm(**(OFFER | wrong))
    with pytest.raises(InvalidInput):
        await offers.create(club.backends, club.caller(club.owners[ada.id]), ada.id, form)


async def test_a_code_is_open_once(club: Club) -> None:
    ada, _ = await club.page("ada")
    first = await offer(club, ada, "SAME")
    with pytest.raises(OfferRefused):
        await offer(club, ada, "same")
    await offers.archive(club.backends, club.caller(club.owners[ada.id]), first.id)
    await offer(club, ada, "same")


async def test_a_price_is_raised_for_nobody_who_did_not_agree(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    owner = club.caller(club.owners[ada.id])
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    his, her = await club.joins(ben, gold), await club.joins(cy, gold)
    form = TierForm(name="Gold", min_amount=1500)
    concerned = await tiers.affected(club.backends, owner, gold.id, form)
    assert (concerned.members, concerned.pay_less) == (2, 2)
    await tiers.change(club.backends, owner, gold.id, form, ask=True, note="Strings are dear.")
    await club.hear()
    question = await asking.open_question(club.backends, his)
    assert question is not None
    assert (question.amount.minor, question.note) == (1500, "Strings are dear.")
    assert (await kinds(club, ben)).count("memberships.price_question") == 1
    await asking.agree(club.backends, club.caller(ben), his.id, question.change_id)
    with pytest.raises(NotNow):
        await asking.agree(club.backends, club.caller(ben), his.id, question.change_id)
    await club.hear()
    await club.later(days=31, hours=2)
    assert ((await club.row(his.id)).amount, (await club.row(her.id)).amount) == (1500, 1000)
    assert (await club.begins(await club.somebody("dee"), gold, 1500)).terms.price.minor == 1500
    await club.no_differences()


async def test_a_newer_price_closes_the_older_question(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    owner, ben = club.caller(club.owners[ada.id]), await club.somebody("ben")
    row = await club.joins(ben, gold)
    await tiers.change(club.backends, owner, gold.id, TierForm(name="Gold", min_amount=1500), ask=True)
    await club.hear()
    question = await asking.open_question(club.backends, row)
    assert question is not None
    await club.later(minutes=1)
    await tiers.change(club.backends, owner, gold.id, TierForm(name="Gold", min_amount=1800), ask=False)
    with pytest.raises(NotNow):
        await asking.agree(club.backends, club.caller(ben), row.id, question.change_id)


async def test_tiers_change_places_and_their_members_see_it(club: Club) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    owner, ben = club.caller(club.owners[ada.id]), await club.somebody("ben")
    await club.joins(ben, silver)
    assert not (await club.may(ben, ada, "rank", 2)).allowed
    after = await tiers.reorder(club.backends, owner, ada.id, [gold.id, silver.id])
    assert [(each.name, each.rank) for each in after] == [("Gold", 1), ("Silver", 2)]
    await club.hear()
    assert (await club.may(ben, ada, "rank", 2)).allowed
    await club.no_differences()
    with pytest.raises(InvalidInput):
        await tiers.reorder(club.backends, owner, ada.id, [gold.id])


async def test_a_tier_with_members_is_archived_not_deleted(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    owner, ben = club.caller(club.owners[ada.id]), await club.somebody("ben")
    await club.joins(ben, gold)
    with pytest.raises(TierInUse):
        await tiers.remove(club.backends, owner, gold.id)
    await tiers.set_state(club.backends, owner, gold.id, "archived")
    assert (await club.may(ben, ada)).allowed
    with pytest.raises(TierClosed):
        await club.begins(await club.somebody("cy"), gold)
    await club.later(days=31, hours=2)
    assert (await club.may(ben, ada)).allowed
    draft = await tiers.create(club.backends, owner, ada.id, TierForm(name="Idea", min_amount=100))
    await tiers.remove(club.backends, owner, draft.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_amount": -1}, {"min_amount": 99}, {"min_amount": 10_000_01}, {"name": "  "}, {"suggested_amount": 500},
        {"yearly_min_amount": 50}, {"min_amount": 0, "yearly_min_amount": 1000}, {"min_amount": 0, "trial_days": 7},
    ],
)  # fmt: skip
async def test_a_tier_that_makes_no_sense_is_refused(club: Club, wrong: dict[str, Any]) -> None:
    ada, _ = await club.page("ada")
    form = TierForm(**(TIER | wrong))
    with pytest.raises(InvalidInput):
        await tiers.create(club.backends, club.caller(club.owners[ada.id]), ada.id, form)


async def test_the_team_gives_and_takes_back(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    owner, ben = club.caller(club.owners[ada.id]), await club.somebody("ben")
    row = await comps.give(club.backends, owner, ada.id, f"@{ben.handle}", gold.id)
    assert (await club.may(ben, ada)).because == "comp"
    with pytest.raises(MemberAlready):
        await comps.give(club.backends, owner, ada.id, ben.handle, gold.id)
    await club.no_differences()
    await comps.take(club.backends, owner, ada.id, row.id)
    assert not (await club.may(ben, ada)).allowed
    paid = await club.joins(ben, gold)
    with pytest.raises(NotNow):
        await comps.take(club.backends, owner, ada.id, paid.id)
    await club.no_differences()


async def test_who_may_not_is_refused(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    editor, cy, ben = [await club.somebody(name) for name in ("eve", "cy", "ben")]
    async with club.backends.database.writing() as tx:
        await team_rows.add(tx, ada.id, editor.user_id, "editor", club.stage.clock.now())
    row = await club.joins(ben, gold)
    for who, error in ((editor, Forbidden), (cy, (NotFound, Forbidden))):
        caller = club.caller(who)
        for attempt in (
            tiers.change(club.backends, caller, gold.id, TierForm(name="Mine", min_amount=100)),
            tiers.set_state(club.backends, caller, gold.id, "archived"),
            offers.create(club.backends, caller, ada.id, OfferForm(code="FREE", name="Free", percent=100)),
            comps.give(club.backends, caller, ada.id, cy.handle, gold.id),
            members.newest(club.backends, caller, ada.id, MemberFilter(), None, 10),
            members.one(club.backends, caller, ada.id, row.id),
            members.add_note(club.backends, caller, ada.id, row.id, "hm"),
            members.as_csv(club.backends, caller, ada.id, MemberFilter()),
        ):
            with pytest.raises(error):
                await attempt


async def test_members_are_found_noted_about_and_taken_along(club: Club) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    owner = club.caller(club.owners[ada.id])
    people = [await club.somebody(name) for name in ("ben", "cy", "dee")]
    rows = [await club.joins(who, tier) for who, tier in zip(people, (silver, gold, gold), strict=True)]
    await cancelling.cancel(club.backends, club.caller(people[0]), rows[0].id, "other", "=HYPERLINK(1)")

    async def found(**wanted: Any) -> list[str]:
        listed = await members.newest(club.backends, owner, ada.id, MemberFilter(**wanted), None, 50)
        return [each.display_name for each in listed]

    assert await found() == ["Dee", "Cy", "Ben"]
    assert await found(tier_id=gold.id) == ["Dee", "Cy"]
    assert await found(segment="leaving") == ["Ben"]
    assert await found(search=people[1].handle[:6]) == ["Cy"]
    assert await found(search="%") == []
    first = await members.newest(club.backends, owner, ada.id, MemberFilter(), None, 2)
    rest = await members.newest(club.backends, owner, ada.id, MemberFilter(), first[-1].id, 2)
    assert [each.display_name for each in rest] == ["Ben"]
    counted = await members.counts(club.backends, owner, ada.id)
    assert (counted["live"], counted["leaving"], counted["new"]) == (3, 1, 3)
    note = await members.add_note(club.backends, owner, ada.id, rows[0].id, " likes the cello ")
    told = await members.one(club.backends, owner, ada.id, rows[0].id)
    assert [each.text for each in told.notes] == ["likes the cello"]
    await members.remove_note(club.backends, owner, ada.id, note)
    lines = await exported(club, owner, ada)
    assert [line["Name"] for line in lines] == ["Dee", "Cy", "Ben"]
    assert lines[2]["Why they left"] == "'=HYPERLINK(1)"
    assert (lines[0]["Amount"], lines[0]["Currency"]) == ("10.00", "EUR")


async def exported(club: Club, caller: Any, creator: Creator) -> list[dict[str, str]]:
    stream = await members.as_csv(club.backends, caller, creator.id, MemberFilter())
    text = b"".join([each async for each in stream]).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def kinds(club: Club, who: Someone) -> list[str]:
    async with club.backends.database.writing() as tx:
        rows = await tx.fetch("SELECT kind FROM notifications WHERE user_id = $1 ORDER BY position", who.user_id)
    return [row[0] for row in rows]


async def test_the_guard_of_trials_knows_people_and_cards(club: Club) -> None:
    """A card may be told later than the trial began: whoever had it first keeps it, on this page only."""
    ada, (gold,) = await club.page("ada", gold=1000)
    eve, (ruby,) = await club.page("eve", ruby=1000)
    ben, cy, dee = [await club.somebody(name) for name in ("ben", "cy", "dee")]
    his, hers, third = [(await club.begins(who, gold)).membership_id for who in (ben, cy, dee)]
    elsewhere, now = (await club.begins(dee, ruby)).membership_id, club.stage.clock.now()

    async def tries(page: Creator, who: Someone, membership: UUID, card: str | None) -> bool:
        async with club.backends.database.writing() as tx:
            return await guard.use_trial(tx, page.id, who.user_id, membership, card, now)

    assert await tries(ada, ben, his, None), "the card is not known yet"
    assert await tries(ada, ben, his, "visa-1"), "now it is"
    assert await tries(ada, ben, his, "visa-1"), "told again"
    assert await tries(ada, ben, his, "visa-2"), "a new card in the middle of it; the first one stays noted"
    assert not await tries(ada, ben, third, "visa-3"), "another membership of the same person"
    assert await tries(ada, cy, hers, None)
    assert not await tries(ada, cy, hers, "visa-1"), "ben's card, though it was told late"
    assert not await tries(ada, dee, third, "visa-1"), "ben's card from the beginning"
    assert await tries(eve, dee, elsewhere, "visa-1"), "another page is another offer"


async def test_of_two_trials_with_one_card_at_once_one_is_had(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    people = [await club.somebody(name) for name in ("ben", "cy", "dee", "eli")]
    held = [(who, (await club.begins(who, gold)).membership_id) for who in people]

    async def tries(who: Someone, membership: UUID) -> bool:
        async def write(tx: Writer) -> bool:
            return await guard.use_trial(tx, ada.id, who.user_id, membership, "one-card", club.stage.clock.now())

        return await club.backends.database.run(write)

    assert sorted(await asyncio.gather(*(tries(*each) for each in held))) == [False, False, False, True]


async def test_a_card_that_had_its_trial_ends_the_second_one_also_when_it_is_told_late(club: Club) -> None:
    """The provider names no card at first; when it does, it is one that tried this page before."""
    ada, _ = await club.page("ada")
    gold = await club.tier(ada, "gold", 1000, trial_days=14)
    ben, cy = await club.somebody("ben"), await club.somebody("cy")
    await club.joins(ben, gold, card=OWNS_A_TRIAL)
    held = await club.begins(cy, gold)
    club.till.simulator.complete_checkout(await club.opens(cy, held), card=OWNS_A_TRIAL, email=cy.email, name=cy.name)
    news = club.till.simulator.engine.take_events()
    name = next(
        msgspec.json.decode(each.body)["data"]["object"]["id"]
        for each in news
        if each.type == "customer.subscription.created"
    )
    said = await club.till.billing.subscription(name)

    async def hears(of: Subscription) -> Membership:
        async with club.backends.database.writing() as tx:
            found = await following.subscription_is(club.backends, tx, of)
        assert found is not None
        return found

    assert (await hears(msgspec.structs.replace(said, card=None))).state == "trialing"
    ended = await hears(said)
    assert (ended.state, ended.end_reason) == ("ended", "trial_used")
    assert not (await club.may(cy, ada)).allowed
    await club.hear()
    assert (await club.till.billing.subscription(name)).state == "canceled"
    await club.no_differences()

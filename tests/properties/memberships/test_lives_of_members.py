"""Whatever members do and the provider tells, in any order, twice, late or from long ago: each is what was paid for.

A state machine of Hypothesis. Two models say what must come out, and neither knows our code: what Stripe's simulator holds (who was
charged, until when), and a sheet of wishes, kept by this test, of what each member asked for and was not refused. Between the news:
nobody is a member twice, what is entitled to is what its sources say, and the cache says what the rows say. When all was heard: state,
tier and access are what both models say, and entitlements built anew from nothing are the same.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Coroutine
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from directfanz.backends.billing.contract import CardRefused, Subscription
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.creators.models import Creator
from directfanz.domains.entitlements import repository as entitled
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.entitlements.policy import held, judge
from directfanz.domains.memberships.models import GRACE, Membership, Tier
from directfanz.domains.memberships.repository import memberships
from directfanz.domains.memberships.service import cancelling, changes, claiming, following, gifts, pausing
from directfanz.domains.memberships.service.changes import Wanted
from directfanz.domains.payments.service.spending import Limit
from directfanz.errors import Conflict
from directfanz.kit.money import Money
from tests.properties.memberships.sheet import EFFECTIVE, Wish, expected_state
from tests.support.accounts import Someone, stage_set
from tests.support.billing import Till, till
from tests.support.memberships import Club
from tests.support.worlds import World

T = TypeVar("T")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
somebody, tiers = st.integers(0, 1), st.integers(0, 2)


class Lives(RuleBasedStateMachine):
    """A page, two members, and what becomes of them."""

    def __init__(self, runner: asyncio.Runner, club: Club, page: tuple[Creator, list[Tier]]) -> None:
        super().__init__()
        self.runner, self.club = runner, club
        self.creator, self.tiers = page
        self.opened = ExitStack()
        self.wishes: dict[int, Wish] = {}
        self.overheard: list[tuple[Subscription, datetime]] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def till(self) -> Till:
        return self.club.till

    @property
    def now(self) -> datetime:
        return self.club.stage.clock.now()

    @initialize(first=tiers, second=tiers)
    def two_members(self, first: int, second: int) -> None:
        self.club.till = self.opened.enter_context(till(self.club.stage.clock))
        self.club.stage.backends = dataclasses.replace(self.club.backends, billing=self.club.till.billing)
        self.club.waiting = []
        self.people: list[Someone] = [self.do(self.club.somebody(name)) for name in ("ben", "cy")]
        self.do(self._both_join((first, second)))

    async def _both_join(self, chosen: tuple[int, int]) -> None:
        for person, tier in zip(self.people, chosen, strict=True):
            await self._join(person, tier, pays=True)
        await self.club.hear()
        for at, (person, tier) in enumerate(zip(self.people, chosen, strict=True)):
            row = await self._live(person)
            assert row is not None
            self.wishes[at] = Wish(tier, row.subscription or "")

    def teardown(self) -> None:
        self.opened.close()
        self.do(self._forget_all())

    async def _forget_all(self) -> None:
        """The next example is bothered by none of these."""
        async with self.club.backends.database.writing() as tx:
            await tx.execute("UPDATE gifts SET state = 'refunded' WHERE state IN ('paid', 'claimed', 'pending')")
            await tx.execute(
                """UPDATE memberships SET held_until = NULL, state = 'ended', ended_at = $1, end_reason = 'over'
                   WHERE state <> 'ended'""",
                self.now,
            )
            await tx.execute("DELETE FROM entitlements")
            await tx.execute("DELETE FROM procrastinate_jobs")

    # --- what people do --------------------------------------------------------------------------------------------------

    @rule(at=somebody, tier=tiers, pays=st.booleans())
    def joins(self, at: int, tier: int, pays: bool) -> None:
        self.tries(self._join(self.people[at], tier, pays))

    async def _join(self, person: Someone, tier: int, pays: bool) -> None:
        held_place = await self.club.begins(person, self.tiers[tier])
        page = held_place.checkout or await self.club.opens(person, held_place)
        if pays:
            self.till.simulator.complete_checkout(page, email=person.email)

    @rule(at=somebody)
    def cancels(self, at: int) -> None:
        row = self._acts(at, lambda who, row: cancelling.cancel(self.club.backends, who, row.id))
        if row and row.state == "canceled":
            self._wish(at, row, leaves=True, later=None)

    @rule(at=somebody)
    def thinks_better(self, at: int) -> None:
        row = self._acts(at, lambda who, row: cancelling.take_back(self.club.backends, who, row.id))
        if row and row.state != "canceled":
            self._wish(at, row, leaves=False)

    @rule(at=somebody, months=st.sampled_from([None, 1, 2]))
    def pauses(self, at: int, months: int | None) -> None:
        row = self._acts(at, lambda who, row: pausing.pause(self.club.backends, who, row.id, months))
        if row and row.state == "paused":
            self._wish(at, row, rests=True)

    @rule(at=somebody)
    def resumes(self, at: int) -> None:
        row = self._acts(at, lambda who, row: pausing.resume(self.club.backends, who, row.id, Limit()))
        if row and row.state != "paused":
            self._wish(at, row, rests=False)

    @rule(at=somebody, tier=tiers)
    def changes(self, at: int, tier: int) -> None:
        done: list[bool] = []

        async def change(who: Any, row: Membership) -> Membership:
            wanted = Wanted(self.tiers[tier].id, Money(self.tiers[tier].min_amount, "EUR"), "month")
            shown = await changes.preview(self.club.backends, who, row.id, wanted)
            done.append(shown.now)
            if shown.now:
                return await changes.upgrade_now(self.club.backends, who, row.id, wanted, shown.at, Limit())
            return await changes.downgrade_at_renewal(self.club.backends, who, row.id, wanted)

        row = self._acts(at, change)
        if row and done[0]:
            self._wish(at, row, tier=tier, later=None)
        elif row:
            self._wish(at, row, later=tier)

    @rule(at=somebody)
    def keeps_what_it_has(self, at: int) -> None:
        row = self._acts(at, lambda who, row: changes.take_back(self.club.backends, who, row.id))
        if row:
            self._wish(at, row, later=None)

    @rule(at=somebody, tier=tiers, months=st.sampled_from([1, 3]))
    def is_given_months(self, at: int, tier: int, months: int) -> None:
        self.tries(self._given(self.people[at], tier, months))

    async def _given(self, person: Someone, tier: int, months: int) -> None:
        backends, giver = self.club.backends, self.people[0]
        async with backends.database.writing() as tx:
            buying = await gifts.begin(backends, tx, giver.user_id, self.tiers[tier].id, months)
            await gifts.paid(backends, tx, buying.gift_id)
        code = await gifts.new_code_for(backends, self.club.caller(giver), buying.gift_id)
        await claiming.claim(backends, self.club.caller(person), code)

    @rule(at=somebody, healed=st.booleans())
    def has_trouble_with_the_card(self, at: int, healed: bool) -> None:
        row = self.do(self._live(self.people[at]))
        if row is not None and row.subscription is not None:
            self.till.break_card(self.till.raw(row.subscription)["customer"], "" if healed else "generic_decline")

    @rule(at=somebody)
    def is_given_the_money_back(self, at: int) -> None:
        row = self.do(self._live(self.people[at]))
        if row is not None:
            self.do(self._refund(row))

    async def _refund(self, row: Membership) -> None:
        async with self.club.backends.database.writing() as tx:
            await following.refunded(self.club.backends, tx, row.id, whole=True)

    # --- what the world does ----------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 5, 17, 33]))
    def time_goes_on(self, days: int) -> None:
        self.do(self.club.later(hear=False, days=days))

    @rule(seed=st.integers(0, 999), often=st.sampled_from([1, 3, 5]))
    def news_come_as_they_like(self, seed: int, often: int) -> None:
        """Some of them, in any order, some twice; the rest later."""
        self.club.waiting += self.till.simulator.engine.take_events()
        if self.club.waiting:
            chosen = random.Random(seed).choices(range(len(self.club.waiting)), k=often)
            self.do(self.club.deliver([self.club.waiting[place] for place in chosen]))
            self.club.waiting = [each for place, each in enumerate(self.club.waiting) if place not in chosen]

    @rule(at=somebody)
    def somebody_asks_and_is_slow(self, at: int) -> None:
        """An answer of now, that is acted upon later."""
        row = self.do(self._live(self.people[at]))
        if row is not None and row.subscription is not None:
            self.overheard.append((self.do(self.till.billing.subscription(row.subscription)), self.now))

    @rule()
    def the_slow_one_acts(self) -> None:
        if self.overheard:
            said, asked_at = self.overheard.pop(0)
            if asked_at < self.now:
                self.do(self._told(said, asked_at))

    async def _told(self, said: Subscription, asked_at: datetime) -> None:
        async with self.club.backends.database.writing() as tx:
            await following.subscription_is(self.club.backends, tx, said, asked_at=asked_at)

    @rule()
    def the_clock_brings_its_jobs(self) -> None:
        self.do(self._timed())

    async def _timed(self) -> None:
        from directfanz.domains.memberships.jobs import TIMED, Now

        for job in TIMED:
            await job.run(self.club.backends, Now())
        await self.club.stage.work()

    # --- what holds -------------------------------------------------------------------------------------------------------

    @invariant()
    def rows_sources_and_cache_agree(self) -> None:
        if self.wishes:
            self.do(self._agree())

    async def _agree(self) -> None:
        await self.club.no_differences()
        for person in self.people:
            need = Need(creator_id=self.creator.id, access="rank", min_rank=2)
            said = await entitlements.decide(self.club.backends, person.user_id, need)
            rows = await entitled.live(self.club.backends.database, person.user_id, self.creator.id, self.now, 100)
            assert said == judge([held(row) for row in rows], need, self.now)

    @rule()
    def all_is_heard_and_true(self) -> None:
        self.do(self._settled())

    async def _settled(self) -> None:
        await self.club.hear()
        await self._timed()
        if await self.club.hear():  # what a job asks for may be news for the next one
            await self._timed()
            await self.club.hear()
        for at in range(len(self.people)):
            await self._is_what_was_paid_for(at)
        await self._built_anew_is_the_same()

    async def _is_what_was_paid_for(self, at: int) -> None:
        person = self.people[at]
        row = await self._live(person)
        if row is None:
            await self._has_nothing_at_the_provider(person)
            return
        if row.subscription is None:
            assert row.period_end is None or row.period_end > self.now
            return
        raw = self.till.raw(row.subscription)
        item = raw["items"]["data"][0]
        start = datetime.fromtimestamp(item["current_period_start"], UTC)
        assert row.amount == item["price"]["unit_amount"]
        assert row.amount == next(tier.min_amount for tier in self.tiers if tier.id == row.tier_id)
        expected = expected_state(raw)
        assert row.state == expected, (row, raw["status"])
        self._is_as_wished(at, row)
        if expected == "past_due":
            assert row.grace_until == start + GRACE
            assert row.grace_until > self.now
        if expected in ("active", "trialing"):
            assert (await self.club.may(person, self.creator)).allowed

    def _is_as_wished(self, at: int, row: Membership) -> None:
        """By the sheet alone: who asked to leave leaves, who asked for a rest is charged nothing, and nobody is moved to a tier that they
        did not ask for. A subscription that is not on the sheet came of a page that was paid in the meantime: it begins a new line."""
        wish, place = self.wishes[at], next(place for place, tier in enumerate(self.tiers) if tier.id == row.tier_id)
        if wish.subscription != row.subscription:
            self.wishes[at] = Wish(place, row.subscription or "")
            return
        if wish.later is not None and place == wish.later and row.pending_from is None:
            wish.tier, wish.later = place, None  # its renewal came
        assert place == wish.tier, (place, wish)
        assert (row.pending_tier_id is not None) == (wish.later is not None), (row, wish)
        if row.state != "past_due":
            assert (row.state == "canceled") == wish.leaves, (row, wish)
        if row.state == "paused" or wish.rests:
            wish.rests = self._rests_still(row, wish)
            assert (row.state == "paused") == wish.rests or wish.leaves, (row, wish)

    def _rests_still(self, row: Membership, wish: Wish) -> bool:
        """A rest for some months ends by itself."""
        return wish.rests and row.state == "paused"

    async def _has_nothing_at_the_provider(self, person: Someone) -> None:
        """Who is no member is charged by nobody."""
        rows = await self.club.backends.database.fetch(
            "SELECT subscription FROM memberships WHERE user_id = $1 AND subscription IS NOT NULL", person.user_id
        )
        assert all(self.till.raw(each[0])["status"] in ("canceled", "incomplete_expired") for each in rows)

    async def _built_anew_is_the_same(self) -> None:
        backends = self.club.backends
        async with backends.database.writing() as tx:
            before = await tx.fetch(EFFECTIVE, self.now)
            await tx.execute("DELETE FROM entitlements")
            await entitlements.rebuild(backends, tx, self.now)
            assert await tx.fetch(EFFECTIVE, self.now) == before
            assert await entitlements.compare(tx, self.now) == []

    # --- ----------------------------------------------------------------------------------------------------------------------

    def tries(self, work: Coroutine[Any, Any, T]) -> T | None:
        """A clear no is an answer; anything else is a mistake of ours."""
        try:
            return self.do(work)
        except (Conflict, CardRefused):
            return None

    def _acts(self, at: int, act: Any) -> Membership | None:
        """The membership after what they did; None when they have none, or heard a no."""
        person = self.people[at]
        row = self.do(self._live(person))
        if row is None:
            return None
        found: Membership | None = self.tries(act(self.club.caller(person), row))
        return found

    def _wish(self, at: int, row: Membership, **asked: Any) -> None:
        """Only about what is paid for: a gift is not on the sheet."""
        wish = self.wishes[at]
        if row.subscription is None:
            return
        if wish.subscription != row.subscription:
            place = next(place for place, tier in enumerate(self.tiers) if tier.id == row.tier_id)
            wish = self.wishes[at] = Wish(place, row.subscription)
        for name, value in asked.items():
            setattr(wish, name, value)

    async def _live(self, person: Someone) -> Membership | None:
        return await memberships.find_live(self.club.backends.database, person.user_id, self.creator.id)


def lives(world: World, examples: int, steps: int) -> None:
    """One page and one set of backends for all examples; a provider and two people for each."""
    how = hypothesis_settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )  # fmt: skip - the same examples each time; a failure prints its steps, and making it small would take an hour
    with asyncio.Runner() as runner:
        opening = stage_set(world.settings, ManualClock(START))
        stage = runner.run(opening.__aenter__())
        stage.works_on = (
            "memberships."  # letters are another matter, and so is what the cache forgets by a job: it forgets at once
        )
        try:
            with till(stage.clock) as first:
                club = Club(stage, first)
                page = runner.run(club.page("ada", silver=500, gold=1000, ruby=2000))
                run_state_machine_as_test(lambda: Lives(runner, club, page), settings=how)  # type: ignore[arg-type]
        finally:
            runner.run(opening.__aexit__(None, None, None))


@pytest.mark.timeout(600)
def test_lives_of_members(fresh_world: World) -> None:
    lives(fresh_world, 100, 12)


@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_long_lives_of_members(fresh_world: World) -> None:
    lives(fresh_world, 300, 60)

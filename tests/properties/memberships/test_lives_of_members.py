"""Whatever members do and the provider tells, in any order, twice, late or from long ago: each is what was paid for.

The truth is what Stripe's simulator holds. Between the news: nobody is a member twice, what is entitled to is what its sources say,
and the cache says what the rows say. When all was heard: state, tier and access are what the provider's truth makes of them, and
entitlements built anew from nothing are the same.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from directfanz.backends.billing.contract import CardRefused, Subscription
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.entitlements import repository as entitled
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.domains.entitlements.policy import held, judge
from directfanz.domains.memberships.models import GRACE, Membership
from directfanz.domains.memberships.repository import memberships
from directfanz.domains.memberships.service import cancelling, changes, claiming, following, gifts, pausing
from directfanz.domains.memberships.service.changes import Wanted
from directfanz.errors import Conflict
from directfanz.kit.money import Money
from tests.support.accounts import Someone, stage_set
from tests.support.billing import Till, till
from tests.support.memberships import Club
from tests.support.worlds import World

T = TypeVar("T")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Step(NamedTuple):
    """What happens, to whom; `choice` is a tier or another number, `seed` chooses among news, `days` go by after it."""

    what: str
    at: int
    choice: int
    yes: bool
    seed: int
    days: int


class Lives:
    """One example: a page, two members, and what becomes of them."""

    def __init__(self, runner: asyncio.Runner, club: Club, tiers: tuple[int, int]) -> None:
        self.runner, self.club = runner, club
        self.opened = ExitStack()
        self.a_page_and_two_members(tiers)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def till(self) -> Till:
        return self.club.till

    @property
    def now(self) -> datetime:
        return self.club.stage.clock.now()

    def a_page_and_two_members(self, tiers: tuple[int, int]) -> None:
        self.club.till = self.opened.enter_context(till(self.club.stage.clock))
        self.club.stage.backends = dataclasses.replace(self.club.backends, billing=self.club.till.billing)
        self.club.waiting = []
        self.creator, self.tiers = self.do(self.club.page("ada", silver=500, gold=1000, ruby=2000))
        self.people: list[Someone] = [self.do(self.club.somebody(name)) for name in ("ben", "cy")]
        self.overheard: list[tuple[Subscription, datetime]] = []
        for person, tier in zip(self.people, tiers, strict=True):
            self.do(self.club.joins(person, self.tiers[tier]))

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

    def joins(self, step: Step) -> None:
        self.tries(self._join(self.people[step.at], step.choice, step.yes))

    async def _join(self, person: Someone, tier: int, pays: bool) -> None:
        held_place = await self.club.begins(person, self.tiers[tier])
        page = held_place.checkout or await self.club.opens(person, held_place)
        if pays:
            self.till.simulator.complete_checkout(page, email=person.email)

    def cancels(self, step: Step) -> None:
        self.with_live(
            step.at, lambda person, row: cancelling.cancel(self.club.backends, self.club.caller(person), row.id)
        )

    def thinks_better(self, step: Step) -> None:
        self.with_live(
            step.at, lambda person, row: cancelling.take_back(self.club.backends, self.club.caller(person), row.id)
        )

    def pauses(self, step: Step) -> None:
        months = step.choice or None
        self.with_live(
            step.at, lambda person, row: pausing.pause(self.club.backends, self.club.caller(person), row.id, months)
        )

    def resumes(self, step: Step) -> None:
        self.with_live(
            step.at, lambda person, row: pausing.resume(self.club.backends, self.club.caller(person), row.id)
        )

    def changes(self, step: Step) -> None:
        self.with_live(step.at, lambda person, row: self._change(person, row, step.choice))

    async def _change(self, person: Someone, row: Membership, tier: int) -> None:
        backends, caller = self.club.backends, self.club.caller(person)
        wanted = Wanted(self.tiers[tier].id, Money(self.tiers[tier].min_amount, "EUR"), "month")
        shown = await changes.preview(backends, caller, row.id, wanted)
        if shown.now:
            await changes.upgrade_now(backends, caller, row.id, wanted, shown.at)
        else:
            await changes.downgrade_at_renewal(backends, caller, row.id, wanted)

    def keeps_what_it_has(self, step: Step) -> None:
        self.with_live(
            step.at, lambda person, row: changes.take_back(self.club.backends, self.club.caller(person), row.id)
        )

    def is_given_months(self, step: Step) -> None:
        self.tries(self._given(self.people[step.at], step.choice, 3 if step.yes else 1))

    async def _given(self, person: Someone, tier: int, months: int) -> None:
        backends, giver = self.club.backends, self.people[0]
        async with backends.database.writing() as tx:
            buying = await gifts.begin(backends, tx, giver.user_id, self.tiers[tier].id, months)
            await gifts.paid(backends, tx, buying.gift_id)
        code = await gifts.new_code_for(backends, self.club.caller(giver), buying.gift_id)
        await claiming.claim(backends, self.club.caller(person), code)

    def has_trouble_with_the_card(self, step: Step) -> None:
        row = self.do(self._live(self.people[step.at]))
        if row is not None and row.subscription is not None:
            self.till.break_card(self.till.raw(row.subscription)["customer"], "" if step.yes else "generic_decline")

    def is_given_the_money_back(self, step: Step) -> None:
        row = self.do(self._live(self.people[step.at]))
        if row is not None:
            self.do(self._refund(row))

    async def _refund(self, row: Membership) -> None:
        async with self.club.backends.database.writing() as tx:
            await following.refunded(self.club.backends, tx, row.id, whole=True)

    # --- what the world does ----------------------------------------------------------------------------------------------

    def time_goes_on(self, hours: int) -> None:
        if hours:
            self.do(self.club.later(hear=False, hours=hours))

    def news_come_as_they_like(self, step: Step) -> None:
        """Some of them, in any order, some twice; the rest later."""
        self.club.waiting += self.till.simulator.engine.take_events()
        if self.club.waiting:
            chosen = random.Random(step.seed).choices(range(len(self.club.waiting)), k=step.choice * 2 + 1)
            self.do(self.club.deliver([self.club.waiting[place] for place in chosen]))
            self.club.waiting = [each for place, each in enumerate(self.club.waiting) if place not in chosen]

    def somebody_asks_and_is_slow(self, step: Step) -> None:
        """An answer of now, that is acted upon later."""
        row = self.do(self._live(self.people[step.at]))
        if row is not None and row.subscription is not None:
            self.overheard.append((self.do(self.till.billing.subscription(row.subscription)), self.now))

    def the_slow_one_acts(self, step: Step) -> None:
        if self.overheard:
            said, asked_at = self.overheard.pop(0)
            if asked_at < self.now:
                self.do(self._told(said, asked_at))

    async def _told(self, said: Subscription, asked_at: datetime) -> None:
        async with self.club.backends.database.writing() as tx:
            await following.subscription_is(self.club.backends, tx, said, asked_at=asked_at)

    def the_clock_brings_its_jobs(self, step: Step) -> None:
        self.do(self._timed())

    async def _timed(self) -> None:
        from directfanz.domains.memberships.jobs import TIMED, Now

        for job in TIMED:
            await job.run(self.club.backends, Now())
        await self.club.stage.work()

    # --- what holds -------------------------------------------------------------------------------------------------------

    def the_rows_say_what_their_sources_say(self) -> None:
        self.do(self.club.no_differences())

    def the_cache_says_what_the_rows_say(self) -> None:
        self.do(self._cache_is_right())

    async def _cache_is_right(self) -> None:
        for person in self.people:
            for rank in (1, 2, 3):
                need = Need(creator_id=self.creator.id, access="rank", min_rank=rank)
                said = await entitlements.decide(self.club.backends, person.user_id, need)
                async with self.club.backends.database.writing() as tx:
                    rows = await entitled.live(tx, person.user_id, self.creator.id, self.now, 100)
                assert said == judge([held(row) for row in rows], need, self.now)

    def all_is_heard_and_true(self, step: Step) -> None:
        self.do(self._settled())

    async def _settled(self) -> None:
        await self.club.hear()
        for _ in range(2):  # what a job asks for may be news for the next one
            await self._timed()
            await self.club.hear()
        for person in self.people:
            await self._is_what_was_paid_for(person)
        await self._built_anew_is_the_same()

    async def _is_what_was_paid_for(self, person: Someone) -> None:
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
        if expected == "past_due":
            assert row.grace_until == start + GRACE
            assert row.grace_until > self.now
        if expected in ("active", "trialing"):
            assert (await self.club.may(person, self.creator)).allowed

    async def _has_nothing_at_the_provider(self, person: Someone) -> None:
        """Who is no member is charged by nobody."""
        async with self.club.backends.database.writing() as tx:
            rows = await tx.fetch(
                "SELECT subscription FROM memberships WHERE user_id = $1 AND subscription IS NOT NULL", person.user_id
            )
        assert all(self.till.raw(each[0])["status"] in ("canceled", "incomplete_expired") for each in rows)

    async def _built_anew_is_the_same(self) -> None:
        backends = self.club.backends
        async with backends.database.writing() as tx:
            before = await tx.fetch(_EFFECTIVE, self.now)
            await tx.execute("DELETE FROM entitlements")
            await entitlements.rebuild(backends, tx, self.now)
            assert await tx.fetch(_EFFECTIVE, self.now) == before
            assert await entitlements.compare(tx, self.now) == []

    # --- ----------------------------------------------------------------------------------------------------------------------

    def tries(self, work: Coroutine[Any, Any, object]) -> None:
        """A clear no is an answer; anything else is a mistake of ours."""
        try:
            self.do(work)
        except (Conflict, CardRefused):
            return

    def with_live(self, at: int, act: Any) -> None:
        person = self.people[at]
        row = self.do(self._live(person))
        if row is not None:
            self.tries(act(person, row))

    async def _live(self, person: Someone) -> Membership | None:
        async with self.club.backends.database.writing() as tx:
            return await memberships.find_live(tx, person.user_id, self.creator.id)


_EFFECTIVE = """SELECT user_id, creator_id, scope, rank, object_id, source, source_id, tier_name, starts_at, ends_at FROM entitlements
    WHERE revoked_at IS NULL AND (ends_at IS NULL OR ends_at > $1) ORDER BY source, source_id"""


def expected_state(raw: dict[str, Any]) -> str:
    """What the provider's object means, told independently of `states.told`. Nobody here is on a trial: a charge is only postponed."""
    if raw["status"] in ("past_due", "unpaid"):
        return "past_due"
    if raw["cancel_at_period_end"]:
        return "canceled"
    return "paused" if raw["pause_collection"] else "active"


ACTS: dict[str, Callable[[Lives, Step], None]] = {
    act.__name__: act
    for act in (
        Lives.joins, Lives.cancels, Lives.thinks_better, Lives.pauses, Lives.resumes, Lives.changes, Lives.changes,
        Lives.keeps_what_it_has, Lives.is_given_months, Lives.has_trouble_with_the_card, Lives.is_given_the_money_back,
        Lives.news_come_as_they_like, Lives.somebody_asks_and_is_slow, Lives.the_slow_one_acts,
        Lives.the_clock_brings_its_jobs, Lives.all_is_heard_and_true,
    )
}  # fmt: skip
steps = st.builds(
    Step, st.sampled_from(sorted(ACTS)), st.integers(0, 1), st.integers(0, 2), st.booleans(), st.integers(0, 999),
    st.sampled_from([0, 0, 1, 5, 17, 33]),
)  # fmt: skip


@pytest.mark.timeout(600)
def test_lives_of_members(fresh_world: World) -> None:
    with asyncio.Runner() as runner:
        opening = stage_set(fresh_world.settings, ManualClock(START))
        stage = runner.run(opening.__aenter__())
        try:
            with till(stage.clock) as first:
                live_all(runner, Club(stage, first))
        finally:
            runner.run(opening.__aexit__(None, None, None))


def live_all(runner: asyncio.Runner, club: Club) -> None:
    @hypothesis_settings(
        max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
    )  # an example is long, and making it small would take an hour: it is printed as it is
    @given(tiers=st.tuples(st.integers(0, 2), st.integers(0, 2)), happens=st.lists(steps, min_size=8, max_size=20))
    def live(tiers: tuple[int, int], happens: list[Step]) -> None:
        lives = Lives(runner, club, tiers)
        try:
            for step in happens:
                ACTS[step.what](lives, step)
                lives.time_goes_on(step.days * 24)
                lives.the_rows_say_what_their_sources_say()
                lives.the_cache_says_what_the_rows_say()
            lives.all_is_heard_and_true(happens[-1])
        finally:
            lives.teardown()

    live()

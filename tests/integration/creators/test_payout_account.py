"""The account that is paid: opened once, however often it is asked; what is missing said in words; never somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from directfanz.backends import Backends
from directfanz.domains.creators.errors import NotInTeam, NotReady
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup, page, payout_account
from directfanz.domains.creators.service.page import PageChange
from directfanz.domains.creators.service.team import handover
from directfanz.domains.notifications.service import inbox
from directfanz.errors import Unavailable
from tests.support.accounts import Someone, Stage
from tests.support.billing import Till, till
from tests.support.creators import join_team, page_of


@dataclass
class Counter:
    """A stage with a provider."""

    stage: Stage
    till: Till
    backends: Backends

    async def begin(self, who: Someone, creator: Creator) -> str:
        return await payout_account.begin(self.backends, await self.stage.caller(who), creator.id)

    async def now(self, creator: Creator) -> Creator:
        async with self.backends.database.writing() as tx:
            return await lookup.by_id(tx, creator.id)

    async def changed(self, account: str) -> None:
        """As the handler of the provider's event does."""
        there = await self.backends.billing.account(account)
        async with self.backends.database.writing() as tx:
            await payout_account.account_changed(self.backends, tx, there)

    async def told(self, who: Someone) -> list[str]:
        return [each.kind for each in await inbox.newest(self.backends, await self.stage.caller(who), None, 20)]


@pytest.fixture
async def counter(stage: Stage) -> AsyncIterator[Counter]:
    with till(stage.clock) as opened:
        yield Counter(stage, opened, replace(stage.backends, billing=opened.billing))


async def test_ada_opens_it_once_and_is_paid(counter: Counter, stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    urls = await asyncio.gather(*(counter.begin(ada, creator) for _ in range(3)))
    assert all(url.startswith("http") for url in urls)
    begun = await counter.now(creator)
    assert begun.account
    assert not begun.can_be_paid
    assert "external_account" in begun.account_missing
    counter.till.simulator.onboard(begun.account)
    for _ in range(2):
        await counter.changed(begun.account)
    after = await counter.now(creator)
    assert (after.account, after.can_be_paid, after.account_missing) == (begun.account, True, [])
    assert (await counter.told(ada)).count("creators.can_be_paid") == 1
    caller = await stage.caller(ada)
    assert (await payout_account.provider_page(counter.backends, caller, creator.id)).startswith("http")


async def test_coming_back_from_the_form_waits_for_no_event(counter: Counter, stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    caller = await stage.caller(ada)
    assert (await payout_account.look_again(counter.backends, caller, creator.id)).account is None
    await counter.begin(ada, creator)
    account = (await counter.now(creator)).account
    assert account
    counter.till.simulator.onboard(account)
    assert (await payout_account.look_again(counter.backends, caller, creator.id)).can_be_paid


async def test_what_the_provider_asks_for_later_is_told(counter: Counter, stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    await counter.begin(ada, creator)
    account = (await counter.now(creator)).account
    assert account
    counter.till.simulator.onboard(account)
    await counter.changed(account)
    counter.till.simulator.demand(account, ["individual.verification.document"])
    await counter.changed(account)
    assert not (await counter.now(creator)).can_be_paid
    caller = await stage.caller(ada)
    newest = (await inbox.newest(counter.backends, caller, None, 1))[0]
    assert newest.kind == "creators.account_needs"
    assert "a picture of your identity document" in newest.text


async def test_an_answer_that_was_lost_opens_no_second_account(counter: Counter, stage: Stage) -> None:
    """The account is there, our row is not: the next try gets the same one, and so does the event that tells of it."""
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    creator, other = await page_of(stage, ada), await page_of(stage, cy)
    metadata = {"creator": str(creator.id), "user": str(ada.user_id)}
    key = f"account:{creator.id}:{ada.user_id}:{creator.country}"
    lost = await counter.backends.billing.open_account(country="DE", email=ada.email, metadata=metadata, key=key)
    await counter.begin(ada, creator)
    assert (await counter.now(creator)).account == lost.id
    of_another = {"creator": str(other.id), "user": str(ada.user_id)}
    strange = await counter.backends.billing.open_account(country="DE", email=ada.email, metadata=of_another, key="x")
    await counter.changed(strange.id)
    assert (await counter.now(other)).account is None, "Ada does not own that page"
    mine = {"creator": str(other.id), "user": str(cy.user_id)}
    found = await counter.backends.billing.open_account(country="DE", email=cy.email, metadata=mine, key="y")
    await counter.changed(found.id)
    assert (await counter.now(other)).account == found.id


async def test_an_account_of_nobody_here_is_let_be(counter: Counter) -> None:
    for metadata in ({}, {"creator": "nonsense", "user": "x"}):
        there = await counter.backends.billing.open_account(
            country="DE", email="x@example.com", metadata=metadata, key=f"nobody {len(metadata)}"
        )
        await counter.changed(there.id)


async def test_only_the_owner_and_only_of_today(counter: Counter, stage: Stage) -> None:
    ada, mo = await stage.joined("ada"), await stage.joined("mo")
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, mo, "admin")
    with pytest.raises(NotInTeam):
        await counter.begin(mo, creator)
    await counter.begin(ada, creator)
    first = (await counter.now(creator)).account
    assert first
    await handover.offer(counter.backends, await stage.caller(ada), creator.id, mo.user_id)
    await handover.accept(counter.backends, await stage.caller(mo), creator.id)
    counter.till.simulator.onboard(first)
    await counter.changed(first)
    assert (await counter.now(creator)).account is None, "the old owner's account does not come back by an event"
    with pytest.raises(NotInTeam):
        await counter.begin(ada, creator)
    await counter.begin(mo, creator)
    assert (await counter.now(creator)).account not in (None, first)


async def test_the_country_stays_once_there_is_an_account(counter: Counter, stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    await page.change(counter.backends, caller, creator.id, PageChange(country="FR"))
    await counter.begin(ada, creator)
    with pytest.raises(NotReady):
        await page.change(counter.backends, caller, creator.id, PageChange(country="DE"))


async def test_without_a_provider_it_says_so(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    with pytest.raises(Unavailable, match="not set up"):
        await payout_account.begin(stage.backends, await stage.caller(ada), creator.id)

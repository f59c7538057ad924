"""A post that is sold: paid at the provider, open at once and for good, closed again when the money goes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.content.errors import NotForSale
from directfanz.domains.content.models import Post
from directfanz.domains.content.service import buying, reading, writing
from directfanz.domains.content.service.writing import Draft
from directfanz.errors import DirectFanzError
from directfanz.settings import Settings
from tests.support.money import MoneyStage, money_stage


@pytest.fixture(scope="module")
async def market(settings: Settings) -> AsyncIterator[MoneyStage]:
    async with money_stage(settings, ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as stage:
        yield stage


def page_in(url: str) -> str:
    return "cs_" + url.split("cs_")[1].split("?")[0].split("#")[0].split("/")[0]


async def sold(market: MoneyStage) -> Post:
    ada = await market.caller(market.ada)
    wanted = Draft(title="A song for one", body="Drop D.", access="paid", price=2500)
    post = await writing.begin(market.backends, ada, market.page.id, wanted)
    return await writing.publish(market.backends, ada, post.id)


async def test_ben_buys_it_and_reads_it(market: MoneyStage) -> None:
    ben, cy, post = await market.fan("ben"), await market.fan("cy"), await sold(market)
    caller = await market.caller(ben)
    creator, before = await reading.read(market.backends, caller, post.id)
    assert (before.open, before.decision.because) == (False, "not_bought")
    url = await buying.begin(market.backends, caller, creator, post, "pressed once")
    assert await buying.begin(market.backends, caller, creator, post, "pressed once") == url, "pressed twice"
    market.till.simulator.complete_checkout(page_in(url), card="4242424242424242")
    await market.told()
    _, after = await reading.read(market.backends, caller, post.id)
    assert (after.open, after.decision.because, after.post.body) == (True, "purchase", "Drop D.")
    assert not (await reading.read(market.backends, await market.caller(cy), post.id))[1].open
    with pytest.raises(DirectFanzError):
        await buying.begin(market.backends, caller, creator, post, "once more")
    assert await market.problems() == []


async def test_what_is_not_sold_cannot_be_bought(market: MoneyStage) -> None:
    ben, ada = await market.fan("ben"), await market.caller(market.ada)
    caller = await market.caller(ben)
    for wanted in (Draft(title="For all"), Draft(title="For members", access="members")):
        post = await writing.begin(market.backends, ada, market.page.id, wanted)
        post = await writing.publish(market.backends, ada, post.id)
        with pytest.raises(NotForSale):
            await buying.begin(market.backends, caller, market.page, post, "a key of mine")
    draft = await writing.begin(market.backends, ada, market.page.id, Draft(title="Not yet", access="paid", price=500))
    with pytest.raises(NotForSale):
        await buying.begin(market.backends, caller, market.page, draft, "a key of mine")

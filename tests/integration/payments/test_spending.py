"""What somebody lets themselves spend holds wherever a card is charged by their will: also when a tier is changed at once."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import httpx
import pytest

from directfanz.backends.billing.contract import CardRefused
from directfanz.domains.content.service import writing
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.memberships.models import Tier
from directfanz.domains.memberships.service import changes, pausing, tiers
from directfanz.domains.memberships.service.changes import Wanted
from directfanz.domains.memberships.service.tiers import TierForm
from directfanz.domains.payments.errors import SpendCapReached
from directfanz.domains.payments.service import spending
from directfanz.domains.payments.service.spending import Limit
from directfanz.http.caller import SESSION_COOKIE, Caller
from directfanz.kit.money import Money
from directfanz.processes.web.app import create_app
from directfanz.processes.web.routes import all_routes, authenticate
from tests.support.accounts import Someone
from tests.support.money import MoneyStage


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


async def dearer_tier(stage: MoneyStage) -> Tier:
    ada = await stage.caller(stage.ada)
    made = await tiers.create(stage.backends, ada, stage.page.id, TierForm(name="Platinum", min_amount=3000))
    return await tiers.set_state(stage.backends, ada, made.id, "open")


async def member(stage: MoneyStage, cap: int) -> tuple[Someone, Caller, UUID]:
    """Ben in Gold for 10 euros, with a cap."""
    ben = await stage.fan("ben")
    stage.pay(await stage.join(ben, 1000))
    await stage.told()
    caller = await stage.caller(ben)
    await spending.set_cap(stage.backends, caller, eur(cap))
    row = await stage.backends.database.fetch_value("SELECT id FROM memberships WHERE user_id = $1", ben.user_id)
    return ben, caller, row


async def state_of(stage: MoneyStage, row: UUID) -> tuple[object, ...]:
    sql = "SELECT tier_id, amount, pending_tier_id, pending_now FROM memberships WHERE id = $1"
    found = await stage.backends.database.fetch_row(sql, row)
    assert found is not None
    return tuple(found)


async def test_an_upgrade_over_the_cap_changes_and_charges_nothing(stage: MoneyStage) -> None:
    dear = await dearer_tier(stage)
    _, caller, row = await member(stage, cap=2999)
    wanted = Wanted(dear.id, eur(3000), "month")
    shown = await changes.preview(stage.backends, caller, row, wanted)
    assert shown.due == eur(2000)
    before = await state_of(stage, row)
    with pytest.raises(SpendCapReached, match=r"of 29\.99 EUR there are 19\.99 left"):
        await changes.upgrade_now(stage.backends, caller, row, wanted, shown.at, Limit())
    await stage.told()
    assert await state_of(stage, row) == before
    assert await stage.backends.database.fetch_value("SELECT count(*) FROM orders WHERE paid_at IS NOT NULL") == 1
    await spending.set_cap(stage.backends, caller, eur(3000))
    await changes.upgrade_now(stage.backends, caller, row, wanted, shown.at, Limit())
    await stage.told()
    assert (await state_of(stage, row))[0] == dear.id
    assert await stage.problems() == []


async def test_of_an_upgrade_and_a_tip_in_two_tabs_one_is_refused(stage: MoneyStage) -> None:
    dear = await dearer_tier(stage)
    ben, caller, row = await member(stage, cap=4000)
    wanted = Wanted(dear.id, eur(3000), "month")
    shown = await changes.preview(stage.backends, caller, row, wanted)
    both = await asyncio.gather(
        changes.upgrade_now(stage.backends, caller, row, wanted, shown.at, Limit()),
        stage.tip(ben, 2500),
        return_exceptions=True,
    )
    assert [type(each) for each in both if isinstance(each, BaseException)] == [SpendCapReached]


async def test_an_upgrade_counts_from_the_moment_it_is_asked_for_and_once(stage: MoneyStage) -> None:
    dear = await dearer_tier(stage)
    ben, caller, row = await member(stage, cap=4000)
    wanted = Wanted(dear.id, eur(3000), "month")
    shown = await changes.preview(stage.backends, caller, row, wanted)
    await changes.upgrade_now(stage.backends, caller, row, wanted, shown.at, Limit())
    with pytest.raises(SpendCapReached, match=r"10\.00 left"):  # before anything was told
        await stage.tip(ben, 1001)
    await stage.told()
    assert (await spending.caps(stage.backends, caller))[0].spent == eur(3000)
    await stage.tip(ben, 1000)


async def test_what_the_card_refused_counts_no_more(stage: MoneyStage) -> None:
    dear = await dearer_tier(stage)
    ben, caller, row = await member(stage, cap=4000)
    subscription = await stage.backends.database.fetch_value("SELECT subscription FROM memberships WHERE id = $1", row)
    stage.till.break_card(stage.till.raw(subscription)["customer"], "insufficient_funds")
    wanted = Wanted(dear.id, eur(3000), "month")
    shown = await changes.preview(stage.backends, caller, row, wanted)
    with pytest.raises(CardRefused):
        await changes.upgrade_now(stage.backends, caller, row, wanted, shown.at, Limit())
    await stage.tip(ben, 3000)


async def test_who_resumes_after_the_paid_period_is_charged_within_the_cap(stage: MoneyStage) -> None:
    _, caller, row = await member(stage, cap=999)
    await pausing.pause(stage.backends, caller, row)
    await stage.later(days=35)
    await stage.told()
    with pytest.raises(SpendCapReached):
        await pausing.resume(stage.backends, caller, row, Limit())
    states = "SELECT state FROM memberships WHERE id = $1"
    assert await stage.backends.database.fetch_value(states, row) == "paused"
    await spending.set_cap(stage.backends, caller, eur(1000))
    await pausing.resume(stage.backends, caller, row, Limit())
    assert (await spending.caps(stage.backends, caller))[0].spent == eur(1000)
    await stage.told()
    assert await stage.backends.database.fetch_value(states, row) == "active"
    assert (await spending.caps(stage.backends, caller))[0].spent == eur(1000)
    assert await stage.problems() == []


async def test_the_page_of_a_paid_post_says_what_is_left(stage: MoneyStage) -> None:
    ada = await stage.caller(stage.ada)
    draft = Draft(title="A song for one", body="Drop D.", access="paid", price=2500)
    post = await writing.begin(stage.backends, ada, stage.page.id, draft)
    await writing.publish(stage.backends, ada, post.id)
    ben = await stage.fan("ben")
    await spending.set_cap(stage.backends, await stage.caller(ben), eur(2400))
    app = create_app(stage.backends, authenticate, all_routes())
    cookies = {SESSION_COOKIE: ben.browser.session or ""}
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "User-Agent": "Firefox"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost:8080", headers=headers, cookies=cookies
    ) as page:
        here = f"/c/{stage.page.slug}/posts/{post.id}"
        shown = await page.get(here)
        assert "You have €24.00 left of the €24.00 that you let yourself spend this month" in plain(shown.text)
        refused = await page.post(f"{here}/buy", data={"key": "k"})
        assert refused.headers["location"].endswith(here)  # and not the provider's page
        page.cookies.clear()
        assert "let yourself spend" not in plain((await page.get(here)).text)
    app.close()
    assert await stage.backends.database.fetch_value("SELECT count(*) FROM orders") == 0


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace(" .", ".")

"""Every page about money answers, with what is true on it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from directfanz.domains.ledger.jobs import RELEASE, Release
from directfanz.domains.payments.service import disputes, goals, payouts, statements
from directfanz.http.caller import SESSION_COOKIE
from directfanz.kit.money import Money
from directfanz.processes.web.app import WebApp, create_app
from directfanz.processes.web.routes import all_routes, authenticate
from tests.support.accounts import Someone
from tests.support.money import MoneyStage

SITE = "http://localhost:8080"


@pytest.fixture
async def app(stage: MoneyStage) -> AsyncIterator[WebApp]:
    made = create_app(stage.backends, authenticate, all_routes())
    yield made
    made.close()


@asynccontextmanager
async def browser(stage: MoneyStage, app: WebApp, who: Someone) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in, at this moment."""
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "User-Agent": "Firefox"}
    cookies = {SESSION_COOKIE: who.browser.session or ""}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=headers, cookies=cookies) as made:
        yield made


def words(answer: httpx.Response) -> str:
    assert answer.status_code == 200, (answer.status_code, answer.text[-2000:])
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


async def test_ben_joins_gives_and_finds_his_receipts(stage: MoneyStage, app: WebApp) -> None:
    ben = await stage.fan("ben")
    ada = await stage.caller(stage.ada)
    goal = await goals.create(stage.backends, ada, stage.page.id, "A microphone", "", Money(10_000, "EUR"))
    async with browser(stage, app, ben) as page:
        here = f"/c/{stage.page.slug}"
        joining = await page.get(f"{here}/join/{stage.gold.id}")
        assert "What happens next" in words(joining)
        key = re.search(r'name="key" value="([^"]+)"', joining.text)
        assert key
        form = {"amount": "12,50", "interval": "month", "offer": "", "key": key[1]}
        gone = await page.post(f"{here}/join/{stage.gold.id}", data=form)
        assert gone.status_code == 303
        assert "cs_" in gone.headers["location"]
        bad = await page.post(f"{here}/join/{stage.gold.id}", data={**form, "amount": "-3"})
        assert bad.status_code == 422
        stage.till.simulator.complete_checkout(re.search(r"cs_\w+", gone.headers["location"])[0])  # type: ignore[index]
        order_id = await stage.backends.database.fetch_value("SELECT id FROM orders WHERE user_id = $1", ben.user_id)
        assert "Thank you" in words(await page.get(f"/checkout/{order_id}/done"))
        again = await page.get(f"{here}/join/{stage.gold.id}")
        assert again.status_code == 303
        tipping = words(await page.get(f"{here}/tip?goal={goal.id}"))
        assert "A microphone" in tipping
        tip = await page.post(f"{here}/tip", data={"amount": "5.00", "other": "", "goal_id": str(goal.id), "key": "k1"})
        assert tip.status_code == 303
        other = re.search(r"cs_\w+", tip.headers["location"])
        assert other
        unpaid = await stage.backends.database.fetch_value(
            "SELECT id FROM orders WHERE state = 'pending' AND kind = 'tip'"
        )
        assert "Nothing was charged" in words(await page.get(f"/checkout/{unpaid}/back"))
        assert "on its way" in words(await page.get(f"/checkout/{unpaid}/done"))
        stage.till.simulator.complete_checkout(other[0])
        assert "Give" in words(await page.get(f"{here}/gift/{stage.gold.id}"))
        given = await page.post(f"{here}/gift/{stage.gold.id}", data={"months": "3", "message": "", "key": "g"})
        assert given.status_code == 303
        await stage.told()
        money = words(await page.get("/money"))
        assert "€12.50" in money
        assert "€5.00" in money
        saved = await page.post("/money/cap", data={"amount": "20", "currency": "EUR"})
        assert saved.status_code == 303
        assert "€32.50 of €20.00" in words(await page.get("/money")), "with the gift that is not paid yet"
        for path in (f"/c/{stage.page.slug}/tip", f"/c/{stage.page.slug}/gift/{stage.gold.id}"):
            assert "You have spent the €20.00" in words(await page.get(path)), path
        receipt = await page.get(f"/money/orders/{order_id}")
        assert "Invoice 2026-00001" in words(receipt)
        paper = re.search(r'href="(/money/orders/[^"]+/papers/[^"]+)"', receipt.text)
        assert paper
        pdf = await page.get(paper[1])
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF-")
    async with stage.backends.database.reading() as reader:
        (found,) = await goals.of_creator(stage.backends, reader, stage.page.id)
    assert (found.raised, found.givers, found.percent) == (Money(500, "EUR"), 1, 5)


async def test_ada_sees_her_money_down_to_the_cent(stage: MoneyStage, app: WebApp) -> None:
    ben = await stage.fan("ben")
    await stage.can_be_paid()
    for minor in (3000, 2000, 4000):
        stage.pay(await stage.tip(ben, minor))
    await stage.told()
    await stage.later(days=8)
    await RELEASE.run(stage.backends, Release())
    await payouts.run(stage.backends)
    opened = await stage.tip(ben, 1500)
    stage.pay(opened)
    await stage.told()
    charge = (await stage.order(opened)).charge
    assert charge
    stage.till.simulator.dispute(charge)
    await stage.told()
    ada = await stage.caller(stage.ada)
    (paid,) = await statements.payouts_of(stage.backends, ada, stage.page.id, None, 5)
    ((dispute, _),) = await disputes.of_creator(stage.backends, ada, stage.page.id)
    async with browser(stage, app, stage.ada) as page:
        home = f"/studio/{stage.page.slug}/money"
        shown = words(await page.get(home))
        assert "You get 90 %" in shown
        assert "is disputed" in shown
        assert "€15.00" in shown
        for path in ("/ledger", "/payouts", f"/payouts/{paid.id}", "/disputes", "/goals", "/years/2026"):
            words(await page.get(home + path))
        statement = words(await page.get(f"{home}/payouts/{paid.id}"))
        assert "€30.00" in statement
        table = await page.get(f"{home}/payouts/{paid.id}/csv")
        assert table.text.count("\n") == 4
        assert "membership" not in (await page.get(f"{home}/years/2026/csv")).text
        answering = f"{home}/disputes/{dispute.id}"
        assert "Answer by" in words(await page.get(answering))
        assert (await page.post(answering, data={})).status_code == 422
        sent = await page.post(answering, data={"uncategorized_text": "He was there."})
        assert sent.status_code == 303
        assert "with the bank" in words(await page.get(answering))
        first = await stage.backends.database.fetch_value("SELECT id FROM orders WHERE total = 3000")
        assert "Give money back" in words(await page.get(f"/money/orders/{first}"))
        back = await page.post(f"/money/orders/{first}/refund", data={"amount": "10", "reason": "Kind", "key": "r"})
        assert back.status_code == 303
        assert "Part went back" in words(await page.get(f"/money/orders/{first}"))
        assert (await page.post(f"{home}/goals", data={"title": "A lamp", "target": "50"})).status_code == 303
        assert "A lamp" in words(await page.get(f"{home}/goals"))
    async with browser(stage, app, ben) as page:
        for path in ("", "/ledger", "/payouts", f"/payouts/{paid.id}", f"/disputes/{dispute.id}"):
            assert (await page.get(home + path)).status_code == 404
        assert (await page.get("/admin/payments")).status_code == 403


async def test_olu_watches_the_books(stage: MoneyStage, app: WebApp) -> None:
    olu, ben = await stage.people.joined("olu", "admin"), await stage.fan("ben")
    stage.pay(await stage.tip(ben, 500))
    await stage.told()
    async with browser(stage, app, olu) as page:
        assert "Not compared yet" in words(await page.get("/admin/payments"))
        assert (await page.post("/admin/payments/reconcile")).status_code == 303
        assert "No difference" in words(await page.get("/admin/payments"))
        assert (await page.post("/admin/payments/check")).status_code == 303
        assert (await page.post("/admin/payments/events/evt_none/replay")).status_code == 303


async def test_ben_asks_for_his_money_back_and_ada_answers(stage: MoneyStage, app: WebApp) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 1200)
    stage.pay(opened)
    await stage.told()
    here = f"/money/orders/{opened.order_id}"
    async with browser(stage, app, ben) as page:
        assert "Something wrong with it?" in words(await page.get(here))
        assert (await page.post(f"{here}/ask-back", data={"reason": "  "})).status_code == 422
        assert (await page.post(f"{here}/ask-back", data={"reason": "Ten too much."})).status_code == 303
        shown = words(await page.get(here))
        assert "Waits for an answer" in shown
        assert "Give it back" not in shown
    async with browser(stage, app, stage.ada) as page:
        assert "asks for €12 back" in words(await page.get(f"/studio/{stage.page.slug}/money"))
        assert "Somebody asks for their money back" in words(await page.get(f"/studio/{stage.page.slug}"))
        found = re.search(r'action="([^"]+/refund-requests/[^"]+)"', (await page.get(here)).text)
        assert found
        assert (await page.post(found[1], data={"yes": "false", "answer": "", "amount": ""})).status_code in (400, 422)
        done = await page.post(found[1], data={"yes": "true", "answer": "", "amount": "10"})
        assert done.status_code == 303
    await stage.told()
    assert (await stage.order(opened)).refunded == Money(1000, "EUR")
    async with browser(stage, app, ben) as page:
        assert "€10.00" in words(await page.get(here))
        assert "Month by month" in words(await page.get("/money"))
    assert await stage.problems() == []

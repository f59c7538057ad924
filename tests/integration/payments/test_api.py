"""Money over HTTP: what a program may ask, and what it is told when it may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from directfanz.domains.accounts.service import access_tokens
from directfanz.processes.web.app import create_app
from directfanz.processes.web.routes import all_routes, authenticate
from tests.support.accounts import Someone
from tests.support.money import MoneyStage

API = "http://localhost:8080/api/v1"


@pytest.fixture
async def client(stage: MoneyStage) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(stage.backends, authenticate, all_routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=API) as made:
        yield made
    app.close()


async def token(stage: MoneyStage, who: Someone, *scopes: str) -> dict[str, str]:
    made = await access_tokens.make_token(stage.backends, await stage.people.caller(who), "test", list(scopes), 30)
    return {"Authorization": f"Bearer {made.secret}"}


def tip(stage: MoneyStage, minor: Any, currency: str = "EUR") -> dict[str, Any]:
    return {"creator_id": str(stage.page.id), "amount": {"minor": minor, "currency": currency}}


async def test_a_tip_by_a_program_is_one_order_however_often_it_asks(
    stage: MoneyStage, client: httpx.AsyncClient
) -> None:
    ben = await stage.fan("ben")
    may = await token(stage, ben, "money:read", "money:write")
    answers = [
        await client.post("/tips", json=tip(stage, 500), headers={**may, "Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    order_id = answers[0].json()["order_id"]
    stage.till.simulator.complete_checkout("cs_" + answers[0].json()["url"].split("cs_")[1])
    await stage.told()
    shown = (await client.get(f"/orders/{order_id}", headers=may)).json()
    assert (shown["state"], shown["total"]) == ("paid", {"minor": 500, "currency": "EUR"})
    listed = (await client.get("/orders", headers=may)).json()["items"]
    assert [each["id"] for each in listed] == [order_id]
    pdf = await client.get(f"/orders/{order_id}/invoice", headers=may)
    assert pdf.content.startswith(b"%PDF")
    cap = await client.put("/me/spend-caps/EUR", json={"minor": 800}, headers=may)
    assert cap.json() == [{"amount": {"minor": 800, "currency": "EUR"}, "spent": {"minor": 500, "currency": "EUR"}}]
    over = await client.post("/tips", json=tip(stage, 400), headers=may)
    assert (over.status_code, over.json()["error"]["code"]) == (409, "spend_cap_reached")


async def test_amounts_that_are_none_are_refused(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    ben = await stage.fan("ben")
    may = await token(stage, ben, "money:write")
    body = httpx.Request("POST", API, json=tip(stage, 500)).content
    for minor in ("-500", "0", "1", "5.5", '"500"', "null", "true", str(2**63), "1" + "0" * 30, "Infinity"):
        answer = await client.post(
            "/tips", content=body.replace(b"500", minor.encode()), headers={**may, "Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), (minor, answer.text)
        assert await stage.backends.database.fetch_value("SELECT count(*) FROM orders") == 0


async def test_each_sees_their_own_and_nothing_else(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    ben, cy = await stage.fan("ben"), await stage.fan("cy")
    opened = await stage.tip(ben, 500)
    stage.pay(opened)
    await stage.told()
    cys = await token(stage, cy, "money:read", "money:write")
    slug = stage.page.slug
    for path in (
        f"/orders/{opened.order_id}", f"/orders/{opened.order_id}/invoice", f"/creators/{slug}/balance", f"/creators/{slug}/ledger",
        f"/creators/{slug}/payouts", f"/creators/{slug}/orders", f"/creators/{slug}/disputes", f"/creators/{slug}/tax-years/2026",
    ):  # fmt: skip
        assert (await client.get(path, headers=cys)).status_code == 404, path
    assert (await client.post(f"/orders/{opened.order_id}/refunds", json={}, headers=cys)).status_code == 404
    reads = await token(stage, stage.ada, "money:read")
    assert (await client.post(f"/orders/{opened.order_id}/refunds", json={}, headers=reads)).status_code == 403
    shown = (await client.get(f"/creators/{slug}/balance", headers=reads)).json()
    assert shown["balances"][0]["held"]["minor"] == (await stage.balances())[0]
    assert len((await client.get(f"/creators/{slug}/ledger", headers=reads)).json()["items"]) == 1
    year = (await client.get(f"/creators/{slug}/tax-years/2026", headers=reads)).json()
    assert year["months"][0]["total"] == 500
    assert (await client.get("/admin/provider-events", headers=reads)).status_code == 403
    assert (await client.get("/orders")).status_code == 401


async def test_the_team_gives_back_and_collects(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 500)
    stage.pay(opened)
    await stage.told()
    may = await token(stage, stage.ada, "money:read", "money:write")
    part = {"amount": {"minor": 200, "currency": "EUR"}, "reason": "Kind"}
    answer = await client.post(f"/orders/{opened.order_id}/refunds", json=part, headers=may)
    assert (answer.status_code, answer.json()["state"]) == (201, "done")
    more = {"amount": {"minor": 301, "currency": "EUR"}}
    assert (await client.post(f"/orders/{opened.order_id}/refunds", json=more, headers=may)).status_code == 400
    goal = {"title": "A lamp", "target": {"minor": 5000, "currency": "EUR"}}
    made = (await client.post(f"/creators/{stage.page.slug}/goals", json=goal, headers=may)).json()
    listed = (await client.get(f"/creators/{stage.page.slug}/goals")).json()
    assert [each["id"] for each in listed] == [made["id"]]
    assert (await client.post(f"/goals/{made['id']}/close", headers=may)).json()["state"] == "closed"

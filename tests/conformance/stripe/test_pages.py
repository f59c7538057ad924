"""The pages that Stripe hosts, as a browser without scripts uses them: forms, answers, where they lead."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.stripe_simulator import Serving, stripe_serving

OK = "http://fans.example/ok?session={CHECKOUT_SESSION_ID}"
BEN = {"email": "ben@example.com", "name": "Ben Okafor", "country": "US"}
WORKS, ASKS, POOR = "4242424242424242", "4000002760003184", "4000000000009995"


@dataclass
class Visit:
    """`api` is asked for what came of it."""

    running: Serving
    browser: httpx.AsyncClient

    @property
    def api(self) -> Any:
        return self.running.client.v1

    async def session(self, **more: Any) -> Any:
        data = {
            "currency": "usd",
            "unit_amount": 1200,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Gold"},
        }
        told = {"mode": "subscription", "line_items": [{"price_data": data, "quantity": 1}], "success_url": OK}
        return await self.api.checkout.sessions.create_async(told | more)

    async def send(self, address: str, **fields: str) -> httpx.Response:
        return await self.browser.post(address, data=fields)

    async def customer(self) -> Any:
        return await self.api.customers.create_async({"email": "ben@example.com", "name": "Ben Okafor"})


@asynccontextmanager
async def visit() -> AsyncIterator[Visit]:
    async with stripe_serving() as running, httpx.AsyncClient(trust_env=False, base_url=running.base) as browser:
        yield Visit(running, browser)


def problem(page: httpx.Response) -> str:
    found = re.search(r'class="problem"[^>]*>([^<]*)<', page.text)
    return found[1] if found else ""


async def test_a_card_is_pressed_and_the_browser_goes_back() -> None:
    async with visit() as here:
        session = await here.session()
        page = await here.browser.get(session.url)
        assert "No money moves" in page.text
        assert "$12.00" in page.text
        assert "form-action 'self' http://fans.example" in page.headers["Content-Security-Policy"]
        answer = await here.send(session.url, **BEN, test_card=WORKS)
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            OK.replace("{CHECKOUT_SESSION_ID}", session.id),
        )
        assert (await here.api.checkout.sessions.retrieve_async(session.id)).payment_status == "paid"
        again = await here.send(session.url, **BEN, test_card=WORKS)
        assert "This has been paid." in again.text
        assert len((await here.api.subscriptions.list_async()).data) == 1


async def test_what_is_wrong_is_said_on_the_page() -> None:
    async with visit() as here:
        session = await here.session(automatic_tax={"enabled": True})
        answer = await here.send(session.url, **BEN | {"email": ""}, test_card=WORKS)
        assert problem(answer) == "Please type an email address."
        answer = await here.send(session.url, **BEN | {"country": ""}, test_card=WORKS)
        assert "choose your country" in problem(answer)
        answer = await here.send(session.url, **BEN, test_card=POOR)
        assert (answer.status_code, problem(answer)) == (402, "Your card has insufficient funds.")
        answer = await here.send(session.url, **BEN, do="pay", card="4242 4242 4242 4241", expiry="12/34", cvc="123")
        assert problem(answer) == "Your card number is incorrect."
        answer = await here.send(session.url, **BEN, do="pay", card=WORKS, expiry="01/20", cvc="123")
        assert "expiration year" in problem(answer)
        answer = await here.send(session.url, **BEN, do="pay", card="4111 1111 1111 1111", expiry="12 / 34", cvc="123")
        assert "non test card" in problem(answer)
        answer = await here.send(session.url, **BEN, do="pay", card=WORKS, expiry="12 / 34", cvc="123")
        assert answer.status_code == 303


async def test_words_of_strangers_stay_words() -> None:
    async with visit() as here:
        session = await here.session()
        answer = await here.send(session.url, **BEN | {"name": '"><script>alert(1)</script>'}, test_card=POOR)
        assert "<script>" not in answer.text


async def test_the_banks_page_comes_before() -> None:
    async with visit() as here:
        session = await here.session()
        answer = await here.send(session.url, **BEN, test_card=ASKS)
        assert answer.headers["Location"] == f"/3ds/checkout/{session.id}"
        assert (await here.api.subscriptions.list_async({"status": "all"})).data == []
        assert "Is it you?" in (await here.browser.get(answer.headers["Location"])).text
        refused = await here.send(answer.headers["Location"], answer="fail")
        page = await here.browser.get(refused.headers["Location"])
        assert "unable to authenticate" in problem(page)
        assert 'value="ben@example.com"' in page.text
        answer = await here.send(session.url, **BEN, test_card=ASKS)
        passed = await here.send(answer.headers["Location"], answer="pass")
        assert passed.headers["Location"].startswith("http://fans.example/ok")


async def test_a_code_and_a_country_change_the_amount() -> None:
    async with visit() as here:
        coupon = await here.api.coupons.create_async({"percent_off": 25, "duration": "once"})
        told = {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME"}
        await here.api.promotion_codes.create_async(told)
        session = await here.session(allow_promotion_codes=True, automatic_tax={"enabled": True})
        counted = await here.send(session.url, do="count", promotion="welcome", country="DE")
        assert "$10.71" in counted.text
        assert "This code is invalid." in (await here.send(session.url, do="count", promotion="NOPE")).text
        await here.send(session.url, **BEN | {"country": "DE"}, test_card=WORKS)
        done = await here.api.checkout.sessions.retrieve_async(session.id, {"expand": ["invoice"]})
        assert (done.amount_total, done.invoice.amount_paid) == (1071, 1071)


async def test_a_payment_that_waits_for_the_bank_comes_back_with_its_name() -> None:
    async with visit() as here:
        told = {"amount": 1200, "currency": "usd", "confirm": True, "return_url": "http://fans.example/back?x=1"}
        intent = await here.api.payment_intents.create_async(
            {**told, "payment_method": "pm_card_authenticationRequired"}
        )
        answer = await here.send(intent.next_action.redirect_to_url.url, answer="pass")
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert (query["payment_intent"], query["redirect_status"], query["x"]) == ([intent.id], ["succeeded"], ["1"])
        assert (await here.api.payment_intents.retrieve_async(intent.id)).status == "succeeded"


async def test_an_account_comes_aboard_by_its_link_once() -> None:
    async with visit() as here:
        account = await here.api.accounts.create_async({"type": "express", "country": "US"})
        told = {"account": account.id, "type": "account_onboarding", "refresh_url": "http://fans.example/again"}
        link = await here.api.account_links.create_async({**told, "return_url": "http://fans.example/done"})
        assert "Agree and finish" in (await here.browser.get(link.url)).text
        later = await here.send(link.url, do="later")
        assert later.headers["Location"] == "http://fans.example/done"
        assert not (await here.api.accounts.retrieve_async(account.id)).details_submitted
        await here.send(link.url, do="finish", name="Ada Marsh", account_number="000123456789")
        ready = await here.api.accounts.retrieve_async(account.id)
        assert (ready.payouts_enabled, ready.external_accounts.data[0].last4) == (True, "6789")
        used = await here.browser.get(link.url)
        assert used.headers["Location"] == "http://fans.example/again"
        assert "Your payouts" in (await here.browser.get(f"/connect/dashboard/{account.id}")).text


async def test_the_portal_cancels_and_takes_it_back() -> None:
    async with visit() as here:
        ben, cy = await here.customer(), await here.customer()
        session = await here.session(customer=ben.id)
        await here.send(session.url, **BEN, test_card=WORKS)
        sub = (await here.api.checkout.sessions.retrieve_async(session.id)).subscription
        portal = await here.api.billing_portal.sessions.create_async({"customer": ben.id})
        await here.send(portal.url, do=f"cancel:{sub}")
        assert (await here.api.subscriptions.retrieve_async(sub)).cancel_at_period_end
        assert "Keep it" in (await here.browser.get(portal.url)).text
        await here.send(portal.url, do=f"renew:{sub}")
        assert not (await here.api.subscriptions.retrieve_async(sub)).cancel_at_period_end
        await here.send(portal.url, test_card=ASKS)
        assert (await here.api.customers.retrieve_async(ben.id)).invoice_settings.default_payment_method
        others = await here.api.billing_portal.sessions.create_async({"customer": cy.id})
        assert "somebody else" in problem(await here.send(others.url, do=f"cancel:{sub}"))


async def test_an_invoice_is_paid_on_its_page() -> None:
    async with visit() as here:
        ben = await here.customer()
        invoice = await here.api.invoices.create_async({"customer": ben.id, "currency": "usd"})
        told = {"customer": ben.id, "invoice": invoice.id, "amount": 900, "description": "A print"}
        await here.api.invoice_items.create_async(told)
        opened = await here.api.invoices.finalize_invoice_async(invoice.id)
        address = opened.hosted_invoice_url
        assert problem(await here.send(address, test_card=POOR)) == "Your card has insufficient funds."
        assert problem(await here.send(address, test_card=POOR)) == "Your card has insufficient funds."
        bank = await here.send(address, test_card=ASKS)
        back = await here.send(bank.headers["Location"], answer="pass")
        assert "paid" in (await here.browser.get(back.headers["Location"].split("?")[0])).text
        assert (await here.api.invoices.retrieve_async(invoice.id)).status == "paid"


async def test_nothing_there_is_said_kindly() -> None:
    async with visit() as here:
        for path in (
            "/c/pay/x",
            "/3ds/checkout/x",
            "/connect/onboarding/x",
            "/p/session/x",
            "/invoices/x",
            "/receipts/x",
        ):
            page = await here.browser.get(path)
            assert page.status_code == 404
            assert "There is no" in page.text or "nothing to ask" in page.text
        assert "Stripe for this machine" in (await here.browser.get("/")).text

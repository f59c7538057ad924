"""What a person meets in the browser, without scripts: each page opens, each button does what it says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from uuid import UUID

import httpx
import pytest

from directfanz.domains.accounts.service import hashing
from directfanz.domains.memberships.models import Membership, Tier
from directfanz.domains.memberships.service import tiers
from directfanz.http.caller import SESSION_COOKIE
from tests.integration.memberships.test_gifts import bought
from tests.support.accounts import Someone
from tests.support.memberships import Club

SITE = "http://localhost:8080"
Browse = Callable[[Someone], Awaitable["Browser"]]


@pytest.fixture(scope="module")
async def site(club: Club) -> AsyncIterator[httpx.ASGITransport]:
    from directfanz.processes.web.app import create_app

    app = create_app(club.backends)
    yield httpx.ASGITransport(app, client=("192.0.2.7", 1))
    app.close()


class Browser(httpx.AsyncClient):
    async def page(self, path: str, status: int = 200) -> str:
        answer = await self.get(path)
        assert answer.status_code == status, answer.text[:2000]
        return re.sub(r"\s+", " ", unescape(answer.text))

    async def press(self, path: str, **fields: str) -> str:
        """A form that is right leads on; what the next page says."""
        answer = await self.post(path, data=fields)
        assert answer.status_code == 303, answer.text[:4000]
        return await self.page(answer.headers["location"].partition("#")[0])


@pytest.fixture
async def browse(club: Club, site: httpx.ASGITransport) -> AsyncIterator[Browse]:
    made: list[Browser] = []

    async def of(who: Someone) -> Browser:
        await club.stage.sign_in(who)
        browser = Browser(
            transport=site, base_url=SITE, headers={"Origin": SITE, "Sec-Fetch-Site": "same-origin"},
            cookies={SESSION_COOKIE: who.browser.session or ""},
        )  # fmt: skip
        made.append(browser)
        return browser

    yield of
    for browser in made:
        await browser.aclose()


async def with_password(club: Club, name: str) -> Someone:
    return await club.stage.joined(name)


async def test_ben_lives_with_his_membership(club: Club, browse: Browse) -> None:
    ada, (silver, gold) = await club.page("ada", silver=500, gold=1000)
    ben = await with_password(club, "ben")
    row: Membership = await club.joins(ben, silver)
    browser: Browser = await browse(ben)
    home = await browser.page("/memberships")
    assert "Ada's workshop" in home
    assert "Charged next" in home
    await browser.page(f"/memberships/{row.id}")
    await browser.page(f"/memberships/{row.id}/change")
    shown = await browser.post(
        f"/memberships/{row.id}/change", data={"tier_id": str(gold.id), "interval": "month", "amount": ""}
    )
    assert "Pay €5 and change" in shown.text
    hidden = dict(re.findall(r'name="(tier_id|interval|minor|at)" value="([^"]*)"', shown.text))
    assert "It is yours from now on" in await browser.press(f"/memberships/{row.id}/change/confirm", **hidden)
    assert (await club.may(ben, ada, "rank", gold.rank)).allowed
    await club.hear()
    later = await browser.post(
        f"/memberships/{row.id}/change", data={"tier_id": str(silver.id), "interval": "month", "amount": ""}
    )
    hidden = dict(re.findall(r'name="(tier_id|interval|minor|at)" value="([^"]*)"', later.text))
    assert hidden["at"] == ""
    assert "you are in Silver for €5 a month" in await browser.press(f"/memberships/{row.id}/change/confirm", **hidden)
    assert "It stays as it is" in await browser.press(f"/memberships/{row.id}/change/take-back")
    await club.hear()
    await browser.page(f"/memberships/{row.id}/pause")
    assert "Paused" in await browser.press(f"/memberships/{row.id}/pause", months="2")
    assert "It goes on." in await browser.press(f"/memberships/{row.id}/resume")
    assert "stays open to you until" in await browser.page(f"/memberships/{row.id}/cancel")
    assert "Stay after all" in await browser.press(f"/memberships/{row.id}/cancel", reason="too_dear", comment="")
    assert "It goes on as before" in await browser.press(f"/memberships/{row.id}/stay")
    assert "Changed tier" in await browser.page(f"/memberships/{row.id}")


async def test_cancelling_takes_two_clicks(club: Club, browse: Browse) -> None:
    """The link beside the membership, and the button; nothing has to be filled in."""
    _, (gold,) = await club.page("ada", gold=1000)
    ben = await with_password(club, "ben")
    row = await club.joins(ben, gold)
    browser: Browser = await browse(ben)
    assert f'href="/memberships/{row.id}/cancel"' in await browser.page("/memberships")
    await browser.press(f"/memberships/{row.id}/cancel")
    assert (await club.row(row.id)).state == "canceled"


async def test_a_gift_goes_from_hand_to_hand(club: Club, browse: Browse) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben, cy = await with_password(club, "ben"), await with_password(club, "cy")
    await bought(club, ben, gold)
    giver, taker = await browse(ben), await browse(cy)
    place = re.search(r"/gifts/[0-9a-f-]{36}", await giver.page("/memberships"))
    assert place
    assert "has its code" in await giver.page(place[0])
    made = await giver.post(f"{place[0]}/code")
    code = re.search(r'id="gift-code">([0-9A-Z-]{19})<', made.text)
    assert code
    assert code[1] not in await giver.page(place[0])
    assert (await taker.post("/gifts/claim", data={"code": "WRONG"})).status_code == 422
    look = await taker.post("/gifts/claim", data={"code": code[1].lower()})
    assert "3 months of Ada&#x27;s workshop" in re.sub(r"\s+", " ", look.text)
    await taker.press("/gifts/claim", code=code[1], sure="yes")
    assert (await club.may(cy, ada)).because == "gift"
    assert "Claimed on" in await giver.page(place[0])
    assert "3 months for you" in await taker.page("/memberships")


async def test_ada_offers_and_looks_who_is_there(club: Club, browse: Browse) -> None:
    ada_page, _ = await club.page("ada")
    ada = club.owners[ada_page.id]
    browser: Browser = await signed_in_as_owner(club, ada, browse)
    here = f"/studio/{ada_page.slug}"
    assert "Offer a first tier" in await browser.page(f"{here}/tiers")
    await browser.page(f"{here}/tiers/new")
    fields = {
        "name": "Gold",
        "about": "All of it",
        "benefits": "A song\nA call",
        "min_amount": "10,00",
        "trial_days": "0",
    }
    assert "Gold is a draft" in await browser.press(f"{here}/tiers/new", **fields)
    wrong = await browser.post(f"{here}/tiers/new", data=fields | {"min_amount": "lots"})
    assert (wrong.status_code, "This is not an amount." in wrong.text) == (422, True)
    tier_id = re.search(r"/tiers/([0-9a-f-]{36})", await browser.page(f"{here}/tiers"))
    assert tier_id
    assert "people can join" in await browser.press(f"{here}/tiers/{tier_id[1]}/open")
    await browser.press(f"{here}/tiers/new", **(fields | {"name": "Silver", "min_amount": "5"}))
    moved = await browser.press(f"{here}/tiers/move", tier_id=tier_id[1], by="1")
    assert moved.index(">Silver</a>") < moved.index(">Gold</a>")
    ben = await club.somebody("ben")
    gold = next(each for each in await tiers_of(club, ada_page.id) if each.name == "Gold")
    row = await club.joins(ben, gold)
    asked = await browser.post(f"{here}/tiers/{gold.id}", data=fields | {"min_amount": "12"})
    assert "1 of 1 member pay less than that." in asked.text
    assert "Saved." in await browser.press(f"{here}/tiers/{gold.id}", **(fields | {"min_amount": "12", "sure": "1"}))
    assert (await club.row(row.id)).amount == 1000
    await browser.page(f"{here}/tiers/offers/new")
    offer = {"code": "SPRING", "name": "Spring", "kind": "percent", "percent": "20", "periods": "3", "audience": "new"}
    listed = await browser.press(f"{here}/tiers/offers/new", **offer)
    assert "20 % off, 3 payments" in listed
    offer_id = re.search(r"/offers/([0-9a-f-]{36})/end", listed)
    assert offer_id
    assert "Ended." in await browser.press(f"{here}/tiers/offers/{offer_id[1]}/end")
    assert "Ben" in await browser.page(f"{here}/members")
    assert "Nobody fits" in await browser.page(f"{here}/members?search=zzz")
    table = await browser.get(f"{here}/members.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert ben.handle in table.text
    assert "likes tea" in await browser.press(f"{here}/members/{row.id}/notes", text="likes tea")
    cy = await club.somebody("cy")
    await browser.page(f"{here}/members/give")
    given = await browser.press(f"{here}/members/give", handle=cy.handle, tier_id=str(gold.id), until="2030-01-01")
    assert "You can take it back here" in given
    assert (
        await browser.post(f"{here}/members/give", data={"handle": "nobody-x", "tier_id": str(gold.id)})
    ).status_code == 422


async def test_olu_explains_access(club: Club, browse: Browse) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    ben = await club.somebody("ben")
    await club.joins(ben, gold)
    olu = await club.stage.joined("olu", "admin")
    browser: Browser = await browse(olu)
    told = await browser.page(f"/admin/access?person={ben.handle}&page={ada.slug}")
    assert "Gold, by membership" in told
    assert "There is nobody of this name." in await browser.page("/admin/access?person=no-such")
    assert (
        "in the team of"
        in (await browser.page(f"/admin/access?person={club.owners[ada.id].handle}&page={ada.slug}")).lower()
    )
    cy = await with_password(club, "cy")
    stranger: Browser = await browse(cy)
    assert (await stranger.get("/admin/access")).status_code == 403
    assert (await stranger.get(f"/studio/{ada.slug}/members")).status_code == 404


async def signed_in_as_owner(club: Club, owner: Someone, browse: Browse) -> Browser:
    """Pages of the club belong to people without a password; this one is given one."""
    hashed = await hashing.hash_password(owner.password)
    async with club.backends.database.writing() as tx:
        await tx.execute(
            "INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3)",
            owner.user_id,
            hashed,
            club.stage.clock.now(),
        )
    browser: Browser = await browse(owner)
    return browser


async def tiers_of(club: Club, creator_id: UUID) -> list[Tier]:
    async with club.backends.database.writing() as tx:
        return [each.tier for each in await tiers.open_tiers(tx, creator_id)]

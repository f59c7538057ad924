"""The same over HTTP: addresses that moved, guards, what tokens may do, and colours."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from directfanz.domains.accounts.service import access_tokens
from directfanz.domains.creators.service import page
from directfanz.domains.creators.service.page import PageChange
from directfanz.http.caller import SESSION_COOKIE
from directfanz.processes.web.app import create_app
from tests.support.accounts import Someone, Stage
from tests.support.creators import draft_of, join_team, page_of, slug_like

SITE = "http://localhost:8080"
OURS = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Firefox"}
As = Callable[..., httpx.AsyncClient]


@pytest.fixture(scope="module")
async def as_(stage: Stage) -> AsyncIterator[As]:
    """Somebody's browser, or a stranger's."""
    await stage.backends.cache.command("FLUSHDB", key="")
    app = create_app(stage.backends)
    made: list[httpx.AsyncClient] = []

    def browser(who: Someone | None = None, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(stage.browser().address, 1))
        cookies = {SESSION_COOKIE: who.browser.session or ""} if who else {}
        made.append(httpx.AsyncClient(transport=transport, base_url=SITE, headers=OURS | headers, cookies=cookies))
        return made[-1]

    yield browser
    for each in made:
        await each.aclose()
    app.close()


async def test_a_page_from_its_beginning_to_its_followers(stage: Stage, as_: As) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    hers, his, slug = as_(ada), as_(ben), slug_like("ada")
    asked = {"name": "Ada's workshop", "slug": slug, "country": "DE", "currency": "EUR"}
    made = await hers.post("/api/v1/creators", json=asked)
    assert (made.status_code, made.json()["state"], made.json()["your_role"]) == (201, "draft", "owner")
    assert (await his.post("/api/v1/creators", json=asked)).json()["error"]["code"] == "slug_taken"
    assert (await his.get(f"/api/v1/creators/{slug}")).status_code == 404
    assert (await hers.patch(f"/api/v1/creators/{slug}", json={"accent": "#0A7"})).json()["accent"] == "#00aa77"
    assert (await hers.post(f"/api/v1/creators/{slug}/publish")).json()["state"] == "published"
    for _ in range(2):
        assert (await his.put(f"/api/v1/creators/{slug}/follow")).status_code == 204
    shown = (await as_().get(f"/api/v1/creators/{slug}")).json()
    assert (shown["name"], shown["followers"]) == ("Ada's workshop", 1)
    assert "account" not in shown
    assert "can_be_paid" not in shown
    assert [each["creator"]["slug"] for each in (await his.get("/api/v1/me/follows")).json()["items"]] == [slug]
    assert (await his.delete(f"/api/v1/creators/{slug}/follow")).status_code == 204
    assert (await his.get("/api/v1/me/follows")).json()["items"] == []


async def test_at_a_name_stands_a_person_or_the_page_of_that_name(stage: Stage, as_: As) -> None:
    ada, ben, stranger = await stage.quickly("ada"), await stage.quickly("ben"), as_()
    adas, bens = f"ada{secrets.token_hex(5)}", f"ben{secrets.token_hex(5)}"
    async with stage.backends.database.writing() as tx:
        for who, handle in ((ada, adas), (ben, bens)):
            await tx.execute("UPDATE users SET handle = $2 WHERE id = $1", who.user_id, handle)
    assert ada.name in (await stranger.get(f"/@{adas}")).text
    own, other, squatted = await page_of(stage, ada, adas), await page_of(stage, ada), await page_of(stage, ada, bens)
    assert (await stranger.get(f"/@{adas}")).headers["location"] == own.path, "her handle and her page"
    assert (await stranger.get(f"/@{other.slug}")).headers["location"] == other.path, "nobody has this handle"
    shown = await stranger.get(f"/@{bens}")
    assert (shown.status_code, ben.name in shown.text) == (200, True), "his name stays his, whatever she calls a page"
    assert squatted.path not in shown.text
    assert (await stranger.get(f"/@{slug_like('nobody')}")).status_code == 404


async def test_an_old_address_leads_to_the_new_one_for_good(stage: Stage, as_: As) -> None:
    ada = await stage.joined("ada")
    creator, new = await page_of(stage, ada), slug_like("moved")
    await page.change(stage.backends, await stage.caller(ada), creator.id, PageChange(slug=new))
    stranger = as_()
    answer = await stranger.get(f"/c/{creator.slug}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/c/{new}")
    assert (await stranger.get(f"/c/{new.upper()}")).headers["location"] == f"/c/{new}"
    assert (await stranger.get(f"/api/v1/creators/{creator.slug}")).json()["slug"] == new


async def test_a_draft_says_nothing_to_strangers(stage: Stage, as_: As) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    creator = await draft_of(stage, ada)
    for client in (as_(), as_(cy)):
        for path in (f"/c/{creator.slug}", f"/c/{creator.slug}?as=stranger", f"/api/v1/creators/{creator.slug}"):
            assert (await client.get(path)).status_code == 404
    assert (await as_(ada).get(f"/c/{creator.slug}")).status_code == 200
    assert (await as_(cy).get(f"/studio/{creator.slug}")).status_code == 404
    assert (await as_().get(f"/studio/{creator.slug}")).status_code == 303


async def test_only_the_team_sees_with_other_eyes(stage: Stage, as_: As) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    creator = await page_of(stage, ada)
    assert "See this page as" in (await as_(ada).get(f"/c/{creator.slug}?as=stranger")).text
    assert "See this page as" not in (await as_(ben).get(f"/c/{creator.slug}?as=stranger")).text
    for wish in ("tier-99", "tier-", "owner", "<script>", "tier-1 or 1=1"):
        answer = await as_(ada).get(f"/c/{creator.slug}", params={"as": wish})
        assert (answer.status_code, "<script>alert" in answer.text) == (200, False)


async def test_a_token_does_what_its_scopes_say_and_no_more(stage: Stage, as_: As) -> None:
    ada = await stage.joined("ada")
    creator = await page_of(stage, ada)
    made = await access_tokens.make_token(stage.backends, await stage.caller(ada), "x", ["creators:read"], 9)
    program = as_(authorization=f"Bearer {made.secret}")
    assert (await program.get("/api/v1/me/creators")).json()[0]["slug"] == creator.slug
    assert (await program.patch(f"/api/v1/creators/{creator.slug}", json={"name": "x"})).status_code == 403
    for method, path in (
        ("POST", f"/api/v1/creators/{creator.slug}/invitations"),
        ("POST", f"/api/v1/creators/{creator.slug}/payout-account"),
        ("POST", f"/api/v1/creators/{creator.slug}/handover"),
    ):
        answer = await program.request(method, path, json={})
        assert answer.status_code in (400, 403), (path, answer.text)
        assert answer.status_code == 403, path


async def test_the_team_over_http(stage: Stage, as_: As) -> None:
    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator = await page_of(stage, ada)
    here = f"/api/v1/creators/{creator.slug}"
    hers, eves = as_(ada), as_(eve)
    assert (await eves.get(f"{here}/team")).status_code == 404
    asked = await hers.post(f"{here}/invitations", json={"email": eve.email, "role": "editor"})
    assert asked.status_code == 201, asked.text
    [waiting] = (await eves.get("/api/v1/me/team-invitations")).json()
    said = await eves.post(f"/api/v1/me/team-invitations/{waiting['invitation']['id']}/answer", json={"accept": True})
    assert said.status_code == 204
    assert [each["role"] for each in (await eves.get(f"{here}/team")).json()] == ["owner", "editor"]
    denied = await eves.post(f"{here}/invitations", json={"email": "x@example.com", "role": "editor"})
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "not_in_team")
    gone = await hers.delete(f"{here}/team/{ada.user_id}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (409, "owner_stays")
    assert (await eves.delete(f"{here}/team/{eve.user_id}")).status_code == 204


async def test_operators_suspend_and_others_do_not(stage: Stage, as_: As) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    creator = await page_of(stage, ada)
    path = f"/api/v1/admin/creators/{creator.id}/suspend"
    assert (await as_(ada).post(path, json={"reason": "none of it"})).status_code == 403
    assert (await as_(olu).post(path, json={"reason": "Sells tickets twice"})).json()["state"] == "suspended"
    assert (await as_().get(f"/c/{creator.slug}")).status_code == 404
    shown = (await as_(ada).get(f"/studio/{creator.slug}")).text
    assert "This page is suspended: Sells tickets twice" in shown
    listed = (await as_(olu).get("/api/v1/admin/creators", params={"status": "suspended"})).json()["items"]
    assert creator.slug in [each["slug"] for each in listed]


async def test_colours_are_kept_for_ever_and_nothing_else_is_a_colour(as_: As) -> None:
    stranger = as_()
    answer = await stranger.get("/accents/0b7a70.css")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    for sheet in ("0B7A70.css", "fff.css", "0b7a70", "0b7a70.js", "red.css", "0b7a70.css.css", "%23fff.css", "x" * 30):
        assert (await stranger.get(f"/accents/{sheet}")).status_code in (400, 404), sheet


async def test_words_of_a_page_are_escaped_wherever_they_stand(stage: Stage, as_: As) -> None:
    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator = await page_of(stage, ada)
    nasty = "<img src=x onerror=alert(1)>"
    change = PageChange(name=nasty, tagline=f'"{nasty}', about=f"{nasty} [x](javascript:alert(1))")
    await page.change(stage.backends, await stage.caller(ada), creator.id, change)
    await join_team(stage, ada, creator, eve, "editor")
    for client in (as_(), as_(ada)):
        for path in (f"/c/{creator.slug}", "/creators"):
            text = (await client.get(path)).text
            assert "<img src=x" not in text
            assert 'href="javascript' not in text
    for path in ("", "/page", "/team", "/posts"):
        assert "<img src=x" not in (await as_(ada).get(f"/studio/{creator.slug}{path}")).text

"""The same over HTTP: cookies, guards, bodies, answers."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pyotp
import pytest
from PIL import Image

from directfanz.processes.web.app import create_app
from tests.support.accounts import PASSWORD, Stage
from tests.support.authenticator import Authenticator

SITE = "http://localhost:8080"
OURS = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Firefox"}
NewClient = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def new_client(stage: Stage) -> AsyncIterator[NewClient]:
    """Browsers, each at an address of its own."""
    await stage.backends.cache.command("FLUSHDB", key="")
    app = create_app(stage.backends)
    made: list[httpx.AsyncClient] = []

    def new(**headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(stage.browser().address, 1))
        made.append(httpx.AsyncClient(transport=transport, base_url=f"{SITE}/api/v1", headers=OURS | headers))
        return made[-1]

    yield new
    for each in made:
        await each.aclose()
    app.close()


async def joined(stage: Stage, client: httpx.AsyncClient, name: str = "ada") -> dict[str, Any]:
    who = stage.someone(name)
    form = {"email": who.email, "password": PASSWORD, "display_name": "Ada", "handle": who.handle}
    answer = await client.post("/auth/sign-up", json=form)
    assert (answer.status_code, answer.json()) == (202, {"status": "check_your_mail"})
    await stage.work()
    answer = await client.post("/auth/verify-email", json={"token": stage.newest_token(who.email)})
    assert answer.status_code == 200, answer.text
    return form


async def test_signing_up_in_and_out(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    form = await joined(stage, browser)
    me = (await browser.get("/me")).json()
    assert (me["email"], me["handle"], me["status"], me["avatar"]) == (form["email"], form["handle"], "active", None)
    assert (await browser.post("/auth/sign-out")).status_code == 204
    assert (await browser.get("/me")).status_code == 401
    answer = await browser.post("/auth/sign-in", json={"email": form["email"], "password": PASSWORD})
    assert answer.json()["status"] == "signed_in"
    assert (await browser.get("/me")).status_code == 200


async def test_cookies_are_for_the_browser_alone(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    form = await joined(stage, browser)
    answer = await browser.post("/auth/sign-in", json={"email": form["email"], "password": PASSWORD})
    given = {cookie.partition("=")[0]: cookie for cookie in answer.headers.get_list("set-cookie")}
    for name in ("df_session", "df_device"):
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in given[name].split(";")}
    assert "2592000" in given["df_session"]


async def test_a_refused_sign_in_gives_no_cookie_and_tells_nothing(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    form = await joined(stage, browser)
    answers = []
    for email in (form["email"], "nobody@example.com"):
        answer = await new_client().post("/auth/sign-in", json={"email": email, "password": "a wrong password"})
        assert "set-cookie" not in answer.headers
        error = answer.json()["error"]
        answers.append((answer.status_code, error["code"], error["message"], error["details"]))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (401, "sign_in_refused")


async def test_the_second_step_over_http(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    form = await joined(stage, browser)
    setup = (await browser.post("/me/totp")).json()
    app = pyotp.TOTP(setup["secret"])
    answer = await browser.post("/me/totp/confirm", json={"code": app.at(stage.clock.now())})
    assert len(answer.json()["recovery_codes"]) == 10
    assert (await browser.get("/me/security")).json()["recovery_codes_left"] == 10
    await stage.later(minutes=1)
    other = new_client()
    halfway = (await other.post("/auth/sign-in", json={"email": form["email"], "password": PASSWORD})).json()
    assert (halfway["status"], halfway["user_id"]) == ("code_needed", None)
    assert (await other.get("/me")).status_code == 401
    code = app.at(stage.clock.now())
    assert (await other.post("/auth/code", json={"ticket": halfway["ticket"], "code": code})).status_code == 200
    assert (await other.get("/me")).status_code == 200


async def test_a_passkey_over_http(stage: Stage, new_client: NewClient) -> None:
    browser, device = new_client(), Authenticator()
    await joined(stage, browser)
    begun = (await browser.post("/me/passkeys/options")).json()
    made = {"ticket": begun["ticket"], "credential": device.create(begun["options"]), "name": "Laptop"}
    answer = await browser.post("/me/passkeys", json=made)
    assert (answer.status_code, answer.json()["name"]) == (201, "Laptop")
    other = new_client()
    begun = (await other.post("/auth/passkeys/options")).json()
    given = {"ticket": begun["ticket"], "credential": device.get(begun["options"])}
    assert (await other.post("/auth/passkeys/sign-in", json=given)).json()["status"] == "signed_in"
    assert len((await other.get("/me/sessions")).json()) == 2


async def test_one_browser_ends_the_session_of_another(stage: Stage, new_client: NewClient) -> None:
    first, second = new_client(), new_client()
    form = await joined(stage, first)
    await second.post("/auth/sign-in", json={"email": form["email"], "password": PASSWORD})
    listed = (await second.get("/me/sessions")).json()
    other = next(each["session"]["id"] for each in listed if not each["current"])
    assert (await second.delete(f"/me/sessions/{other}")).status_code == 204
    assert (await first.get("/me")).status_code == 401
    assert (await second.get("/me")).status_code == 200
    assert (await second.delete(f"/me/sessions/{other}")).status_code == 404


async def test_delicate_acts_ask_to_confirm(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    await joined(stage, browser)
    await stage.later(minutes=20)
    wanted = {"name": "Script", "scopes": ["profile:read"]}
    refused = await browser.post("/me/tokens", json=wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "confirm_first")
    assert (await browser.post("/auth/confirm", json={"password": PASSWORD})).status_code == 204
    assert (await browser.post("/me/tokens", json=wanted)).status_code == 201


async def test_a_token_may_what_its_scopes_say(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    await joined(stage, browser)
    made = (await browser.post("/me/tokens", json={"name": "Script", "scopes": ["profile:read"], "days": 7})).json()
    program = new_client(Authorization=f"Bearer {made['secret']}")
    assert (await program.get("/me")).status_code == 200
    assert (await program.patch("/me", json={"bio": "No"})).status_code == 403
    for path in ("/me/sessions", "/me/tokens", "/me/security"):
        assert (await program.get(path)).status_code == 403
    assert (await program.put("/me/password", json={"new_password": "x"})).status_code == 403
    await browser.delete(f"/me/tokens/{made['token']['id']}")
    assert (await program.get("/me")).status_code == 401


async def test_the_profile_and_its_version(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    await joined(stage, browser)
    version = (await browser.get("/me")).headers["etag"]
    changed = await browser.patch("/me", json={"bio": "I paint."}, headers={"If-Match": version})
    assert (changed.status_code, changed.json()["bio"]) == (200, "I paint.")
    late = await browser.patch("/me", json={"bio": "I sing."}, headers={"If-Match": version})
    assert late.status_code == 412
    wrong = await browser.patch("/me", json={"handle": "admin", "colour": "red"})
    assert wrong.status_code == 400
    assert [detail["field"] for detail in wrong.json()["error"]["details"]] == ["colour"]


async def test_a_picture_over_http(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    await joined(stage, browser)
    out = io.BytesIO()
    Image.new("RGB", (90, 90), "teal").save(out, "PNG")
    answer = await browser.put("/me/avatar", content=out.getvalue(), headers={"Content-Type": "image/png"})
    assert answer.json()["avatar"].startswith("/public/avatars/")
    assert (await browser.put("/me/avatar", content=b"no picture")).status_code == 415
    assert (await browser.put("/me/avatar", content=b"")).status_code == 415
    assert (await browser.delete("/me/avatar")).status_code == 204
    assert (await browser.get("/me")).json()["avatar"] is None


async def test_people_are_found_by_anybody(stage: Stage, new_client: NewClient) -> None:
    form = await joined(stage, new_client())
    stranger = new_client()
    page = (await stranger.get("/people", params={"limit": 1})).json()
    assert page["items"][0]["handle"] == form["handle"]
    assert "email" not in page["items"][0]
    found = await stranger.get(f"/people/{form['handle']}")
    assert found.json() == page["items"][0]
    assert (await stranger.get("/people/nobody_here")).status_code == 404


async def test_administration_is_for_administrators(stage: Stage, new_client: NewClient) -> None:
    ada, olu = new_client(), new_client()
    form = await joined(stage, ada)
    boss = await joined(stage, olu, "olu")
    me = (await ada.get("/me")).json()
    for method, path in (
        ("GET", "/admin/users"),
        ("GET", f"/admin/users/{me['id']}"),
        ("PUT", f"/admin/users/{me['id']}/role"),
    ):
        assert (await new_client().request(method, path)).status_code == 401
        assert (await ada.request(method, path, json={"role": "admin"} if method == "PUT" else None)).status_code == 403
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE users SET role = 'admin' WHERE email = $1", boss["email"])
    await olu.post("/auth/sign-in", json={"email": boss["email"], "password": PASSWORD})
    found = (await olu.get("/admin/users", params={"search": form["handle"]})).json()["items"]
    assert [each["email"] for each in found] == [form["email"]]
    answer = await olu.post(f"/admin/users/{me['id']}/suspend", json={"reason": "Sells tickets twice"})
    assert answer.json()["status"] == "suspended"
    assert (await ada.get("/me")).status_code == 401
    assert (await olu.post(f"/admin/users/{me['id']}/unsuspend")).json()["status"] == "active"
    assert (await olu.put(f"/admin/users/{me['id']}/role", json={"role": "emperor"})).status_code == 400
    assert (await olu.get("/admin/users", params={"status": "asleep"})).status_code == 400
    assert (await olu.get("/admin/users", params={"cursor": "made-up"})).status_code == 400


async def test_a_forgotten_password_over_http(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    form = await joined(stage, browser)
    other = new_client()
    for email in (form["email"], "nobody@example.com"):
        answer = await other.post("/auth/password/forgot", json={"email": email})
        assert (answer.status_code, answer.json()) == (202, {"status": "check_your_mail"})
    await stage.work()
    body = {"token": stage.newest_token(form["email"]), "password": "twelve owls read the news"}
    answer = await other.post("/auth/password/reset", json=body)
    assert answer.status_code == 204
    assert (await browser.get("/me")).status_code == 401
    answer = await other.post("/auth/password/reset", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "link_invalid")


HOSTILE: list[Any] = [
    None, [], "text", 7, {}, {"email": None}, {"email": 7, "password": []}, {"email": "a@b.example", "password": "x", "more": 1},
    {"email": "\0", "password": "\0"}, {"email": "x" * 100_000, "password": "y"}, {"email": {"a": {}}, "password": True},
]  # fmt: skip
OPEN = ["/auth/sign-in", "/auth/sign-up", "/auth/verify-email", "/auth/code", "/auth/password/reset", "/auth/email/undo",
        "/auth/password/forgot", "/auth/passkeys/sign-in", "/auth/verify-email/resend", "/auth/oidc/none/begin",
        "/auth/oidc/none/finish"]  # fmt: skip


@pytest.mark.parametrize("path", OPEN)
async def test_hostile_bodies_get_an_answer_that_names_the_mistake(
    stage: Stage, new_client: NewClient, path: str
) -> None:
    client = new_client()
    for body in HOSTILE:
        answer = await client.post(path, json=body)
        assert 400 <= answer.status_code < 500, (path, str(body)[:80], answer.text)
        assert answer.json()["error"]["requestId"]
    for raw in (b"", b"{", b"\xff\xfe", b"[" * 10_000, b'{"email": "\\ud800", "password": "\\ud800"}'):
        answer = await client.post(path, content=raw, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500, (path, raw[:40], answer.text)


async def test_a_page_of_another_site_changes_nothing(stage: Stage, new_client: NewClient) -> None:
    browser = new_client()
    form = await joined(stage, browser)
    for method, path in (("POST", "/auth/sign-out"), ("DELETE", "/me/sessions"), ("PATCH", "/me")):
        answer = await browser.request(method, path, json={}, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_site")
    evil = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = await new_client().post("/auth/sign-in", json={"email": form["email"], "password": PASSWORD}, headers=evil)
    assert answer.status_code == 403
    assert (await browser.get("/me")).status_code == 200

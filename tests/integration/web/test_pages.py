"""Forms and pages, as a browser without script meets them."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.web.workshop import Bench


async def test_a_form_that_is_right_leads_on_with_a_notice_shown_once(browser: httpx.AsyncClient, bench: Bench) -> None:
    answer = await browser.post("/form", data={"name": " Vase & <b> ", "count": "7"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/pricing")
    page = await browser.get("/pricing")
    assert "Vase &amp; &lt;b&gt; is made." in page.text
    assert "is made." not in (await browser.get("/pricing")).text


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"name": "", "count": "1"}, {"name": "This is too short. Use at least 1 characters."}),
        ({"count": "1"}, {"name": "This is required. Add `name`."}),
        (
            {"name": "x", "count": "many"},
            {"count": "This must be a whole number, not text. Send a whole number."},
        ),
        ({"name": "x\0"}, {"name": "This holds a NUL character. Leave it out."}),
        ({"name": "x" * 21, "count": "101"}, {"name": "", "count": ""}),
    ],
)
async def test_a_form_that_is_wrong_is_shown_again_with_what_was_typed(
    browser: httpx.AsyncClient, fields: dict[str, str], errors: dict[str, str]
) -> None:
    body = (await browser.post("/form", data=fields)).json()
    assert set(body["errors"]) == set(errors)
    for name, words in errors.items():
        assert words in body["errors"][name]
    assert body["raw"] == fields


async def test_a_field_that_the_form_does_not_have_is_left_alone(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/form", data={"name": "x", "button": "save"})
    assert answer.status_code == 303


async def test_a_form_may_come_in_parts(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/form", files={"name": (None, "vase"), "count": (None, "3")})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded", b"name=%ff", 400),
        ("application/x-www-form-urlencoded", b"name=\xff", 400),
        ("application/x-www-form-urlencoded", b"a=1&" * 201, 400),
        ("application/x-www-form-urlencoded", b"%", 201),
        ("application/x-www-form-urlencoded", b"", 201),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--x--\r\n',
            400,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="name"\r\nContent-Type: text/plain; charset=nonsense\r\n\r\na\r\n--x--\r\n',
            400,
        ),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", 201),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n' * 1100,
            400,
        ),
        ("multipart/form-data; boundary=" + "x" * 5000, b"a", 400),
        ("application/json", b"{}", 415),
        ("text/plain", b"name=x", 415),
        ("", b"name=x", 415),
    ],
)
async def test_a_form_that_is_none_is_refused(browser: httpx.AsyncClient, kind: str, body: bytes, status: int) -> None:
    answer = await browser.post("/form", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "path",
    ["/pricing", "/help", "/terms", "/privacy", "/accessibility", "/appearance", "/styleguide", "/developers"],
)
async def test_the_sites_own_pages_are_there(browser: httpx.AsyncClient, path: str) -> None:
    for who in ("", "ada", "olu"):
        browser.cookies.set("df_session", who)
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert answer.text.startswith("<!doctype html>")
        assert "style=" not in answer.text  # the policy would refuse it
        assert "<script>" not in answer.text


async def test_the_looks_are_kept_in_the_browser(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/appearance", data={"theme": "dark", "text": "large"})
    assert answer.status_code == 303
    page = await browser.get("/appearance")
    assert 'data-theme="dark"' in page.text
    assert 'data-text="large"' in page.text
    wrong = await browser.post("/appearance", data={"theme": "neon"})
    assert wrong.status_code == 400


async def test_times_are_told_in_the_readers_zone(browser: httpx.AsyncClient) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from directfanz.http.templates import Templates
    from directfanz.settings import Secret, Settings

    settings = Settings(
        site_url="http://localhost", secret_key=Secret("x"), database_url=Secret("x"), cache_nodes=("x:1",)
    )
    templates = Templates(settings)
    moment = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)

    def told(text: str, zone: str | None) -> str:
        return templates.environment.render_str(
            text, "x.html", x=moment, now=moment, zone=ZoneInfo(zone) if zone else None
        )

    assert (
        told("{{ x | datetime }}", None) == '<time datetime="2026-03-02T23:30:00.000Z">2 March 2026, 23:30 UTC</time>'
    )
    assert (
        told("{{ x | datetime }}", "Asia/Tokyo")
        == '<time datetime="2026-03-02T23:30:00.000Z">3 March 2026, 08:30</time>'
    )
    assert told("{{ x | date }}", "Asia/Tokyo") == '<time datetime="2026-03-02T23:30:00.000Z">3 March 2026</time>'
    assert told("{{ x | ago }}", "Asia/Tokyo") == '<time datetime="2026-03-02T23:30:00.000Z">just now</time>'
    assert told("{{ none | date }}{{ '<' }}", None) == "&lt;"

"""The mail catcher, from outside: mail in by SMTP, mail seen by HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from directfanz.backends.email.contract import Message
from directfanz.backends.email.letter import Letter, read_sender, write
from directfanz.backends.email.smtp import SmtpCarrier
from directfanz.errors import Rejected, Unavailable
from directfanz.kit.ids import new_id
from tests.support.mailcatcher import RunningCatcher, running_catcher

HOSTILE = """<p onclick="alert(1)">Hi</p><script>parent.location='/x'</script><form action="https://evil.example"><input></form>
<img src="https://evil.example/pixel.gif"><a href="https://directfanz.io/verify?token=abc&amp;x=1">Verify</a>"""


@pytest.fixture(scope="module")
async def catcher(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningCatcher]:
    async with running_catcher(tmp_path_factory.mktemp("mail")) as running:
        yield running


@pytest.fixture
async def post(catcher: RunningCatcher) -> AsyncIterator[SmtpCarrier]:
    carrier = catcher.carrier()
    yield carrier
    await carrier.close()


@pytest.fixture
def ada() -> str:
    return f"ada-{new_id().hex}@example.com"


def letter(to: str, subject: str = "Welcome", text: str = "Hello", html: str = "<p>Hello</p>") -> Letter:
    message = Message(to=to, subject=subject, text=text, html=html, key="k")
    return write(message, read_sender("DirectFanz <hello@directfanz.io>"), datetime(2026, 3, 2, 9, tzinfo=UTC))


async def test_a_test_reads_what_was_sent(catcher: RunningCatcher, post: SmtpCarrier, ada: str) -> None:
    await post.carry(
        letter(ada, "Grüße ☕", "Open https://directfanz.io/verify?token=a.b-c, please.\nBye", "<p>Hi ☕</p>")
    )

    (mail,) = await catcher.messages(to=ada)

    assert (mail["subject"], mail["recipients"], mail["sender"]) == ("Grüße ☕", [ada], "hello@directfanz.io")
    assert mail["text"] == "Open https://directfanz.io/verify?token=a.b-c, please.\nBye\n"
    assert mail["links"] == ["https://directfanz.io/verify?token=a.b-c"]
    assert mail["html"].strip() == "<p>Hi ☕</p>"
    assert mail["headers"]["X-Entity-Ref-ID"] == "k"


async def test_a_test_can_wait_for_mail_that_is_yet_to_come(
    catcher: RunningCatcher, post: SmtpCarrier, ada: str
) -> None:
    await post.carry(letter(ada, "first"))
    (first,) = await catcher.messages(to=ada)
    waiting = asyncio.create_task(catcher.messages(to=ada, after=first["id"], wait=20))
    await asyncio.sleep(0)

    await post.carry(letter("ben@example.com", "for somebody else"))
    await post.carry(letter(ada, "second"))

    assert [mail["subject"] for mail in await waiting] == ["second"]
    assert await catcher.messages(to=f"nobody-{ada}", wait=0.05) == []


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("bounce@example.com", Rejected),
        ("Bounce+17@example.com", Rejected),
        ("defer@example.com", Unavailable),
        ("defer+soon@example.com", Unavailable),
    ],
)
async def test_addresses_that_do_not_take_mail(
    catcher: RunningCatcher, post: SmtpCarrier, address: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await post.carry(letter(address))
    assert await catcher.messages(to=address) == []


async def test_a_page_shows_a_hostile_mail_and_lets_it_do_nothing(
    catcher: RunningCatcher, post: SmtpCarrier, ada: str
) -> None:
    await post.carry(letter(ada, "<script>alert(1)</script>", "</pre><script>alert(2)</script>", HOSTILE))
    (mail,) = await catcher.messages(to=ada)

    listing = await catcher.client.get("/inbox", params={"q": ada})
    page = await catcher.client.get(f"/inbox/{mail['id']}")
    inside = await catcher.client.get(f"/inbox/{mail['id']}/html")

    for answer in (listing, page):
        policy = answer.headers["Content-Security-Policy"]
        assert "<script>" not in answer.text
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "style=" not in answer.text
    sandbox = re.search(r'<iframe[^>]*sandbox="([^"]*)"', page.text)
    assert sandbox
    assert set(sandbox[1].split()) == {"allow-popups", "allow-popups-to-escape-sandbox"}
    policy = inside.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "img-src data:;" in policy
    assert "form-action 'none'" in policy
    assert inside.text.startswith('<base target="_blank">')


async def test_everything_removed_comes_back_once(tmp_path: Path) -> None:
    async with running_catcher(tmp_path) as catcher:
        post = catcher.carrier()
        for number in range(3):
            await post.carry(letter("ada@example.com", f"mail {number}"))
        removed = await catcher.client.post("/inbox/remove-all")
        assert removed.status_code == 303
        assert await catcher.messages() == []
        shown = await catcher.client.get(removed.headers["Location"])
        assert "3 mails removed." in shown.text
        assert "Undo" in shown.text

        await post.carry(letter("ada@example.com", "meanwhile"))
        await catcher.client.post("/inbox/restore")
        assert [mail["subject"] for mail in await catcher.messages()] == ["meanwhile", "mail 2", "mail 1", "mail 0"]
        await post.close()


async def test_another_site_cannot_empty_the_inbox(catcher: RunningCatcher, post: SmtpCarrier, ada: str) -> None:
    await post.carry(letter(ada))
    refused = await catcher.client.post("/inbox/remove-all", headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert len(await catcher.messages(to=ada)) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/inbox/../../etc/passwd", 404),
        ("/inbox/%2e%2e%2fkeys", 404),
        (f"/inbox/{'0' * 32}", 404),
        ("/inbox/UPPER", 400),
        ("/inbox/messages.json?wait=999", 400),
        ("/inbox/messages.json?limit=0", 400),
        (f"/inbox?q={'x' * 321}", 400),
        ("/nothing", 404),
    ],
)
async def test_what_nobody_should_ask_is_refused(catcher: RunningCatcher, path: str, status: int) -> None:
    assert (await catcher.client.get(path)).status_code == status


async def test_the_style_is_a_file_and_the_page_asks_for_itself_again(catcher: RunningCatcher) -> None:
    style = await catcher.client.get("/inbox/inbox.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert 'http-equiv="refresh"' in (await catcher.client.get("/inbox")).text
    searching = (await catcher.client.get("/inbox", params={"q": "ada"})).text
    assert 'http-equiv="refresh"' not in searching
    assert "No mail to" in searching or "<ol>" in searching


async def test_mail_taken_survives_a_killed_catcher(tmp_path: Path) -> None:
    async with running_catcher(tmp_path) as before:
        post = before.carrier()
        await asyncio.gather(*(post.carry(letter(f"a{n}@example.com", f"mail {n}")) for n in range(20)))
        await before.kill()
        await post.close()
    (tmp_path / "half.draft").write_bytes(b"a mail that was never taken")

    async with running_catcher(tmp_path) as after:
        assert {mail["subject"] for mail in await after.messages()} == {f"mail {n}" for n in range(20)}
    assert not (tmp_path / "half.draft").exists()


async def test_told_to_stop_it_ends_well(tmp_path: Path) -> None:
    async with running_catcher(tmp_path) as catcher:
        catcher.process.terminate()
        assert await asyncio.wait_for(catcher.process.wait(), 10) == 0

"""A mail program unsubscribes for Ben: it posts to the address in the mail's header, with no cookie and no browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from directfanz.domains.notifications import service as notifications
from directfanz.domains.notifications.service import preferences
from directfanz.processes.web.app import create_app
from tests.support.accounts import Someone, Stage

BODY = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
async def mail_program(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(stage.backends)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield client
    app.close()


async def address_in_header(stage: Stage, ben: Someone) -> str:
    async with stage.backends.database.writing() as tx:
        await notifications.notify(stage.backends, tx, ben.user_id, "platform.news", title="News", text="Now.")
    await stage.work()
    letter = stage.mailbox.to(ben.email)[-1]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(letter["List-Unsubscribe"]).strip("<>")


async def wants_news_by_mail(stage: Stage, ben: Someone) -> bool:
    chosen = await preferences.preferences(stage.backends, await stage.caller(ben))
    return next(each.wanted for each in chosen if (each.kind, each.channel) == ("platform.news", "email"))


async def test_one_click(stage: Stage, mail_program: httpx.AsyncClient) -> None:
    ben = await stage.joined("ben")
    address = await address_in_header(stage, ben)
    assert await wants_news_by_mail(stage, ben)
    assert (await mail_program.post(address, data=BODY)).status_code == 204
    assert not await wants_news_by_mail(stage, ben)


async def test_looking_changes_nothing_and_leads_to_the_page(stage: Stage, mail_program: httpx.AsyncClient) -> None:
    ben = await stage.joined("ben")
    address = await address_in_header(stage, ben)
    answer = await mail_program.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, address.partition("/api/v1")[2])
    assert await wants_news_by_mail(stage, ben)


async def test_a_token_that_is_none(stage: Stage, mail_program: httpx.AsyncClient) -> None:
    ben = await stage.joined("ben")
    address = await address_in_header(stage, ben)
    for wrong in (address[:-1], address.partition("?")[0], f"{address}x"):
        assert (await mail_program.post(wrong, data=BODY)).status_code == 400
    assert await wants_news_by_mail(stage, ben)

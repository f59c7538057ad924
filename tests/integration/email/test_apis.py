"""SES and SendGrid when they say no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from directfanz.backends.email.contract import Message
from directfanz.backends.email.letter import Letter, read_sender, write
from directfanz.backends.email.sendgrid import SendGridCarrier
from directfanz.backends.email.ses import SesCarrier, _translated
from directfanz.errors import Rejected, Unavailable
from tests.support.aws import REGION, aws
from tests.support.sendgrid import KEY, SendGrid, sendgrid

MESSAGE = Message(to="ada@example.com", subject="Welcome", text="Hello", html="<p>Hello</p>", key="k")


def letter(sender: str = "DirectFanz <hello@directfanz.io>") -> Letter:
    return write(MESSAGE, read_sender(sender), datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def simulated() -> Iterator[SendGrid]:
    with sendgrid() as server:
        yield server


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Rejected), (413, Rejected), (401, Unavailable), (403, Unavailable), (429, Unavailable), (500, Unavailable)],
)
async def test_what_sendgrid_says_is_for_now_or_for_good(
    simulated: SendGrid, status: int, error: type[Exception]
) -> None:
    post = SendGridCarrier(KEY, simulated.endpoint)
    simulated.answer_with = status
    with pytest.raises(error):
        await post.carry(letter())
    simulated.answer_with = None
    assert await post.carry(letter()) == "sg-1"
    await post.close()


async def test_sendgrid_says_when_to_come_back(simulated: SendGrid) -> None:
    post = SendGridCarrier(KEY, simulated.endpoint)
    simulated.answer_with = 429
    with pytest.raises(Unavailable) as refused:
        await post.carry(letter())
    assert refused.value.retry_after_seconds == 7
    await post.close()


async def test_sendgrid_may_not_follow_what_people_click(simulated: SendGrid) -> None:
    post = SendGridCarrier(KEY, simulated.endpoint)
    await post.carry(letter())
    await post.close()
    (mail,) = simulated.taken
    assert mail["tracking_settings"] == {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}}


async def test_ses_sends_for_nobody_it_has_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    simulated = aws()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", simulated.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", simulated.secret_key)
    post = SesCarrier(REGION, simulated.endpoint)
    with pytest.raises(Rejected, match="MessageRejected"):
        await post.carry(letter("Stranger <hello@never-verified.example>"))
    await post.close()


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("MessageRejected", 400, Rejected),
        ("MailFromDomainNotVerifiedException", 400, Rejected),
        ("BadRequestException", 400, Rejected),
        ("TooManyRequestsException", 429, Unavailable),
        ("SendingPausedException", 400, Unavailable),
        ("AccessDeniedException", 403, Unavailable),
        ("ServiceUnavailable", 503, Unavailable),
    ],
)
def test_what_ses_says_is_for_now_or_for_good(code: str, status: int, error: type[Exception]) -> None:
    said = ClientError(
        {"Error": {"Code": code, "Message": "ada@example.com"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "SendEmail",
    )
    translated = _translated(said)
    assert isinstance(translated, error)
    assert "@" not in str(translated)

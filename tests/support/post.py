"""Three ways of sending mail and, at the end of each, what arrived."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import boto3
import httpx

from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.email import open_mailer
from directfanz.backends.email.contract import Mailer
from directfanz.backends.telemetry import open_telemetry
from directfanz.kit.ids import new_id
from directfanz.local.mailcatcher.catching import Catcher, listen
from directfanz.local.mailcatcher.mailbox import Mailbox
from directfanz.platform_toml import Platform
from tests.support.aws import REGION, Aws
from tests.support.plain_settings import plain_settings
from tests.support.sendgrid import KEY, SendGrid

NOBODY_LISTENS = "127.0.0.1:9"


@dataclass(frozen=True)
class Arrived:
    sender: str
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Post:
    """`away` sends where nobody answers, `locked_out` with credentials that are refused."""

    name: str
    mailer: Mailer
    away: Mailer
    locked_out: Mailer
    refused_address: str
    arrived: Callable[[str], list[Arrived]]


def _mailer(platform: Platform, clock: ManualClock, **values: str) -> Mailer:
    settings = plain_settings(**values)
    return open_mailer(settings, clock, open_telemetry(settings, platform, "test"))


def seen(raw: bytes) -> Arrived:
    mail = message_from_bytes(raw, policy=default)
    return Arrived(
        sender=str(mail["From"]),
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        headers={name: str(value) for name, value in mail.items()},
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part, f"no {kind} part"
    return str(part.get_content()).replace("\r\n", "\n").removesuffix("\n")


@asynccontextmanager
async def smtp_post(platform: Platform, clock: ManualClock, folder: Path) -> AsyncIterator[Post]:
    mailbox = Mailbox(folder)
    mailbox.open()
    server = await listen(Catcher(mailbox, clock), "127.0.0.1", 0)
    here = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    post = Post(
        name="smtp",
        mailer=_mailer(platform, clock, smtp_url=f"smtp://{here}"),
        away=_mailer(platform, clock, smtp_url=f"smtp://{NOBODY_LISTENS}"),
        locked_out=_mailer(platform, clock, smtp_url=f"smtp://us:wrong@{here}"),
        refused_address="bounce@example.com",
        arrived=lambda to: [seen(mailbox.read(envelope.id)) for envelope in mailbox.newest(to)],
    )
    async with _closing(post):
        yield post
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def ses_post(platform: Platform, clock: ManualClock, aws: Aws) -> AsyncIterator[Post]:
    """A sender that SES never verified is refused for good; AWS's simulator knows no refused receiver but an ill-formed one."""
    ours = f"hello@{new_id().hex}.example"
    await asyncio.to_thread(_verify, aws, ours)
    common = {"email_backend": "ses", "aws_region": REGION, "email_from": f"DirectFanz <{ours}>"}
    post = Post(
        name="ses",
        mailer=_mailer(platform, clock, aws_endpoint=aws.endpoint, **common),
        away=_mailer(platform, clock, aws_endpoint=f"http://{NOBODY_LISTENS}", **common),
        locked_out=_mailer(platform, clock, aws_endpoint=f"http://{NOBODY_LISTENS}", **common),
        refused_address="two@signs@example.com",
        arrived=lambda to: _taken_by_ses(aws, ours, to),
    )
    async with _closing(post):
        yield post


def _verify(aws: Aws, address: str) -> None:
    client: Any = boto3.session.Session().client(
        "sesv2",
        region_name=REGION,
        endpoint_url=aws.endpoint,
        aws_access_key_id=aws.access_key,
        aws_secret_access_key=aws.secret_key,
    )
    client.create_email_identity(EmailIdentity=address)
    client.close()


def _taken_by_ses(aws: Aws, sender: str, to: str) -> list[Arrived]:
    data = httpx.get(f"{aws.endpoint}/moto-api/data.json").json()
    mine = [m for m in data["ses"]["RawMessage"] if parseaddr(m["source"])[1] == sender]
    return [seen(m["raw_data"].encode()) for m in mine if any(to in address for address in m["destinations"])]


@asynccontextmanager
async def sendgrid_post(platform: Platform, clock: ManualClock, simulated: SendGrid) -> AsyncIterator[Post]:
    simulated.refused_addresses.add("bounce@example.com")
    post = Post(
        name="sendgrid",
        mailer=_mailer(
            platform, clock, email_backend="sendgrid", sendgrid_key=KEY, sendgrid_endpoint=simulated.endpoint
        ),
        away=_mailer(
            platform, clock, email_backend="sendgrid", sendgrid_key=KEY, sendgrid_endpoint=f"http://{NOBODY_LISTENS}"
        ),
        locked_out=_mailer(
            platform, clock, email_backend="sendgrid", sendgrid_key="wrong", sendgrid_endpoint=simulated.endpoint
        ),
        refused_address="bounce@example.com",
        arrived=lambda to: [_of_sendgrid(mail) for mail in simulated.taken if to in _receiver(mail)],
    )
    async with _closing(post):
        yield post


def _receiver(mail: dict[str, Any]) -> str:
    return str(mail["personalizations"][0]["to"][0]["email"])


def _of_sendgrid(mail: dict[str, Any]) -> Arrived:
    """As SendGrid would write it."""
    sender, text, html = mail["from"], mail["content"][0]["value"], mail["content"][1]["value"]
    return Arrived(
        sender=f"{sender['name']} <{sender['email']}>",
        to=_receiver(mail),
        subject=mail["subject"],
        text=text,
        html=html,
        headers=mail["headers"],
    )


@asynccontextmanager
async def _closing(post: Post) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for mailer in (post.mailer, post.away, post.locked_out):
            await mailer.close()

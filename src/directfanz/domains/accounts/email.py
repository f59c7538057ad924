"""The mails of this domain. One source per letter makes both forms, so text and HTML never say different things.

A letter's head names the subject and, if it has a link, the button's words; the paragraphs follow after an empty line.
Nothing that a stranger typed is ever put into a letter: somebody else's mailbox is no place for their words.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from directfanz.backends.email.contract import Message
from directfanz.http.templates import MAILS
from directfanz.settings import Settings

FOLDER = Path(__file__).with_name("templates") / "email"


class Source(NamedTuple):
    subject: str
    button: str
    body: str


def written(
    settings: Settings, letter: str, to: str, key: str, link: str = "", folder: Path = FOLDER, **facts: Any
) -> Message:
    """`link` is a path of this site; `folder` holds the letters of another domain."""
    source, context = _source(letter, folder), {"site": settings.site_name, "site_url": settings.site_url, **facts}
    subject = MAILS.render_str(source.subject, **context)
    body = MAILS.render_str(source.body, **context)
    paragraphs = [" ".join(part.split()) for part in body.strip().split("\n\n")]
    shown = {**context, "subject": subject, "paragraphs": paragraphs, "button": source.button if link else ""}
    shown["link"] = settings.site_url + link
    return Message(
        to=to,
        subject=subject,
        text=MAILS.render_template("accounts/email/layout.txt", **shown),
        html=MAILS.render_template("accounts/email/layout.html", **shown),
        key=key,
    )


def moment(when: datetime, timezone: str) -> str:
    """`2 March 2026, 10:00 (Europe/Berlin)`"""
    local = when.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%B %Y, %H:%M} ({timezone})"


@cache
def _source(letter: str, folder: Path) -> Source:
    head, _, body = (folder / f"{letter}.letter").read_text().partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Source(fields["Subject"], fields.get("Button", ""), body)

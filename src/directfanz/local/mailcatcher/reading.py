"""A mail as a person or a test reads it."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import msgspec

from directfanz.local.mailcatcher.mailbox import Envelope

# Links and forms of a mail open beside it, never in its place.
_OPEN_BESIDE = '<base target="_blank">'
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


class Attachment(msgspec.Struct, frozen=True):
    name: str
    content_type: str
    size: int


class Mail(msgspec.Struct, frozen=True, rename="camel"):
    """`links` are those of the text, in order, each once."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    headers: dict[str, str]
    text: str
    html: str
    links: list[str]
    attachments: list[Attachment]


def read(envelope: Envelope, raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=default)
    text, html = _body(message, "plain"), _body(message, "html")
    return Mail(
        id=envelope.id,
        received_at=envelope.received_at,
        sender=envelope.sender,
        recipients=envelope.recipients,
        subject=envelope.subject,
        headers={name: str(value) for name, value in message.items()},
        text=text,
        html=html,
        links=list(dict.fromkeys(_LINK.findall(text))),
        attachments=[_attachment(part) for part in message.iter_attachments()],
    )


def html_document(mail: Mail) -> str:
    return _OPEN_BESIDE + mail.html


def words_and_links(text: str) -> list[tuple[str, bool]]:
    """The text in pieces: (piece, whether it is a link)."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in _LINK.finditer(text):
        pieces += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return [*pieces, (text[end:], False)]


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):  # a charset that nobody knows
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    return Attachment(part.get_filename() or "unnamed", part.get_content_type(), size)

"""A message made ready to leave: addresses checked, headers that no text can add lines to, both ways of reading it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

import idna

from directfanz.backends.email.contract import Message
from directfanz.errors import ConfigurationError, Rejected

MAX_SUBJECT = 250
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Whether somebody has the address is the receiver's server to say; this is what may stand in an envelope at all.
_LOCAL = re.compile(r"(?=.{1,64}$)[^\s@<>()\[\]\\,;:\".]+(\.[^\s@<>()\[\]\\,;:\".]+)*")
_DOMAIN = re.compile(r"(?i)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_URL = re.compile(r"https?://[!-;=?-~]+")  # visible ASCII but < and >
_KEY = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Letter:
    sender: Address
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: dict[str, str]
    date: datetime

    def mime(self) -> EmailMessage:
        mail = EmailMessage(policy=SMTP if self.to.isascii() else SMTPUTF8)
        local, _, domain = self.to.rpartition("@")
        mail["From"] = self.sender
        mail["To"] = Address(username=local, domain=domain)
        mail["Subject"] = self.subject
        mail["Date"] = format_datetime(self.date)
        mail["Message-ID"] = f"<{self.message_id}>"
        for name, value in self.headers.items():
            mail[name] = value
        mail.set_content(self.text)
        mail.add_alternative(self.html, subtype="html")
        return mail


def write(message: Message, sender: Address, now: datetime) -> Letter:
    to = deliverable(message.to)
    return Letter(
        sender=sender,
        to=to,
        subject=_one_line(message.subject)[:MAX_SUBJECT],
        text=message.text,
        html=message.html,
        message_id=_message_id(message.key, to, sender.domain),
        headers=_headers(message),
        date=now,
    )


def deliverable(address: str) -> str:
    """With its domain as the mail system spells it: `ada@bücher.example` goes to `ada@xn--bcher-kva.example`."""
    local, _, domain = address.rpartition("@")
    try:
        spelled = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        spelled = ""
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(spelled) and len(spelled) <= 253 and address.isprintable()):
        raise Rejected("The mail address of the receiver is not one.")
    return f"{local}@{spelled}"


def read_sender(text: str) -> Address:
    """`DirectFanz <hello@directfanz.io>`"""
    name, _, rest = text.rpartition("<")
    try:
        return Address(_one_line(name).strip(' "'), addr_spec=deliverable(rest.strip(" >")))
    except Rejected:
        raise ConfigurationError("DIRECTFANZ_EMAIL_FROM must look like: DirectFanz <hello@example.com>.") from None


def _headers(message: Message) -> dict[str, str]:
    if not _KEY.fullmatch(message.key):
        raise Rejected("The key of a message is 1 to 200 visible ASCII characters.")
    headers = {"X-Entity-Ref-ID": message.key, "Auto-Submitted": "auto-generated"}
    if message.unsubscribe_url is not None:
        if not _URL.fullmatch(message.unsubscribe_url):
            raise Rejected("The address to unsubscribe at is not a web address.")
        headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _message_id(key: str, to: str, domain: str) -> str:
    """The same for a message sent twice: the receiver's mail program then shows one."""
    digest = hashlib.sha256(b"\0".join((key.encode(), to.encode())))
    return f"{digest.hexdigest()[:40]}@{domain}"


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())

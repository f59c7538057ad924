"""A notification as a mail: one set of words, as text and as HTML."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import minijinja

from directfanz.backends import Backends
from directfanz.backends.email.contract import Message
from directfanz.domains.accounts.service.contacts import Contact
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.models import Notification
from directfanz.domains.notifications.service.preferences import unsubscribe_token

FOLDER = Path(__file__).with_name("templates") / "email"


def written(backends: Backends, told: Notification, to: Contact) -> Message:
    site = backends.settings.site_url
    fixed = "email" in KINDS[told.kind].always
    query = urlencode({"token": unsubscribe_token(backends, told.user_id, told.kind)})
    unsubscribe = "" if fixed else f"/notifications/unsubscribe?{query}"
    words = {
        "site": backends.settings.site_name, "site_url": site, "title": told.title, "text": told.text,
        "link": site + told.link if told.link else "", "unsubscribe": site + unsubscribe if unsubscribe else None, "name": to.display_name,
    }  # fmt: skip
    return Message(
        to=to.email,
        subject=told.title,
        text=_environment().render_template("notification.txt", **words),
        html=_environment().render_template("notification.html", **words),
        key=f"notification-{told.id}",
        # The page needs a click of a person; mail programs post to the API by themselves.
        unsubscribe_url=f"{site}/api/v1{unsubscribe}" if unsubscribe else None,
    )


@cache
def _environment() -> minijinja.Environment:
    return minijinja.Environment(
        loader=lambda name: (FOLDER / name).read_text(), auto_escape_callback=lambda name: name.endswith(".html")
    )

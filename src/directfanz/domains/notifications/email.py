"""A notification, or a digest of many, as a mail: one set of words, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.email.contract import Message
from directfanz.domains.accounts.service.contacts import Contact
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.models import Notification
from directfanz.domains.notifications.service.preferences import DIGEST, unsubscribe_token
from directfanz.http.templates import MAILS

MOST_IN_DIGEST = 30


def written(backends: Backends, told: Notification, to: Contact) -> Message:
    site = backends.settings.site_url
    fixed = "email" in KINDS[told.kind].always
    query = urlencode({"token": unsubscribe_token(backends, told.user_id, told.kind)})
    unsubscribe = "" if fixed else f"/notifications/unsubscribe?{query}"
    words = {
        "site": backends.settings.site_name, "site_url": site, "subject": told.title, "text": told.text,
        "link": site + told.link if told.link else "", "unsubscribe": site + unsubscribe if unsubscribe else None, "name": to.display_name,
    }  # fmt: skip
    return Message(
        to=to.email,
        subject=told.title,
        text=MAILS.render_template("notifications/email/notification.txt", **words),
        html=MAILS.render_template("notifications/email/notification.html", **words),
        key=f"notification-{told.id}",
        # The page needs a click of a person; mail programs post to the API by themselves.
        unsubscribe_url=f"{site}/api/v1{unsubscribe}" if unsubscribe else None,
    )


def digest(backends: Backends, user_id: UUID, told: Sequence[Notification], to: Contact) -> Message:
    """The newest first."""
    site = backends.settings.site_url
    unsubscribe = f"/notifications/unsubscribe?{urlencode({'token': unsubscribe_token(backends, user_id, DIGEST)})}"
    title = told[0].title if len(told) == 1 else f"{told[0].title}, and {len(told) - 1} more"
    words = {
        "site": backends.settings.site_name, "site_url": site, "subject": title, "unsubscribe": site + unsubscribe,
        "items": [{"title": each.title, "text": each.text, "link": site + each.link if each.link else ""}
                  for each in told[:MOST_IN_DIGEST]],
        "more": max(0, len(told) - MOST_IN_DIGEST),
    }  # fmt: skip
    return Message(
        to=to.email,
        subject=title,
        text=MAILS.render_template("notifications/email/digest.txt", **words),
        html=MAILS.render_template("notifications/email/digest.html", **words),
        key=f"digest-{told[0].id}",
        unsubscribe_url=f"{site}/api/v1{unsubscribe}",
    )

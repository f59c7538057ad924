from __future__ import annotations

from directfanz.errors import InvalidInput, NotFound


class NoSuchNotification(NotFound):
    code = "no_such_notification"


class UnknownKind(InvalidInput):
    code = "unknown_kind"


class LinkBroken(InvalidInput):
    code = "link_broken"


class NoSuchBrowser(NotFound):
    code = "no_such_browser"

from __future__ import annotations

from directfanz.errors import NotFound


class NoSuchFeed(NotFound):
    code = "no_such_feed"


class NothingToEmbed(NotFound):
    code = "nothing_to_embed"

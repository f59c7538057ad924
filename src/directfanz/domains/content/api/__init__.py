"""Posts, series and playlists over HTTP."""

from __future__ import annotations

from directfanz.domains.content.api import lists, posts

TAGS = {
    "Posts": "What creators publish, as far as the caller may read it.",
    "Series and playlists": "Posts in an order: put together by a page, or by a person.",
}
routes = [*posts.routes, *lists.routes]

"""What addresses of this domain ask for, and how places become cursors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar.di import Provide
from litestar.params import PathParameter, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.models import Filters, Length, Match, Media
from directfanz.domains.discovery.service.search import LONGEST_QUERY
from directfanz.http.dependencies import Given
from directfanz.http.paging import cursor_key
from directfanz.kit.paging import encode_cursor

Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]
Tag = Annotated[str, PathParameter(max_length=200, description="With or without #, in any spelling.")]
Since = Literal["day", "week", "month", "year"]
_DAYS: Mapping[str, int] = {"day": 1, "week": 7, "month": 31, "year": 366}


class SearchAsk(msgspec.Struct, frozen=True, kw_only=True):
    """As it stands in the address: a search can be kept, sent and gone back to."""

    q: str = ""
    kind: Literal["post", "release"] | None = None
    access: Literal["free", "mine"] | None = None
    since: Since | None = None
    media: Media | None = None
    length: Length | None = None
    tag: str | None = None
    within: str | None = None

    async def filters(self, backends: Backends) -> Filters:
        now = backends.clock.now()
        creator = await lookup.public_by_slug(backends.database, self.within) if self.within else None
        return Filters(
            kind=self.kind, access=self.access, media=self.media, length=self.length, tag=self.tag,
            since=now - timedelta(days=_DAYS[self.since]) if self.since else None,
            creator_id=creator.id if creator else None,
        )  # fmt: skip

    def query(self, **changes: str | None) -> str:
        """The same search with something changed, for a link."""
        said = {**msgspec.structs.asdict(self), **changes}
        return urlencode({name: value for name, value in said.items() if value})


async def provide_search(
    q: Annotated[
        str, QueryParameter(max_length=LONGEST_QUERY, description='Words, "words in a row", -without, this or that.')
    ] = "",
    kind: Annotated[Literal["post", "release"] | None, QueryParameter()] = None,
    access: Annotated[
        Literal["free", "mine"] | None, QueryParameter(description="`free`: open to all; `mine`: what you may read.")
    ] = None,
    since: Annotated[Since | None, QueryParameter(description="Not older than that.")] = None,
    media: Annotated[Media | None, QueryParameter()] = None,
    length: Annotated[
        Length | None, QueryParameter(description="Playing time: under 5 minutes, under 20, or more.")
    ] = None,
    tag: Annotated[str | None, QueryParameter(max_length=200)] = None,
    within: Annotated[str | None, QueryParameter(max_length=64, description="Only this page, by its address.")] = None,
) -> SearchAsk:
    return SearchAsk(
        q=q, kind=kind, access=access, since=since, media=media, length=length, tag=tag or None, within=within or None
    )


SEARCH = {"asked": Provide(provide_search)}
GivenSearch = Given[SearchAsk]


def match_at(position: tuple[int, datetime, Any] | None) -> Match | None:
    return Match(tier=position[0], shown_at=position[1], post_id=position[2]) if position else None


def cursor(backends: Backends, listing: str, position: Sequence[object] | None) -> str | None:
    return encode_cursor(cursor_key(backends), listing, position) if position is not None else None

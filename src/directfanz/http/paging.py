"""Lists in pages.

    @get("/people", dependencies=PAGE)
    async def people(
        request: Request, backends: Given[Backends], page: Given[PageAsk]
    ) -> Response[Paged[Person]]:
        before = page.position(backends, "people", tuple[datetime, UUID])
        rows = await newest_people(..., before, page.limit + 1)
        return paged(request, backends, "people", rows, page.limit, lambda row: (row.created_at, row.id))

`next` in the body and the Link header name the next page; on the last one there is neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from litestar.di import Provide
from litestar.params import QueryParameter

from directfanz.backends import Backends
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.validation import convert
from directfanz.kit.paging import DEFAULT_PAGE, MAX_PAGE, decode_cursor, page_of

T = TypeVar("T")
MAX_CURSOR = 400
# As our own `next` and Link write it; whatever else comes is read with care, and refused with an explanation.
_USUAL = re.compile(rb"(?:limit=([1-9]\d?|100))?(?:(?:^|&)cursor=([\w-]{1,%d}))?" % MAX_CURSOR, re.ASCII).fullmatch


class Paged(msgspec.Struct, Generic[T], frozen=True):
    items: list[T]
    next: str | None = None


class PageAsk(msgspec.Struct, frozen=True):
    limit: int = DEFAULT_PAGE
    cursor: str | None = None

    def position(self, backends: Backends, listing: str, types: Any) -> Any:
        """Where the page before ended; None for the first page."""
        return None if self.cursor is None else position_at(cursor_key(backends), listing, self.cursor, types)


class _Query(msgspec.Struct, frozen=True):
    """The same rules as `provide_page` declares."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: Annotated[str, msgspec.Meta(max_length=MAX_CURSOR)] | None = None


def page_in(query: bytes) -> PageAsk:
    """For a route that is asked without the router."""
    if (usual := _USUAL(query)) is not None:
        return PageAsk(int(usual[1] or DEFAULT_PAGE), usual[2].decode() if usual[2] else None)
    asked = convert(dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)), _Query)
    return PageAsk(asked.limit, asked.cursor)


async def provide_page(
    caller: Given[Caller],
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE, description="Rows on a page.")] = DEFAULT_PAGE,
    cursor: Annotated[
        str | None, QueryParameter(max_length=MAX_CURSOR, description="`next` of the page before; none for the first.")
    ] = None,
) -> PageAsk:
    return PageAsk(limit, cursor)


PAGE = {"page": Provide(provide_page)}


def position_at(key: bytes, listing: str, cursor: str, types: Any) -> Any:
    try:
        return decode_cursor(key, listing, cursor, types)
    except (ValueError, msgspec.MsgspecError):
        raise InvalidInput.in_field(
            "cursor", "This is not a cursor of this list.", "Use the `next` of a page as it came, or none."
        ) from None


def cursor_key(backends: Backends) -> bytes:
    return backends.tokens.derive("cursor")


def paged(
    request: Request[Any, Any, Any],
    backends: Backends,
    listing: str,
    rows: Sequence[T],
    limit: int,
    position: Callable[[T], Sequence[object]],
) -> Response[Paged[T]]:
    """`rows` holds one more than `limit` when there is more."""
    page = page_of(rows, limit, cursor_key(backends), listing, position)
    headers = {"Link": next_link(request.scope["path"], limit, page.next)} if page.next else {}
    return Response(Paged(page.items, page.next), headers=headers)


def next_link(path: str, limit: int, cursor: str) -> str:
    return f'<{path}?limit={limit}&cursor={cursor}>; rel="next"'

"""Search: results with their filters in the address, and what appears below the field while somebody types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter
from minijinja import safe

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.api import MANY, SEARCHED
from directfanz.domains.discovery.api.asking import SEARCH, GivenSearch, cursor, match_at
from directfanz.domains.discovery.models import Result
from directfanz.domains.discovery.service import search, tags
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.pages import render
from directfanz.http.paging import PAGE, PageAsk

Page = Request[Any, Any, Any]
Html = Response[Any]
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\ue000": "<mark>", "\ue001": "</mark>"}
)
CHOICES = {
    "access": ("Who may read", [["", "All"], ["mine", "What I may read"], ["free", "Open to all"]]),
    "since": ("When", [["", "Any time"], ["day", "Today"], ["week", "This week"], ["month", "This month"], ["year", "This year"]]),
    "kind": ("Kind", [["", "All"], ["post", "Posts"], ["release", "Releases"]]),
    "media": ("With", [["", "Anything"], ["video", "Films"], ["audio", "Sound"], ["image", "Pictures"], ["document", "Papers"]]),
    "length": ("Length", [["", "Any"], ["short", "Under 5 minutes"], ["medium", "5 to 20 minutes"], ["long", "Longer"]]),
}  # fmt: skip


@get("/search", dependencies={**PAGE, **SEARCH}, opt=MANY)
async def search_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], asked: GivenSearch
) -> Html:
    position = match_at(page.position(backends, SEARCHED, tuple[int, datetime, UUID]))
    found = await search.search(backends, caller, asked.q, await asked.filters(backends), position, page.limit)
    following = cursor(backends, SEARCHED, msgspec.structs.astuple(found.next) if found.next else None)
    within = await lookup.public_by_slug(backends.database, asked.within) if asked.within else None
    return render(
        request, "discovery/search.html", asked=asked, found=found, within=within, results=_shown(found.results),
        filters=_filters(asked), popular=[] if asked.q else await tags.popular(backends),
        next_href=f"/search?{asked.query()}&cursor={following}" if following else None,
    )  # fmt: skip


@get("/search/suggestions", opt=MANY)
async def suggestions_part(
    request: Page, backends: Given[Backends], caller: Given[Caller],
    q: Annotated[str, QueryParameter(max_length=search.LONGEST_QUERY)] = "",
) -> Html:  # fmt: skip
    """A part of a page, for below the field."""
    found = await search.suggest(backends, caller, q) if len(q.strip()) > 1 else None
    results = _shown(found.results) if found else []
    return render(request, "discovery/suggestions.html", q=q.strip(), found=found, results=results)


def _shown(results: list[Result]) -> list[dict[str, Any]]:
    return [{"card": each.card, "title": _marked(each.title), "text": _marked(each.text)} for each in results]


def _marked(text: str) -> Any:
    """Escaped, with marks. The two signs stand in no text: what people write is rid of them, and here they mean nothing else."""
    return safe(text.translate(_ESCAPES))


def _filters(asked: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": name, "label": label, "chosen": getattr(asked, name) or "",
            "options": [[value, words, f"/search?{asked.query(**{name: value})}"] for value, words in options],
        }
        for name, (label, options) in CHOICES.items()
    ]  # fmt: skip


routes = [search_page, suggestions_part]

"""What the team of a page does with what is said on it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.community.api.views import READ, TAG, WRITE, CommentView, Slug, comment_view
from directfanz.domains.community.models import LONGEST_WORD, MOST_WORDS, Rules
from directfanz.domains.community.service import moderating
from directfanz.domains.creators.service import studio
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

LISTING = "comment-queue"


class RulesAsk(Input, frozen=True, kw_only=True):
    """Words and phrases that make a comment wait, however they are dressed up; and whether links do."""

    words: Annotated[list[Annotated[str, Meta(max_length=LONGEST_WORD * 2)]], Meta(max_length=MOST_WORDS)] = (
        msgspec.field(default_factory=list)
    )
    hold_links: bool = False


class QueuedView(msgspec.Struct, frozen=True, kw_only=True):
    comment: CommentView
    post_title: str


@get(
    "/creators/{slug:str}/comments",
    guards=[READ],
    dependencies=PAGE,
    tags=TAG,
    summary="What is said on a page, for its team",
)
async def list_page_comments(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug,
    show: FromQuery[Literal["visible", "held", "removed"]] = "held",
) -> Response[Paged[QueuedView]]:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "moderate")
    before = page.position(backends, LISTING, tuple[UUID])
    found = await moderating.queue(
        backends, caller, entered.creator.id, show, before[0] if before else None, page.limit + 1
    )
    rows = [QueuedView(comment=comment_view(each.said, team=True), post_title=each.title) for each in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.comment.id,))


@post("/comments/{comment_id:uuid}/approve", status_code=204, guards=[WRITE], tags=TAG, summary="Let a comment be seen")
async def approve_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> None:
    """One that waits, or that the team removed."""
    await moderating.approve(backends, caller, comment_id)


@post(
    "/comments/{comment_id:uuid}/remove",
    status_code=204,
    guards=[WRITE],
    tags=TAG,
    summary="Remove a comment as the team",
)
async def remove_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> None:
    await moderating.remove(backends, caller, comment_id)


@put("/comments/{comment_id:uuid}/heart", status_code=204, guards=[WRITE], tags=TAG, summary="Give the page's heart")
async def heart_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> None:
    await moderating.heart(backends, caller, comment_id, True)


@delete("/comments/{comment_id:uuid}/heart", guards=[WRITE], tags=TAG, summary="Take the page's heart back")
async def unheart_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> None:
    await moderating.heart(backends, caller, comment_id, False)


@put("/comments/{comment_id:uuid}/pin", status_code=204, guards=[WRITE], tags=TAG, summary="Pin a comment")
async def pin_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> None:
    """One per post, which stands first."""
    await moderating.pin(backends, caller, comment_id, True)


@delete("/comments/{comment_id:uuid}/pin", guards=[WRITE], tags=TAG, summary="Take the pin off a comment")
async def unpin_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> None:
    await moderating.pin(backends, caller, comment_id, False)


@get("/creators/{slug:str}/comment-rules", guards=[READ], tags=TAG, summary="What makes a comment wait")
async def get_comment_rules(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Rules:
    entered = await studio.enter(backends, caller, slug, "moderate")
    return await moderating.rules_of(backends, caller, entered.creator.id)


@put("/creators/{slug:str}/comment-rules", guards=[WRITE], tags=TAG, summary="Choose what makes a comment wait")
async def set_comment_rules(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[RulesAsk]
) -> Rules:
    entered = await studio.enter(backends, caller, slug, "moderate")
    wanted = Rules(words=data.words, hold_links=data.hold_links)
    return await moderating.set_rules(backends, caller, entered.creator.id, wanted)


routes = [
    list_page_comments, approve_comment, remove_comment, heart_comment, unheart_comment, pin_comment, unpin_comment, get_comment_rules,
    set_comment_rules,
]  # fmt: skip

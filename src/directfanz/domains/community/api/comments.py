from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from directfanz.backends import Backends
from directfanz.domains.community.api.views import (
    TAG,
    WRITE,
    CommentAsk,
    CommentChange,
    CommentView,
    FeltView,
    ReactionAsk,
    ReportAsk,
    comment_view,
)
from directfanz.domains.community.models import Comment, Felt
from directfanz.domains.community.service import commenting, reacting, rights, threads
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged

LISTING, ANSWERS = "comments", "comment-answers"
OFTEN = rate_limit("comment", per_minute=12)
SIGNS = rate_limit("react", per_minute=60)


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """`pinned` comes with the first page. `closed_because` says why you cannot comment; null: you can."""

    items: list[CommentView]
    next: str | None
    pinned: list[CommentView]
    closed_because: str | None


@get(
    "/posts/{post_id:uuid}/comments", dependencies=PAGE, tags=TAG, summary="What is said under a post, the newest first"
)
async def list_comments(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], post_id: FromPath[UUID]
) -> Response[Talk]:  # fmt: skip
    """Each with its first answers. Those may read it who may read the post."""
    place = await rights.place_of(backends, caller, post_id)
    before = page.position(backends, LISTING, tuple[UUID])
    first, rest = await threads.newest(backends, caller, place, before[0] if before else None, page.limit + 1)
    answer = paged(request, backends, LISTING, [comment_view(each) for each in rest], page.limit, lambda row: (row.id,))
    talk = Talk(
        items=answer.content.items, next=answer.content.next, pinned=[comment_view(each) for each in first],
        closed_because=place.why_not,
    )  # fmt: skip
    return Response(talk, headers=dict(answer.headers))


@get("/comments/{comment_id:uuid}/replies", dependencies=PAGE, tags=TAG, summary="The answers in a comment's thread")
async def list_replies(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], comment_id: FromPath[UUID]
) -> Response[Paged[CommentView]]:  # fmt: skip
    """All of its thread below the first comment, in the order of the conversation; `depth` says what answers what."""
    found = await commenting.find(backends, comment_id)
    place = await rights.require_open(backends, caller, found.post_id)
    after = page.position(backends, ANSWERS, tuple[bytes])
    said = await threads.thread(backends, caller, place, comment_id, after[0] if after else b"", page.limit + 1)
    paths = {each.comment.id: each.comment.path for each in said}
    rows = [comment_view(each) for each in said]
    return paged(request, backends, ANSWERS, rows, page.limit, lambda row: (paths[row.id],))


@post("/posts/{post_id:uuid}/comments", guards=[WRITE], opt=OFTEN, tags=TAG, summary="Comment on a post")
async def write_comment(
    backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID], data: JSONBody[CommentAsk]
) -> CommentView:
    """Seen at once, or `held` until the team has looked."""
    return await _view(backends, caller, await commenting.write(backends, caller, post_id, data.body, data.reply_to))


@put("/comments/{comment_id:uuid}", guards=[WRITE], opt=OFTEN, tags=TAG, summary="Mend a comment of yours")
async def change_comment(
    backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID], data: JSONBody[CommentChange]
) -> CommentView:
    """For fifteen minutes after it was written."""
    return await _view(backends, caller, await commenting.change(backends, caller, comment_id, data.body))


@delete("/comments/{comment_id:uuid}", guards=[WRITE], tags=TAG, summary="Take a comment of yours back")
async def take_back_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> None:
    """Its words are gone for good; where others answered, a gap stays."""
    await commenting.take_back(backends, caller, comment_id)


@post("/comments/{comment_id:uuid}/report", status_code=204, guards=[WRITE], opt=rate_limit("report", per_hour=30), tags=TAG,
      summary="Report a comment to the team of its page")  # fmt: skip
async def report_comment(
    backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID], data: JSONBody[ReportAsk]
) -> None:
    await commenting.report(backends, caller, comment_id, data.reason)


@put("/posts/{post_id:uuid}/reaction", guards=[WRITE], opt=SIGNS, tags=TAG, summary="React to a post")
async def react_to_post(
    backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID], data: JSONBody[ReactionAsk]
) -> FeltView:
    """One per person: another one takes its place."""
    return _felt(await reacting.to_post(backends, caller, post_id, data.kind))


@delete(
    "/posts/{post_id:uuid}/reaction",
    status_code=200,
    guards=[WRITE],
    tags=TAG,
    summary="Take a reaction to a post back",
)
async def unreact_to_post(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> FeltView:
    return _felt(await reacting.to_post(backends, caller, post_id, None))


@put("/comments/{comment_id:uuid}/reaction", guards=[WRITE], opt=SIGNS, tags=TAG, summary="React to a comment")
async def react_to_comment(
    backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID], data: JSONBody[ReactionAsk]
) -> FeltView:
    return _felt(await reacting.to_comment(backends, caller, comment_id, data.kind))


@delete(
    "/comments/{comment_id:uuid}/reaction",
    status_code=200,
    guards=[WRITE],
    tags=TAG,
    summary="Take a reaction to a comment back",
)
async def unreact_to_comment(backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> FeltView:
    return _felt(await reacting.to_comment(backends, caller, comment_id, None))


async def _view(backends: Backends, caller: Caller, comment: Comment) -> CommentView:
    return comment_view(await threads.as_said(backends, caller, comment))


def _felt(found: Felt) -> FeltView:
    return FeltView(counts=dict(found.counts), mine=found.mine)


routes = [
    list_comments, list_replies, write_comment, change_comment, take_back_comment, report_comment, react_to_post, unreact_to_post,
    react_to_comment, unreact_to_comment,
]  # fmt: skip

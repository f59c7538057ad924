"""Posts over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.content.models import (
    LONGEST_BODY,
    LONGEST_CAPTION,
    LONGEST_TEASER,
    LONGEST_TITLE,
    MOST_ASSETS,
    MOST_DRIP_DAYS,
    Attachment,
    CommentsPolicy,
    ContentWarning,
    Kind,
    Post,
    Reading,
    Stage,
    State,
)
from directfanz.domains.content.service import announcing, reading, tagging, viewing, writing
from directfanz.domains.content.service.viewing import Shown
from directfanz.domains.content.service.words import as_html
from directfanz.domains.creators.service import lookup, studio
from directfanz.domains.entitlements.models import Access, Decision, Need
from directfanz.domains.media.service.playing import Playback
from directfanz.http.caller import Caller, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.grants import set_grant
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

TAG = ["Posts"]
WRITE = require_scope("posts:write")
LISTING = "posts"
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]


class AttachmentAsk(Input, frozen=True, kw_only=True):
    asset_id: UUID
    caption: Annotated[str, Meta(max_length=LONGEST_CAPTION * 2)] = ""
    alt: Annotated[
        str, Meta(max_length=LONGEST_CAPTION * 2, description="What it shows, for those who do not see it.")
    ] = ""


class PostAsk(Input, frozen=True, kw_only=True):
    """`access`: `public`, `followers` (and members), `members` (of any tier), `rank` (of the tier `min_rank` and above), or `paid` (who
    buys it for `price`). A draft may lack a title, its tier or its price; it is published when it has them."""

    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)] = ""
    teaser: Annotated[str, Meta(max_length=LONGEST_TEASER * 2, description="What everybody may read.")] = ""
    body: Annotated[str, Meta(max_length=LONGEST_BODY * 2, description="CommonMark, without HTML and pictures.")] = ""
    access: Access = "public"
    min_rank: Annotated[int, Meta(ge=1, le=1000)] | None = None
    price: Annotated[Annotated[int, Meta(ge=1, le=2**53)] | None, Meta(description="In minor units.")] = None
    kind: Kind = "post"
    drip_days: Annotated[
        int,
        Meta(
            ge=0,
            le=MOST_DRIP_DAYS,
            description="How long somebody must have been a member; times in between do not count.",
        ),
    ] = 0
    warnings: Annotated[list[ContentWarning], Meta(max_length=8, description="Said before it is shown.")] = (
        msgspec.field(default_factory=list)
    )
    comments: Annotated[
        CommentsPolicy, Meta(description="`open`: who may read it; `hold`: each waits for the team; `closed`: nobody.")
    ] = "open"
    assets: Annotated[
        Annotated[list[AttachmentAsk], Meta(max_length=MOST_ASSETS)] | None,
        Meta(description="Files of the library, in their order. None: as they are."),
    ] = None


class PostChange(PostAsk, frozen=True, kw_only=True):
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1, description="The one you read.")]


class PreviewAsk(Input, frozen=True, kw_only=True):
    body: Annotated[str, Meta(max_length=LONGEST_BODY * 2)] = ""


class PreviewView(msgspec.Struct, frozen=True):
    html: str


class ScheduleAsk(Input, frozen=True, kw_only=True):
    publish_at: Annotated[datetime, Meta(tz=True, description="With a time zone. What is past is at once.")]


class PostView(msgspec.Struct, frozen=True, kw_only=True):
    """`body` is null where the caller may not read it; `access_now` says why, or until when they may."""

    id: UUID
    creator_id: UUID
    kind: Kind
    title: str
    teaser: str
    body: str | None
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    drip_days: int
    warnings: list[ContentWarning]
    comments: CommentsPolicy
    published_at: datetime | None
    edited_at: datetime | None
    access_now: Decision


class OwnPost(msgspec.Struct, frozen=True, kw_only=True):
    """As its team sees it. Published with a `publish_at` to come, it is `scheduled`: nobody else sees it before that moment."""

    id: UUID
    creator_id: UUID
    kind: Kind
    title: str
    teaser: str
    body: str
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    drip_days: int
    warnings: list[ContentWarning]
    comments: CommentsPolicy
    state: State
    stage: Stage
    revision: int
    publish_at: datetime | None
    pinned_at: datetime | None
    edited_at: datetime | None
    updated_at: datetime


def view_of(found: Reading) -> PostView:
    shown = {name: getattr(found.post, name) for name in PostView.__struct_fields__ if hasattr(found.post, name)}
    body = found.post.body if found.open else None
    shown |= {"body": body, "teaser": found.teaser, "published_at": found.post.publish_at}
    return PostView(**shown, access_now=found.decision)


def own_of(backends: Backends, found: Post) -> OwnPost:
    shown = {name: getattr(found, name) for name in OwnPost.__struct_fields__ if name != "stage"}
    return OwnPost(**shown, stage=found.stage(backends.clock.now()))


def draft_of(data: PostAsk) -> writing.Draft:
    said = {name: getattr(data, name) for name in writing.Draft.__struct_fields__}
    if data.assets is not None:
        said["assets"] = [
            Attachment(asset_id=each.asset_id, caption=each.caption, alt=each.alt) for each in data.assets
        ]
    return writing.Draft(**said)


@get("/creators/{slug:str}/posts", dependencies=PAGE, tags=TAG, summary="What a creator published, the newest first")
async def list_posts(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug
) -> Response[Paged[PostView]]:
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    creator = await lookup.public_by_slug(backends.database, slug)
    found = await reading.newest(backends, caller, creator, position, page.limit + 1)
    rows = [view_of(each) for each in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.published_at, row.id))


@post(
    "/creators/{slug:str}/posts", guards=[WRITE], opt=rate_limit("write-posts", per_minute=60), tags=TAG,
    summary="Begin a post",
)  # fmt: skip
async def begin_post(backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[PostAsk]) -> OwnPost:
    """A draft, until it is published."""
    entered = await studio.enter(backends, caller, slug, "posts")
    return own_of(backends, await writing.begin(backends, caller, entered.creator.id, draft_of(data)))


@get("/posts/{post_id:uuid}", tags=TAG, summary="One post, as far as you may read it")
async def get_post(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> PostView:
    return view_of((await reading.read(backends, caller, post_id))[1])


@get("/posts/{post_id:uuid}/media", tags=TAG, summary="Ways to the files of a post")
async def get_media(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> Response[list[Shown]]:
    """For who may read it: each way lasts less than a minute, so ask again while you show it. Empty where it is locked."""
    _, found = await reading.read(backends, caller, post_id)
    seen = await viewing.of_reading(backends, found, downloads=True)
    answer = Response(seen.files)
    for grant in seen.grants:
        set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


@get("/posts/{post_id:uuid}/files/{asset_id:uuid}/playback", tags=TAG, summary="All that a player needs of a file")
async def get_post_playback(
    backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID], asset_id: FromPath[UUID]
) -> Response[Playback]:
    """Opens for less than a minute, with the cookies that come along: ask again while somebody watches."""
    _, found = await reading.read(backends, caller, post_id)
    playback, grant = await viewing.play(backends, caller, found, asset_id)
    answer = Response(playback, headers={"Cache-Control": "no-store"})
    set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


@post("/creators/{slug:str}/preview", status_code=200, guards=[WRITE], opt=rate_limit("preview", per_minute=120), tags=TAG,
      summary="Words as readers will see them")  # fmt: skip
async def preview_words(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[PreviewAsk]
) -> PreviewView:
    """HTML that is safe to show."""
    await studio.enter(backends, caller, slug, "posts")
    return PreviewView(html=str(as_html(data.body)))


@get("/creators/{slug:str}/audience", guards=[WRITE], tags=TAG, summary="How many people may read what you publish")
async def get_audience(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, access: FromQuery[Access] = "public",
    min_rank: FromQuery[int | None] = None,
) -> announcing.Audience:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "posts")
    need = Need(creator_id=entered.creator.id, access=access, min_rank=min_rank)
    return await announcing.audience(backends, caller, entered.creator.id, need)


@get("/posts/{post_id:uuid}/access", tags=TAG, summary="Whether you may read a post, and why")
async def get_access(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> Decision:
    return (await reading.read(backends, caller, post_id))[1].decision


@get("/posts/{post_id:uuid}/draft", guards=[WRITE], tags=TAG, summary="A post as its team sees it")
async def get_draft(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> OwnPost:
    return own_of(backends, await writing.for_team(backends, caller, post_id))


@put(
    "/posts/{post_id:uuid}",
    guards=[WRITE],
    opt=rate_limit("write-posts", per_minute=60),
    tags=TAG,
    summary="Change a post",
)
async def change_post(
    backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID], data: JSONBody[PostChange]
) -> OwnPost:
    """The whole of it. `revision` is the one you read: when somebody else saved since, nothing is changed (409)."""
    return own_of(backends, await writing.change(backends, caller, post_id, draft_of(data), data.revision))


@post("/posts/{post_id:uuid}/publish", status_code=200, guards=[WRITE], tags=TAG, summary="Publish a post")
async def publish_post(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> OwnPost:
    """Now, also when it was planned for later."""
    return own_of(backends, await writing.publish(backends, caller, post_id))


@put("/posts/{post_id:uuid}/schedule", guards=[WRITE], tags=TAG, summary="Plan when a post is seen")
async def schedule_post(
    backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID], data: JSONBody[ScheduleAsk]
) -> OwnPost:
    """It is there from that moment on, by the clock. Until then it can be planned anew."""
    return own_of(backends, await writing.publish(backends, caller, post_id, data.publish_at))


@put("/posts/{post_id:uuid}/pin", guards=[WRITE], tags=TAG, summary="Pin a post to the top of its page")
async def pin_post(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> OwnPost:
    """Three at most: the one pinned longest ago makes place for a fourth."""
    return own_of(backends, await writing.pin(backends, caller, post_id, True))


@delete("/posts/{post_id:uuid}/pin", status_code=200, guards=[WRITE], tags=TAG, summary="Take a pin off")
async def unpin_post(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> OwnPost:
    return own_of(backends, await writing.pin(backends, caller, post_id, False))


@post("/posts/{post_id:uuid}/take-down", status_code=200, guards=[WRITE], tags=TAG, summary="Make a post a draft again")
async def take_down_post(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> OwnPost:
    """Only the team sees it then, and who bought it. Also fetches back what was removed."""
    return own_of(backends, await writing.take_down(backends, caller, post_id))


@delete("/posts/{post_id:uuid}", guards=[WRITE], tags=TAG, summary="Remove a post")
async def remove_post(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> None:
    """It can be fetched back for thirty days."""
    await writing.remove(backends, caller, post_id)


class TagsAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tags: Annotated[
        list[Annotated[str, Meta(max_length=200)]],
        Meta(max_length=50, description="In any spelling: `#Still Life` becomes `still-life`. At most ten are kept."),
    ]


@get("/posts/{post_id:uuid}/tags", tags=TAG, summary="The tags of a post that you may see")
async def get_tags(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> list[str]:
    await reading.read(backends, caller, post_id)
    return await tagging.of_post(backends.database, post_id)


@put("/posts/{post_id:uuid}/tags", guards=[WRITE], tags=TAG, summary="Give a post these tags and no others")
async def set_tags(
    backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID], data: JSONBody[TagsAsk]
) -> list[str]:
    return await tagging.save(backends, caller, post_id, data.tags)


routes = [
    list_posts, begin_post, preview_words, get_audience, get_post, get_access, get_media, get_post_playback, get_draft,
    change_post, publish_post, schedule_post, pin_post, unpin_post, take_down_post, remove_post, get_tags, set_tags,
]  # fmt: skip

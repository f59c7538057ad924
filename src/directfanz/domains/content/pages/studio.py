"""The studio's first page, the posts of a page, and the place where they are written."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from directfanz.backends import Backends
from directfanz.domains.content.models import Post, Stage
from directfanz.domains.content.pages.asking import Html, Page, PostForm, Slug
from directfanz.domains.content.service import showing, tagging, writing
from directfanz.domains.content.service.today import today
from directfanz.domains.content.service.words import as_html
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.money import Money, parse, plain
from directfanz.kit.paging import page_of

LISTING = "studio-posts"
TABS: dict[str, Stage | None] = {
    "": None, "published": "visible", "scheduled": "scheduled", "drafts": "draft", "removed": "removed",
}  # fmt: skip


@get("/studio/{slug:str}", guards=[signed_in])
async def today_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug)
    found = await today(backends, caller, entered)
    steps = [step._asdict() for step in found.steps]
    needs = [need._asdict() for need in found.needs]
    return render(request, "content/today.html", studio=entered, today=found._asdict(), steps=steps, needs=needs)


@get("/studio/{slug:str}/posts", guards=[signed_in], dependencies=PAGE)
async def posts_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug,
    show: FromQuery[str] = "",
) -> Html:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "posts")
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    found = await writing.list_for_team(backends, caller, entered.creator.id, TABS.get(show), position, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda each: (each.updated_at, each.id))
    query = f"&show={show}" if TABS.get(show) else ""
    more = f"{entered.home}/posts?cursor={shown.next}{query}" if shown.next else None
    offered = await showing.tiers_of(backends, entered.creator)
    return render(
        request, "content/posts.html", studio=entered, posts=shown.items, next_href=more, chosen=show,
        tier_names={each.tier.rank: each.tier.name for each in offered},
    )  # fmt: skip


@get("/studio/{slug:str}/posts/new", guards=[signed_in])
async def new_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _compose(request, backends, entered, None, Form.blank(access="public", revision=1))


@post("/studio/{slug:str}/posts/new", status_code=200, guards=[signed_in], opt=rate_limit("write-posts", per_minute=60))
async def new_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form, status = await read_form(request, PostForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            draft = draft_of(asked, entered.creator.currency)
            made = await writing.begin(backends, caller, entered.creator.id, draft)
            return await _saved(request, backends, caller, entered, made, asked)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _compose(request, backends, entered, None, form, status)


@get("/studio/{slug:str}/posts/{post_id:uuid}", guards=[signed_in])
async def edit_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    found = await writing.for_team(backends, caller, post_id)
    shown = Form.blank(
        title=found.title, teaser=found.teaser, body=found.body, access=found.access, revision=found.revision,
        min_rank=found.min_rank or "", price=plain(found.cost) if found.cost else "",
        tags=", ".join(await tagging.of_post(backends.database, post_id)),
    )  # fmt: skip
    return await _compose(request, backends, entered, found, shown)


@post(
    "/studio/{slug:str}/posts/{post_id:uuid}", status_code=200, guards=[signed_in],
    opt=rate_limit("write-posts", per_minute=60),
)  # fmt: skip
async def edit_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    found = await writing.for_team(backends, caller, post_id)
    form, status = await read_form(request, PostForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            draft = draft_of(asked, found.currency)
            saved = await writing.change(backends, caller, post_id, draft, asked.revision)
            return await _saved(request, backends, caller, entered, saved, asked)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _compose(request, backends, entered, found, form, status)


@post("/studio/{slug:str}/posts/{post_id:uuid}/publish", status_code=200, guards=[signed_in])
async def publish_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.publish(backends, caller, post_id), "Published.")


@post("/studio/{slug:str}/posts/{post_id:uuid}/take-down", status_code=200, guards=[signed_in])
async def take_down_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.take_down(backends, caller, post_id), "It is a draft again.")


@post("/studio/{slug:str}/posts/{post_id:uuid}/remove", status_code=200, guards=[signed_in])
async def remove_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    words = "Removed. For thirty days you find it under Removed and can fetch it back."
    return await _then(request, entered, writing.remove(backends, caller, post_id), words)


@post("/studio/{slug:str}/posts/{post_id:uuid}/fetch-back", status_code=200, guards=[signed_in])
async def fetch_back_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.fetch_back(backends, caller, post_id), "It is back, as a draft.")


def draft_of(asked: PostForm, currency: str) -> Draft:
    return Draft(
        title=asked.title, teaser=asked.teaser, body=asked.body, access=asked.access,
        min_rank=asked.min_rank if asked.access == "rank" else None,
        price=_minor(asked.price, currency) if asked.access == "paid" else None,
    )  # fmt: skip


def _minor(text: str, currency: str) -> int | None:
    """`4.50`, `4,50` or `€ 4.50`."""
    bare = text.replace("€", "").replace("$", "").replace("£", "").replace("¥", "").replace(currency, "").strip()
    if not bare:
        return None
    try:
        found: Money = parse(bare.replace(",", "."), currency)
    except ValueError:
        raise InvalidInput.in_field("price", "This is not a price.", "Write it like 4.50.") from None
    return found.minor


async def _saved(
    request: Page, backends: Backends, caller: Caller, entered: Studio, saved: Post, asked: PostForm
) -> Html:
    await tagging.save(backends, caller, saved.id, tagging.typed_in(asked.tags))
    if asked.then == "publish":
        await writing.publish(backends, caller, saved.id)
        return see_other(request, f"{entered.creator.path}/posts/{saved.id}", "Published.")
    return see_other(request, f"{entered.home}/posts/{saved.id}", "Saved.")


async def _then(request: Page, entered: Studio, doing: Awaitable[Any], words: str) -> Html:
    try:
        await doing
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, f"{entered.home}/posts", form.problem or error.message, "problem")
    return see_other(request, f"{entered.home}/posts", words)


async def _compose(
    request: Page, backends: Backends, entered: Studio, found: Post | None, form: Form[Any], status: int = 200
) -> Html:
    offered = await showing.tiers_of(backends, entered.creator)
    return render(
        request, "content/compose.html", status, studio=entered, post=found, form=form,
        tiers=[[each.tier.rank, f"{each.tier.name} and above"] for each in offered],
        preview=as_html(found.body) if found else "",
    )  # fmt: skip


routes = [
    today_page, posts_page, new_page, new_do, edit_page, edit_do, publish_do, take_down_do, remove_do, fetch_back_do,
]  # fmt: skip

"""Where posts are written."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.content.models import Post, PostAsset
from directfanz.domains.content.pages.asking import Html, Page, PostForm, Slug, draft_of
from directfanz.domains.content.policy import moment_in_zone
from directfanz.domains.content.service import attaching, history, showing, tagging, writing
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.http.arrival import arrival_of, zone_named
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.money import plain

WARNINGS = [
    ["nudity", "Nudity"], ["sex", "Sex"], ["violence", "Violence"], ["self_harm", "Self-harm"], ["drugs", "Drugs"],
    ["flashing", "Flashing light"], ["language", "Strong language"], ["other", "Something else"],
]  # fmt: skip
POLICIES = [
    ["open", "Everybody who may read it"], ["members", "Members"], ["hold", "Everybody, after your yes"], ["closed", "Nobody"],
]  # fmt: skip
UTC_ZONE = ZoneInfo("UTC")


@get("/studio/{slug:str}/posts/new", guards=[signed_in])
async def new_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    blank = Form.blank(access="public", kind="post", comments="open", revision=1, warnings=[], assets="[]")
    return await _compose(request, backends, entered, None, blank)


@post("/studio/{slug:str}/posts/new", status_code=200, guards=[signed_in], opt=rate_limit("write-posts", per_minute=60))
async def new_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form, status = await read_form(request, PostForm), UNPROCESSABLE
    made: Post | None = None
    if (asked := form.value) is not None:
        try:
            draft = draft_of(asked, entered.creator.currency)
            made = await writing.begin(backends, caller, entered.creator.id, draft)
            return await _saved(request, backends, caller, entered, made, asked)
        except DirectFanzError as error:
            status = refuse(form, error)
    if made is not None:
        form.raw["revision"] = made.revision
    return await _compose(request, backends, entered, made, form, status)


@get("/studio/{slug:str}/posts/{post_id:uuid}", guards=[signed_in])
async def edit_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    found = await writing.for_team(backends, caller, post_id)
    zone = arrival_of(request).zone or UTC_ZONE
    planned = ""
    if found.publish_at is not None and found.stage(backends.clock.now()) == "scheduled":
        planned = found.publish_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    shown = Form.blank(
        title=found.title, teaser=found.teaser, body=found.body, access=found.access, revision=found.revision,
        min_rank=found.min_rank or "", price=plain(found.cost) if found.cost else "", kind=found.kind,
        drip_days=found.drip_days or "", warnings=found.warnings, comments=found.comments, publish_at=planned,
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
            found = await writing.change(backends, caller, post_id, draft, asked.revision)
            return await _saved(request, backends, caller, entered, found, asked)
        except DirectFanzError as error:
            status = refuse(form, error)
            if found.revision > asked.revision and "somebody else" not in (form.problem or "").lower():
                form.raw["revision"] = found.revision  # it was saved, and only could not be published
    return await _compose(request, backends, entered, found, form, status)


@get("/studio/{slug:str}/posts/{post_id:uuid}/history", guards=[signed_in])
async def history_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    found = await writing.for_team(backends, caller, post_id)
    steps = await history.of_post(backends, caller, post_id)
    return render(request, "content/history.html", studio=entered, post=found, steps=steps)


async def _saved(
    request: Page, backends: Backends, caller: Caller, entered: Studio, saved: Post, asked: PostForm
) -> Html:
    await tagging.save(backends, caller, saved.id, tagging.typed_in(asked.tags))
    here = f"{entered.home}/posts/{saved.id}"
    if asked.then == "save":
        return see_other(request, here, "Saved.")
    if asked.then == "publish":
        await writing.publish(backends, caller, saved.id)
        return see_other(request, f"{entered.creator.path}/posts/{saved.id}", "Published.")
    if not asked.publish_at:
        raise InvalidInput.in_field("publish_at", "Choose the day and the time.")
    zone = zone_named(asked.zone) or arrival_of(request).zone or UTC_ZONE
    planned = await writing.publish(backends, caller, saved.id, moment_in_zone(asked.publish_at, zone))
    if planned.visible(backends.clock.now()):
        return see_other(request, f"{entered.creator.path}/posts/{saved.id}", "Published.")
    return see_other(request, f"{entered.home}/posts?show=scheduled", "It is planned.")


async def _compose(
    request: Page, backends: Backends, entered: Studio, found: Post | None, form: Form[Any], status: int = 200
) -> Html:
    offered = await showing.tiers_of(backends, entered.creator)
    zone = arrival_of(request).zone or UTC_ZONE
    held = (await attaching.of_posts(backends.database, [found.id]))[found.id] if found else []
    form.raw.setdefault("assets", msgspec.json.encode([_attached(each) for each in held]).decode())
    return render(
        request, "content/compose.html", status, studio=entered, post=found, form=form, zone_name=zone.key,
        stage=found.stage(backends.clock.now()) if found else "draft", warnings=WARNINGS, policies=POLICIES,
        tiers=[[each.tier.rank, f"{each.tier.name} and above"] for each in offered],
    )  # fmt: skip


def _attached(each: PostAsset) -> dict[str, str]:
    return {
        "asset_id": str(each.asset.id), "caption": each.caption, "alt": each.alt, "name": each.asset.name, "kind": each.asset.kind,
        "state": each.asset.state,
    }  # fmt: skip


routes = [new_page, new_do, edit_page, edit_do, history_page]

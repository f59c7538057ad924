"""What the console does beside a stream: markers, co-hosts, raids, and the recording as a post."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath, PathParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.entitlements.models import Access
from directfanz.domains.live.models import LONGEST_LABEL, LONGEST_TITLE, Rules, WhereEmbeds, WhoClips, WhoRaids
from directfanz.domains.live.service import hosting, marking, publishing, raiding, rules
from directfanz.errors import DirectFanzError
from directfanz.http.amounts import amount_typed
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import see_other
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
LIMIT = rate_limit("run-streams", per_minute=60)
STREAM = "/studio/{slug:str}/live/{stream_id:uuid}"
action = partial(post, include_in_schema=False, status_code=200, guards=[signed_in])


class MarkForm(Input, frozen=True):
    label: Annotated[str, Meta(max_length=LONGEST_LABEL * 2)] = ""


class HostForm(Input, frozen=True):
    slug: Annotated[str, Meta(max_length=80)] = ""
    moderates: bool = False


class AnswerForm(Input, frozen=True):
    accepts: bool = False


class RaidForm(Input, frozen=True):
    target_id: UUID


class PublishForm(Input, frozen=True):
    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)] = ""
    body: Annotated[str, Meta(max_length=50_000)] = ""
    access: Access = "public"
    min_rank: int | None = None
    price: Annotated[str, Meta(max_length=30)] = ""
    poster_ms: int | None = None


class RulesForm(Input, frozen=True):
    """`sites`: one in each line."""

    clips: WhoClips = "viewers"
    raids: WhoRaids = "ask"
    embeds: WhereEmbeds = "anywhere"
    sites: Annotated[str, Meta(max_length=4000)] = ""


@action(f"{STREAM}/mark", opt=LIMIT)
async def mark_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    form = (await read_form(request, MarkForm)).data
    return await _done(request, slug, stream_id, marking.mark(backends, caller, stream_id, form.label), "Marked.")


@action(f"{STREAM}/hosts", opt=LIMIT)
async def invite_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    form = (await read_form(request, HostForm)).data
    asked = hosting.invite(backends, caller, stream_id, form.slug, moderates=form.moderates)
    return await _done(request, slug, stream_id, asked, "They are asked.")


@action(f"{STREAM}/hosts/{{host:uuid}}/remove")
async def withdraw_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID], host: FromPath[UUID]
) -> Html:  # fmt: skip
    return await _done(
        request, slug, stream_id, hosting.withdraw(backends, caller, stream_id, host), "They are out of it."
    )


@action(f"{STREAM}/invitation")
async def invitation_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    form = (await read_form(request, AnswerForm)).data
    entered = await studio.enter(backends, caller, slug, "posts")
    answered = hosting.answer(backends, caller, stream_id, entered.creator.id, accepts=form.accepts)
    return await _done(request, slug, None, answered, "You make it together." if form.accepts else "They are told no.")


@action(f"{STREAM}/raid", opt=LIMIT)
async def raid_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    form = (await read_form(request, RaidForm)).data
    offered = raiding.offer(backends, caller, stream_id, form.target_id)
    return await _done(request, slug, stream_id, offered, "Your viewers go on to them when you end the stream.")


@action(f"{STREAM}/raid/back")
async def raid_back_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    return await _done(request, slug, stream_id, raiding.take_back(backends, caller, stream_id), "Nobody is sent on.")


@action(f"{STREAM}/raids/{{raid_id:uuid}}")
async def raid_answer_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID], raid_id: FromPath[UUID]
) -> Html:  # fmt: skip
    form = (await read_form(request, AnswerForm)).data
    answered = raiding.answer(backends, caller, raid_id, accepts=form.accepts)
    return await _done(request, slug, stream_id, answered, "They may come." if form.accepts else "They do not come.")


@action(f"{STREAM}/publish", opt=LIMIT)
async def publish_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form = (await read_form(request, PublishForm)).data
    try:
        wanted = publication_of(form, entered.creator.currency)
        post = await publishing.publish(backends, caller, stream_id, wanted)
    except DirectFanzError as error:
        return see_other(request, f"{entered.home}/live/{stream_id}", _said(error), "problem")
    return see_other(request, f"{entered.creator.path}/posts/{post.id}", "It is published.")


@action("/studio/{slug:str}/live-rules", opt=LIMIT)
async def rules_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form = (await read_form(request, RulesForm)).data
    wanted = Rules(clips=form.clips, raids=form.raids, embeds=form.embeds, sites=form.sites.split())
    return await _done(request, slug, None, rules.put(backends, caller, entered.creator.id, wanted), "Saved.")


def publication_of(form: PublishForm, currency: str) -> publishing.Publication:
    """What does not belong to the chosen access is left out: a form sends all its fields."""
    return publishing.Publication(
        title=form.title, body=form.body, access=form.access, min_rank=form.min_rank if form.access == "rank" else None,
        price=amount_typed(form.price, currency, "price").minor if form.access == "paid" else None,
        poster_ms=form.poster_ms,
    )  # fmt: skip


async def _done(request: Page, slug: str, stream_id: UUID | None, work: Any, words: str) -> Html:
    """Back to where it was pressed, with what became of it."""
    back = f"/studio/{slug}/live/{stream_id}" if stream_id else f"/studio/{slug}/live"
    try:
        await work
    except DirectFanzError as error:
        return see_other(request, back, _said(error), "problem")
    return see_other(request, back, words)


def _said(error: DirectFanzError) -> str:
    """Of a form with one field, what is wrong with that field."""
    return error.details[0].problem if error.details else error.message


routes = [
    mark_do, invite_do, withdraw_do, invitation_do, raid_do, raid_back_do, raid_answer_do, publish_do, rules_do,
]  # fmt: skip

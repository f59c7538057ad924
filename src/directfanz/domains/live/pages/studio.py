"""Where streams are planned, and the console beside one that runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.params import FromPath, PathParameter
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.entitlements.models import Access
from directfanz.domains.live.models import LONGEST_ABOUT, LONGEST_TITLE, Health, NewKey, Recording, Stream
from directfanz.domains.live.service import (
    figures,
    health,
    hosting,
    marking,
    publishing,
    raiding,
    recordings,
    rules,
    streams,
    watching,
)
from directfanz.domains.live.service.addresses import ingest_of, ingest_of_stream
from directfanz.domains.media.models import ViewGrant
from directfanz.domains.media.service import library, playing
from directfanz.domains.media.service.playing import Playback
from directfanz.domains.memberships.service import tiers
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.http.amounts import amount_typed
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.grants import set_grant
from directfanz.http.limits import rate_limit
from directfanz.http.pages import is_htmx, render, see_other
from directfanz.http.refusals import refuse
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
LIMIT = rate_limit("plan-streams", per_hour=60)
SHOWN = 50
# Of the console, which asks for itself every few seconds.
FIGURES_SHOWN = 60


class PlanForm(Input, frozen=True):
    """`price` as people write it; `scheduled_at` as a browser does, in the person's own zone. What does not belong to the chosen access is
    left out, not refused: a form sends all its fields."""

    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)] = ""
    about: Annotated[str, Meta(max_length=LONGEST_ABOUT * 2)] = ""
    access: Access = "public"
    min_rank: int | None = None
    price: Annotated[str, Meta(max_length=30)] = ""
    scheduled_at: Annotated[str, Meta(max_length=30)] = ""
    is_recorded: bool = False


@get("/studio/{slug:str}/live", include_in_schema=False, guards=[signed_in])
async def list_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _plans(request, backends, caller, entered, Form.blank(access="public", is_recorded=True))


@post("/studio/{slug:str}/live", include_in_schema=False, status_code=200, guards=[signed_in], opt=LIMIT)
async def plan_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    form, status = await read_form(request, PlanForm), 422
    if form.value is not None:
        try:
            wanted = plan_of(form.value, entered.creator.currency, arrival_of(request).zone or ZoneInfo("UTC"))
            stream, key = await streams.plan(backends, caller, entered.creator.id, wanted)
            return await _console(request, backends, caller, entered, stream, key)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _plans(request, backends, caller, entered, form, status)


@get("/studio/{slug:str}/live/{stream_id:uuid}", include_in_schema=False, guards=[signed_in])
async def console_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    stream = await streams.get_own(backends, caller, stream_id)
    if stream.creator_id != entered.creator.id:
        return Redirect(f"{entered.home}/live", status_code=302)
    if is_htmx(request) and "recording" in request.query_params:
        return await _recording_news(backends, stream)
    return await _console(request, backends, caller, entered, stream)


@post(
    "/studio/{slug:str}/live/{stream_id:uuid}/key",
    include_in_schema=False,
    status_code=200,
    guards=[signed_in],
    opt=LIMIT,
)
async def key_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    """Shown on the answer itself: a secret stands in no address."""
    entered = await studio.enter(backends, caller, slug, "posts")
    key = await streams.rotate_key(backends, caller, stream_id)
    return await _console(request, backends, caller, entered, await streams.get_own(backends, caller, stream_id), key)


@post("/studio/{slug:str}/live/{stream_id:uuid}/end", include_in_schema=False, status_code=200, guards=[signed_in])
async def end_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    await streams.end(backends, caller, stream_id)
    return see_other(request, f"{entered.home}/live/{stream_id}", "The stream is over.")


def plan_of(form: PlanForm, currency: str, zone: ZoneInfo) -> streams.Plan:
    return streams.Plan(
        title=form.title, about=form.about, access=form.access, min_rank=form.min_rank if form.access == "rank" else None,
        price=amount_typed(form.price, currency, "price").minor if form.access == "paid" else None,
        scheduled_at=_moment(form.scheduled_at, zone), is_recorded=form.is_recorded,
    )  # fmt: skip


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text.strip():
        return None
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput.in_field(
            "scheduled_at", "This is not a date and a time.", "Such as 2026-03-02 20:00."
        ) from None
    return local if local.tzinfo else local.replace(tzinfo=zone)


async def _plans(
    request: Page, backends: Backends, caller: Caller, entered: Studio, form: Form[Any], status: int = 200
) -> Html:
    found = await streams.of_team(backends, caller, entered.creator.id, None, SHOWN)
    async with backends.database.writing() as tx:
        offered = await tiers.open_tiers(tx, entered.creator.id)
        allowed = await rules.of_page(tx, entered.creator.id)
    return render(
        request, "live/studio.html", status, studio=entered, streams=found, form=form,
        tiers=[(each.tier.rank, each.tier.name) for each in offered], rules=allowed,
        invitations=await hosting.invitations(backends, entered.creator.id),
    )  # fmt: skip


async def _console(
    request: Page, backends: Backends, caller: Caller, entered: Studio, stream: Stream, key: NewKey | None = None
) -> Html:
    told = await figures.of_stream(backends, caller, stream.id)
    ingest = ingest_of(key) if key else await ingest_of_stream(backends, stream)
    async with backends.database.reading() as reader:
        condition = await health.figures(reader, stream.id, FIGURES_SHOWN)
        events = await health.events(reader, stream.id, SHOWN)
        recording = await recordings.of_stream(reader, stream.id)
        markers = await marking.of_stream(reader, stream.id)
        hosts = await hosting.of_stream(reader, stream.id, only_accepted=False)
    if is_htmx(request):
        return _part(request, entered, stream, told, condition, events)
    film, grant, offered = await _film(backends, caller, recording)
    around = await _around(backends, caller, stream)
    answer = render(
        request, "live/console.html", studio=entered, stream=stream, key=key, ingest=ingest, told=told,
        condition=condition[0].figures if condition else {}, measured=condition[0].at if condition else None,
        bitrates=[each.figures.get("kbps") or 0 for each in reversed(condition)], events=events, recording=recording,
        markers=markers, hosts=hosts, film=film, moments=publishing.moments_of(recording) if film and recording else [],
        tiers=[(each.tier.rank, each.tier.name) for each in offered], **around,
    )  # fmt: skip
    if grant is not None:
        set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


async def _recording_news(backends: Backends, stream: Stream) -> Html:
    """Nothing, until the recording is there or failed: then the page is to be read anew."""
    async with backends.database.reading() as reader:
        recording = await recordings.of_stream(reader, stream.id)
    if recording is None or recording.is_on_its_way:
        return Response(None, status_code=204)
    return Response(None, headers={"HX-Refresh": "true"})


async def _film(
    backends: Backends, caller: Caller, recording: Recording | None
) -> tuple[Playback | None, ViewGrant | None, list[OpenTier]]:
    """The recording once it is one, with what its post may ask for."""
    if recording is None or recording.asset_id is None:
        return None, None, []
    asset = await library.get(backends, caller, recording.asset_id)
    film, grant = await playing.open_playback(backends, caller, asset, renew=f"/api/v1/files/{asset.id}/playback")
    async with backends.database.writing() as tx:
        return film, grant, await tiers.open_tiers(tx, recording.creator_id)


async def _around(backends: Backends, caller: Caller, stream: Stream) -> dict[str, Any]:
    """Others who are live, and the raids between them."""
    if not stream.is_on_air:
        return {"raid": None, "raids": [], "others": []}
    raid, raids = await raiding.of_stream(backends, caller, stream.id)
    live, _ = await watching.directory(backends)
    others = [each for each in live if each.stream.creator_id != stream.creator_id]
    return {"raid": raid, "raids": raids, "others": others}


def _part(
    request: Page, entered: Studio, stream: Stream, told: figures.Told, condition: list[Health], events: list[Health]
) -> Html:
    """What the console asks for every few seconds."""
    return render(
        request, "live/console_part.html", studio=entered, stream=stream, told=told, events=events,
        condition=condition[0].figures if condition else {}, measured=condition[0].at if condition else None,
        bitrates=[each.figures.get("kbps") or 0 for each in reversed(condition)],
    )  # fmt: skip


routes = [list_page, plan_do, console_page, key_do, end_do]

"""Members in the studio: segments, one member with notes and history, a free membership, the list as a table."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.memberships.api.members import csv_of
from directfanz.domains.memberships.pages.asking import GiveForm, Html, NoteForm, Page, Slug, end_of
from directfanz.domains.memberships.pages.words import END_REASONS, HAPPENED, REASONS, SEGMENTS
from directfanz.domains.memberships.service import comps, members, tiers
from directfanz.domains.memberships.service.members import MemberFilter, MemberRow, Segment
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.money import Money
from directfanz.kit.paging import page_of

LISTING = "studio-members"
Search = Annotated[str, QueryParameter(max_length=100)]


@get("/studio/{slug:str}/members", guards=[signed_in], dependencies=PAGE)
async def members_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug,
    show: FromQuery[str] = "live", tier: FromQuery[str] = "", search: Search = "",
) -> Html:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "members")
    wanted, position = _wanted(show, tier, search), page.position(backends, LISTING, tuple[UUID])
    before = position[0] if position else None
    found = await members.newest(backends, caller, entered.creator.id, wanted, before, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda each: (each.id,))
    asked = {"show": wanted.segment, "tier": str(wanted.tier_id or ""), "search": wanted.search}
    query = urlencode({name: value for name, value in asked.items() if value})
    there = await tiers.all_tiers(backends, caller, entered.creator.id)
    return render(
        request, "memberships/members.html", studio=entered, members=[_row(each) for each in shown.items], chosen=asked,
        segments=SEGMENTS, counts=await members.counts(backends, caller, entered.creator.id), query=query,
        tier_choices=[["", "Every tier"], *([str(each.tier.id), each.tier.name] for each in there)],
        next_href=f"{entered.home}/members?{query}&cursor={shown.next}" if shown.next else None,
    )  # fmt: skip


@get("/studio/{slug:str}/members.csv", guards=[signed_in])
async def members_table(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, show: FromQuery[str] = "live", tier: FromQuery[str] = "",
    search: Search = "",
) -> Stream:  # fmt: skip
    return await csv_of(backends, caller, slug, _wanted(show, tier, search))


@get("/studio/{slug:str}/members/give", guards=[signed_in])
async def give_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "members")
    return await _give(request, backends, caller, entered, Form.blank())


@post(
    "/studio/{slug:str}/members/give",
    status_code=200,
    guards=[signed_in],
    opt=rate_limit("give-membership", per_hour=120),
)
async def give_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "members")
    form, status = await read_form(request, GiveForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            until = end_of(asked.until, "until")
            row = await comps.give(backends, caller, entered.creator.id, asked.handle, asked.tier_id, until)
            return see_other(request, f"{entered.home}/members/{row.id}", "Given. You can take it back here.")
        except DirectFanzError as error:
            if error.status == 404:
                form.refuse("handle", error.message)
            else:
                status = refuse(form, error)
    return await _give(request, backends, caller, entered, form, status)


@get("/studio/{slug:str}/members/{membership_id:uuid}", guards=[signed_in])
async def member_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, membership_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "members")
    return await _member(request, backends, caller, entered, membership_id, Form.blank())


@post("/studio/{slug:str}/members/{membership_id:uuid}/notes", status_code=200, guards=[signed_in])
async def note_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, membership_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "members")
    form, status = await read_form(request, NoteForm), UNPROCESSABLE
    if form.value is not None:
        try:
            await members.add_note(backends, caller, entered.creator.id, membership_id, form.value.text)
            return see_other(request, f"{entered.home}/members/{membership_id}")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _member(request, backends, caller, entered, membership_id, form, status)


@post(
    "/studio/{slug:str}/members/{membership_id:uuid}/notes/{note_id:uuid}/remove", status_code=200, guards=[signed_in]
)
async def note_remove(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, membership_id: FromPath[UUID],
    note_id: FromPath[UUID],
) -> Html:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "members")
    await members.remove_note(backends, caller, entered.creator.id, note_id)
    return see_other(request, f"{entered.home}/members/{membership_id}", "The note is gone.")


@post("/studio/{slug:str}/members/{membership_id:uuid}/take", status_code=200, guards=[signed_in])
async def take_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, membership_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "members")
    try:
        await comps.take(backends, caller, entered.creator.id, membership_id)
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, f"{entered.home}/members/{membership_id}", form.problem or error.message, "problem")
    return see_other(request, f"{entered.home}/members/{membership_id}", "Taken back.")


def _wanted(show: str, tier: str, search: str) -> MemberFilter:
    """What the address does not say rightly, it does not say: a list is never an error page."""
    known: dict[str, Segment] = {name: name for name, _ in SEGMENTS}
    try:
        tier_id = UUID(tier) if tier else None
    except ValueError:
        tier_id = None
    return MemberFilter(segment=known.get(show, "live"), tier_id=tier_id, search=search.strip())


def _row(each: MemberRow) -> dict[str, Any]:
    shown = {name: getattr(each, name) for name in each.__struct_fields__}
    avatar = f"/public/avatars/{each.avatar}/128.webp" if each.avatar else None
    ended = END_REASONS.get(each.end_reason or "", "")
    reason = dict(REASONS).get(each.cancel_reason or "", "")
    person = {
        "id": str(each.user_id), "display_name": each.display_name, "handle": each.handle, "avatar": avatar
    }  # fmt: skip
    price = Money(each.amount, each.currency)
    return shown | {"price": price, "person": person, "ended_words": ended, "reason_words": reason}


async def _give(
    request: Page, backends: Backends, caller: Caller, entered: Studio, form: Form[Any], status: int = 200
) -> Html:
    found = await tiers.all_tiers(backends, caller, entered.creator.id)
    choices = [[str(each.tier.id), each.tier.name] for each in found if each.tier.state != "archived"]
    return render(request, "memberships/give.html", status, studio=entered, form=form, choices=choices)


async def _member(
    request: Page, backends: Backends, caller: Caller, entered: Studio, membership_id: UUID, form: Form[Any],
    status: int = 200,
) -> Html:  # fmt: skip
    found = await members.one(backends, caller, entered.creator.id, membership_id)
    told = [{"at": each.at, "words": HAPPENED.get(each.kind, each.kind.replace("_", " "))} for each in found.history]
    return render(
        request, "memberships/member.html", status, studio=entered, member=_row(found.member), notes=found.notes,
        history=told, form=form,
    )  # fmt: skip


routes = [members_page, members_table, give_page, give_do, member_page, note_do, note_remove, take_do]

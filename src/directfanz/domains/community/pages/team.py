"""Where a team looks after what is said on its page, and whom it keeps out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromQuery

from directfanz.backends import Backends
from directfanz.domains.community.models import Rules, State
from directfanz.domains.community.pages.asking import Html, NameForm, Page, RulesForm, Slug
from directfanz.domains.community.service import blocks, moderating
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup, studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.errors import DirectFanzError, NotFound
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.paging import page_of

LISTING = "studio-comments"
TABS: dict[str, State] = {"": "held", "visible": "visible", "removed": "removed"}


@get("/studio/{slug:str}/comments", guards=[signed_in], dependencies=PAGE)
async def queue_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug, show: FromQuery[str] = ""
) -> Html:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "moderate")
    before = page.position(backends, LISTING, tuple[UUID])
    state = TABS.get(show, "held")
    found = await moderating.queue(
        backends, caller, entered.creator.id, state, before[0] if before else None, page.limit + 1
    )
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda each: (each.said.comment.id,))
    more = f"{entered.home}/comments?cursor={shown.next}&show={show}" if shown.next else None
    return render(
        request, "community/queue.html", studio=entered, queue=shown.items, next_href=more, chosen=show if show in TABS else "",
        held=await moderating.held_count(backends, entered.creator.id),
    )  # fmt: skip


@get("/studio/{slug:str}/comments/rules", guards=[signed_in])
async def rules_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "moderate")
    rules = await moderating.rules_of(backends, caller, entered.creator.id)
    form = Form.blank(words="\n".join(rules.words), hold_links=rules.hold_links)
    return await _rules(request, backends, caller, entered, form)


@post("/studio/{slug:str}/comments/rules", status_code=200, guards=[signed_in])
async def rules_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "moderate")
    form, status = await read_form(request, RulesForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            wanted = Rules(words=asked.words.splitlines(), hold_links=asked.hold_links)
            await moderating.set_rules(backends, caller, entered.creator.id, wanted)
            return see_other(
                request, f"{entered.home}/comments/rules", "Saved. It counts for what is said from now on."
            )
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _rules(request, backends, caller, entered, form, status)


@post("/studio/{slug:str}/blocks", status_code=200, guards=[signed_in])
async def block_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "moderate")
    asked = (await read_form(request, NameForm)).data
    words = f"{asked.name} is blocked here. What they paid for stays until it runs out."
    return await _then(
        request, f"{entered.home}/comments/rules", words,
        blocks.block_for_page(backends, caller, entered.creator.id, asked.name, asked.reason),
    )  # fmt: skip


@post("/studio/{slug:str}/blocks/lift", status_code=200, guards=[signed_in])
async def unblock_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "moderate")
    asked = (await read_form(request, NameForm)).data
    return await _then(
        request, f"{entered.home}/comments/rules", f"{asked.name} may come again.",
        blocks.unblock_for_page(backends, caller, entered.creator.id, asked.name),
    )  # fmt: skip


@get("/settings/blocked", guards=[signed_in])
async def blocked_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    found = await blocks.of_person(backends, caller)
    return render(request, "community/blocked.html", found=found, form=Form.blank())


@post("/settings/blocked", status_code=200, guards=[signed_in])
async def blocked_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    asked = (await read_form(request, NameForm)).data
    words = "You no longer see, answer or reach each other."
    return await _then(request, "/settings/blocked", words, blocks.block_person(backends, caller, asked.name))


@post("/settings/blocked/lift", status_code=200, guards=[signed_in])
async def lift_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    asked = (await read_form(request, NameForm)).data
    return await _then(request, "/settings/blocked", "Undone.", blocks.unblock_person(backends, caller, asked.name))


@post("/c/{slug:str}/block", status_code=200, guards=[signed_in])
async def block_page_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    creator = await _page(backends, slug)
    words = f"You and {creator.name} are kept apart. What you paid for stays yours; nothing more is charged."
    return await _then(request, "/settings/blocked", words, blocks.block_page(backends, caller, creator.id))


@post("/c/{slug:str}/unblock", status_code=200, guards=[signed_in])
async def unblock_page_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    creator = await _page(backends, slug)
    return await _then(request, "/settings/blocked", "Undone.", blocks.unblock_page(backends, caller, creator.id))


async def _page(backends: Backends, slug: str) -> Creator:
    async with backends.database.writing() as tx:
        return await lookup.by_slug(tx, slug)


async def _rules(
    request: Page, backends: Backends, caller: Caller, entered: Studio, form: Form[Any], status: int = 200
) -> Html:
    blocked = await blocks.of_page(backends, caller, entered.creator.id, None, 100)
    return render(request, "community/rules.html", status, studio=entered, form=form, blocked=blocked)


async def _then(request: Page, path: str, words: str, doing: Any) -> Html:
    try:
        await doing
    except NotFound as error:
        return see_other(request, path, error.message, "problem")
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, path, form.problem or next(iter(form.errors.values()), error.message), "problem")
    return see_other(request, path, words)


routes = [
    queue_page, rules_page, rules_do, block_do, unblock_do, blocked_page, blocked_do, lift_do, block_page_do, unblock_page_do,
]  # fmt: skip

"""What is said under a post. The post's own page fetches the part `#talk` of it; without a script it is a page of its own."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.community.models import EDIT_WINDOW, REACTIONS, Reaction, Said
from directfanz.domains.community.pages.asking import DoForm, EditForm, Html, Page, SayForm, SignForm, Slug
from directfanz.domains.community.service import blocks, commenting, moderating, reacting, rights, threads
from directfanz.domains.community.service.rights import Place
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import refuse
from directfanz.kit.paging import page_of

LISTING, SHOWN = "talk", 20
SIGNS: dict[Reaction, tuple[str, str]] = {
    "heart": ("heart", "Love it"), "fire": ("fire", "On fire"), "clap": ("sparkle", "Bravo"), "laugh": ("laugh", "Funny"),
    "wow": ("wow", "Wow"),
}  # fmt: skip
Wish = Annotated[str, QueryParameter(max_length=40)]


@get("/c/{slug:str}/posts/{post_id:uuid}/comments", dependencies=PAGE)
async def talk_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug, post_id: FromPath[UUID],
    comment: Wish = "", answer: Wish = "", edit: Wish = "",
) -> Html:  # fmt: skip
    """`comment`: the thread with that one alone. `answer` and `edit` open the field below or in place of one."""
    place = await rights.place_of(backends, caller, post_id)
    return await _talk(request, backends, caller, place, page, comment, {"answer": answer, "edit": edit})


@post(
    "/c/{slug:str}/posts/{post_id:uuid}/comments", status_code=200, guards=[signed_in], opt=rate_limit("comment", per_minute=12)
)  # fmt: skip
async def say_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    place = await rights.place_of(backends, caller, post_id)
    form = await read_form(request, SayForm)
    if (asked := form.value) is not None:
        try:
            said = await commenting.write(backends, caller, post_id, asked.body, asked.reply_to)
        except DirectFanzError as error:
            status = refuse(form, error)
            opened = {"answer": str(asked.reply_to or ""), "edit": ""}
            return await _talk(request, backends, caller, place, PageAsk(SHOWN), "", opened, form, status)
        words = "It waits until the team has looked." if said.state == "held" else None
        return see_other(request, f"{_here(place)}#comment-{said.id}", words, "info")
    return await _talk(request, backends, caller, place, PageAsk(SHOWN), "", {}, form, 422)


@post(
    "/c/{slug:str}/posts/{post_id:uuid}/reaction", status_code=200, guards=[signed_in], opt=rate_limit("react", per_minute=60)
)  # fmt: skip
async def sign_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    asked = (await read_form(request, SignForm)).data
    place = await rights.place_of(backends, caller, post_id)
    async with backends.database.writing() as tx:
        before = (await reacting.felt(tx, caller, [post_id]))[post_id].mine
    return await _then(
        request, place, reacting.to_post(backends, caller, post_id, None if before == asked.kind else asked.kind)
    )


@post("/comments/{comment_id:uuid}/edit", status_code=200, guards=[signed_in], opt=rate_limit("comment", per_minute=12))
async def edit_do(request: Page, backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> Html:
    found = await commenting.find(backends, comment_id)
    place = await rights.place_of(backends, caller, found.post_id)
    asked = (await read_form(request, EditForm)).data
    return await _then(request, place, commenting.change(backends, caller, comment_id, asked.body))


@post(
    "/comments/{comment_id:uuid}/reaction", status_code=200, guards=[signed_in], opt=rate_limit("react", per_minute=60)
)
async def sign_comment_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]
) -> Html:
    """One sign for comments on the page: liked or not."""
    found = await commenting.find(backends, comment_id)
    place = await rights.place_of(backends, caller, found.post_id)
    mine = (await threads.as_said(backends, caller, found)).felt.mine
    return await _then(request, place, reacting.to_comment(backends, caller, comment_id, None if mine else "heart"))


@post(
    "/comments/{comment_id:uuid}/do", status_code=200, guards=[signed_in], opt=rate_limit("comment-do", per_minute=60)
)
async def do_do(request: Page, backends: Given[Backends], caller: Given[Caller], comment_id: FromPath[UUID]) -> Html:
    found = await commenting.find(backends, comment_id)
    place = await rights.place_of(backends, caller, found.post_id)
    asked = (await read_form(request, DoForm)).data
    words, doing = _deed(backends, caller, place, comment_id, asked, await threads.as_said(backends, caller, found))
    return await _then(request, place, doing, words, request.headers.get("referer", ""))


def _deed(
    backends: Backends, caller: Caller, place: Place, comment_id: UUID, asked: DoForm, said: Said
) -> tuple[str | None, Any]:
    who = said.author.handle if said.author else ""
    page = place.creator.id
    if asked.what == "approve":
        return "It can be seen now.", moderating.approve(backends, caller, comment_id)
    if asked.what == "remove":
        return "Removed. You find it under Comments, Removed.", moderating.remove(backends, caller, comment_id)
    if asked.what in ("heart", "unheart"):
        return None, moderating.heart(backends, caller, comment_id, asked.what == "heart")
    if asked.what in ("pin", "unpin"):
        return None, moderating.pin(backends, caller, comment_id, asked.what == "pin")
    if asked.what == "report":
        why = asked.reason or "No reason given"
        return "Thank you. The team will look at it.", commenting.report(backends, caller, comment_id, why)
    if asked.what == "block":
        return "You no longer see each other. Undo it under Settings, Blocked.", blocks.block_person(
            backends, caller, who
        )
    if asked.what == "block-here":
        return f"@{who} is blocked here.", blocks.block_for_page(backends, caller, page, who, asked.reason)
    return "Taken back.", commenting.take_back(backends, caller, comment_id)


async def _then(request: Page, place: Place, doing: Any, words: str | None = None, came_from: str = "") -> Html:
    queue = f"/studio/{place.creator.slug}/comments"
    back = queue if queue in came_from else _here(place)
    try:
        await doing
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, back, form.problem or next(iter(form.errors.values()), error.message), "problem")
    return see_other(request, back, words)


async def _talk(
    request: Page, backends: Backends, caller: Caller, place: Place, page: PageAsk, comment: str, opened: dict[str, str],
    form: Form[Any] | None = None, status: int = 200,
) -> Html:  # fmt: skip
    before = page.position(backends, LISTING, tuple[UUID])
    if comment:
        first, rest, cursor = [await threads.one(backends, caller, place, UUID(comment))], [], None
    else:
        first, found = await threads.newest(backends, caller, place, before[0] if before else None, SHOWN + 1)
        shown = page_of(found, SHOWN, cursor_key(backends), LISTING, lambda each: (each.comment.id,))
        rest, cursor = shown.items, shown.next
    async with backends.database.writing() as tx:
        felt = (await reacting.felt(tx, caller, [place.post.id]))[place.post.id]
        counts = (await reacting.counts_of(tx, [place.post.id]))[place.post.id]
    signs = [(kind, *SIGNS[kind], felt.counts.get(kind, 0), felt.mine == kind) for kind in REACTIONS]
    return render(
        request, "community/talk.html", status, creator=place.creator, post=place.post, place=place, said=[*first, *rest],
        next_href=f"{_here(place)}?cursor={cursor}" if cursor else None, alone=bool(comment), signs=signs, count=counts.comments,
        form=form or Form.blank(), opened=opened, moderates=place.moderates, edit_from=backends.clock.now() - EDIT_WINDOW,
    )  # fmt: skip


def _here(place: Place) -> str:
    return f"{place.creator.path}/posts/{place.post.id}/comments"


routes = [talk_page, say_do, sign_do, edit_do, sign_comment_do, do_do]

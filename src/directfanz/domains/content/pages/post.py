"""One post: all of it for who may read it; for the others what it is about, and how to get in."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.pages.asking import BuyForm, Html, Page, Slug, WarningForm
from directfanz.domains.content.pages.creator import Eyes, eyes_for
from directfanz.domains.content.service import buying, collecting, reading, showing, viewing, warnings
from directfanz.domains.content.service.words import as_html
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.domains.payments.service import spending
from directfanz.errors import DirectFanzError
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.grants import set_grant
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import refuse
from directfanz.kit.ids import new_token


@get("/posts/{post_id:uuid}")
async def short_page(backends: Given[Backends], caller: Given[Caller], post_id: FromPath[UUID]) -> Html:
    creator, found = await reading.read(backends, caller, post_id)
    return Redirect(f"{creator.path}/posts/{found.post.id}", status_code=302)


@get("/c/{slug:str}/posts/{post_id:uuid}")
async def post_page(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    slug: Slug,
    post_id: FromPath[UUID],
    eyes: Eyes = "",
) -> Html:
    creator, found = await reading.read(backends, caller, post_id)
    if creator.slug != slug:
        return Redirect(f"{creator.path}/posts/{post_id}", status_code=301)
    offered = await showing.tiers_of(backends, creator)
    role = await showing.role_of(backends, caller, creator)
    viewer = await showing.viewer_of(backends, caller, creator, role, offered, eyes)
    shown = showing.seen_by(viewer, found)
    sold = shown.post.access == "paid" and not shown.open
    cap = await spending.cap_in(backends, caller, creator.currency) if sold else None
    warned = (
        [] if role else warnings.still_to_say(shown.post.warnings, arrival_of(request).cookies.get(warnings.COOKIE, ""))
    )
    seen = await viewing.of_reading(backends, shown, downloads=not warned) if not warned else None
    files = await viewing.on_page(backends, caller, post_id, shown, seen) if seen and seen.files else []
    body = as_html(shown.post.body, backends.settings.site_url) if shown.open and not warned else ""
    answer = render(
        request, "content/post.html", cap=cap, creator=creator, reading=shown, post=shown.post, viewer=viewer,
        body=body, ways=ways_in(shown, offered), warned=warned,
        files=viewing.grouped(files), stage=shown.post.stage(backends.clock.now()),
        series=await collecting.around(backends, caller, creator, post_id),
        eyes=eyes_for(offered) if role else [], buy_key=new_token(16),
    )  # fmt: skip
    for grant in seen.grants if seen else []:
        set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


@post(
    "/c/{slug:str}/posts/{post_id:uuid}/buy", status_code=200, guards=[signed_in], opt=rate_limit("buy", per_minute=20)
)
async def buy_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    """To the provider's page; from there they come back here."""
    creator, found = await reading.read(backends, caller, post_id)
    here = f"{creator.path}/posts/{post_id}"
    if found.open:
        return see_other(request, here, "You can read it already.", "info")
    asked = await read_form(request, BuyForm)
    try:
        return Redirect(await buying.begin(backends, caller, creator, found.post, asked.data.key), status_code=303)
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, here, form.problem or error.message, "problem")


@post("/c/{slug:str}/posts/{post_id:uuid}/show", status_code=200, opt=rate_limit("show-warned", per_minute=60))
async def show_do(request: Page, slug: Slug, post_id: FromPath[UUID]) -> Html:
    """Kept on the device alone: for as long as the browser is open, or for a year."""
    asked = await read_form(request, WarningForm)
    answer = see_other(request, f"/c/{slug}/posts/{post_id}")
    before = arrival_of(request).cookies.get(warnings.COOKIE, "")
    chosen = warnings.with_these(before, asked.data.warnings)
    answer.set_cookie(Cookie(
        warnings.COOKIE, value=chosen, max_age=warnings.KEPT_SECONDS if asked.data.always else None, path="/", httponly=True,
        samesite="lax", secure=request.url.scheme == "https",
    ))  # fmt: skip
    return answer


def ways_in(found: Reading, offered: list[OpenTier]) -> list[OpenTier]:
    """The tiers that open it, the lowest first."""
    if found.open or found.post.access not in ("members", "rank"):
        return []
    least = found.post.min_rank or 0
    return [each for each in offered if each.tier.rank >= least]


routes = [short_page, post_page, buy_do, show_do]

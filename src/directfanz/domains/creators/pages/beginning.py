"""The way into the studio: which pages one works on, invitations that wait, and a page of one's own."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromQuery

from directfanz.backends import Backends
from directfanz.domains.creators.models import PAGES_PER_OWNER
from directfanz.domains.creators.pages.asking import BeginForm, Html, Page
from directfanz.domains.creators.policy.places import COUNTRIES, CURRENCIES
from directfanz.domains.creators.service import beginning, lookup
from directfanz.domains.creators.service.beginning import NewPage
from directfanz.domains.creators.service.studio import home_of
from directfanz.domains.creators.service.team import invitations
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse


@get("/studio", guards=[signed_in])
async def studio_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], all: FromQuery[str] = ""
) -> Html:  # the one page somebody has is shown at once, unless they ask for all
    async with backends.database.writing() as tx:
        mine = await lookup.of_user(tx, caller.require_user())
    asked = await invitations.to_me(backends, caller)
    if not mine and not asked:
        return see_other(request, "/studio/begin")
    if len(mine) == 1 and not asked and not all:
        return see_other(request, home_of(mine[0][0]))
    owned = sum(role == "owner" for _, role in mine)
    return render(
        request,
        "creators/studio_pages.html",
        mine=mine,
        asked=asked,
        may_begin=owned < PAGES_PER_OWNER,
        home_of=home_of,
    )


@get("/studio/begin", guards=[signed_in])
async def begin_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    name = caller.name or ""
    slug = await beginning.free_slug_for(backends, caller.handle or name) or await beginning.free_slug_for(
        backends, name
    )
    return _begin(request, Form.blank(name=name, slug=slug or "", country="DE", currency="EUR"))


@post("/studio/begin", status_code=200, guards=[signed_in], opt=rate_limit("begin-page", per_hour=20))
async def begin_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, BeginForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        wanted = NewPage(name=asked.name, slug=asked.slug, country=asked.country, currency=asked.currency)
        try:
            creator = await beginning.begin(backends, caller, wanted)
            return see_other(request, home_of(creator), "Your page is begun. Only you see it until you publish it.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return _begin(request, form, status)


def _begin(request: Page, form: Form[BeginForm], status: int = 200) -> Html:
    countries = [[code, name] for code, (name, _) in sorted(COUNTRIES.items(), key=lambda each: each[1][0])]
    currencies = [[code, f"{code}, {name}"] for code, name in CURRENCIES.items()]
    shown = {"form": form, "countries": countries, "currencies": currencies}
    return render(request, "creators/begin.html", status, **shown)


routes = [studio_page, begin_page, begin_do]

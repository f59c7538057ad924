"""The page's own page: its words, colour, pictures and links, each saved by itself."""

from __future__ import annotations

from typing import Any, Literal

from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.creators.models import MOST_LINKS, Creator, Link
from directfanz.domains.creators.pages.asking import ColourForm, Html, LinksForm, Page, PictureForm, Slug, WordsForm
from directfanz.domains.creators.policy.colours import PALETTE, advice
from directfanz.domains.creators.policy.places import COUNTRIES
from directfanz.domains.creators.service import lookup, page, pictures, studio
from directfanz.domains.creators.service.page import PageChange
from directfanz.domains.creators.service.studio import home_of
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse

SPARE_ROWS = 2
Kind = Literal["avatar", "banner"]


@get("/studio/{slug:str}/page", guards=[signed_in])
async def page_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    return await _editor(request, backends, await studio.enter(backends, caller, slug, "page"))


@post("/studio/{slug:str}/page/words", status_code=200, guards=[signed_in])
async def words_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    form, status = await read_form(request, WordsForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        wanted = PageChange(
            name=asked.name, slug=asked.slug, tagline=asked.tagline, about=asked.about, country=asked.country
        )
        try:
            changed = await page.change(backends, caller, entered.creator.id, wanted)
            return see_other(request, f"{home_of(changed)}/page", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _editor(request, backends, entered, status, words=form)


@post("/studio/{slug:str}/page/colour", status_code=200, guards=[signed_in])
async def colour_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    form, status = await read_form(request, ColourForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        accent = asked.own if asked.accent == "own" else asked.accent
        try:
            changed = await page.change(backends, caller, entered.creator.id, PageChange(accent=accent))
            told = advice(changed.accent)
            return see_other(
                request, f"{home_of(changed)}/page", told or "Your colour shows.", "info" if told else "done"
            )
        except DirectFanzError as error:
            status = refuse(form, error)
            form.refuse("own", form.errors.get("accent") or form.problem or error.message)
    return await _editor(request, backends, entered, status, colour=form)


@post("/studio/{slug:str}/page/links", status_code=200, guards=[signed_in])
async def links_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    form, status = await read_form(request, LinksForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        labels = [*asked.label, *([""] * len(asked.url))]
        rows = [Link(label=label, url=url) for label, url in zip(labels, asked.url, strict=False)]
        try:
            await page.set_links(backends, caller, entered.creator.id, [row for row in rows if row.url or row.label])
            return see_other(request, f"{entered.home}/page#links", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _editor(request, backends, entered, status, links=form)


@post("/studio/{slug:str}/page/{kind:str}", status_code=200, guards=[signed_in])
async def picture_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, kind: FromPath[Kind]
) -> Html:
    """For a browser without scripts; with one the picture is made small before it is sent."""
    entered = await studio.enter(backends, caller, slug, "page")
    form, status = await read_form(request, PictureForm), UNPROCESSABLE
    if form.value is not None and form.value.picture is None:
        form.refuse("picture", "Choose a picture first.")
    elif form.value is not None and form.value.picture is not None:
        try:
            await pictures.set_picture(backends, caller, entered.creator.id, kind, form.value.picture.data)
            return see_other(request, f"{entered.home}/page", "Your new picture shows.")
        except DirectFanzError as error:
            status = refuse(form, error)
    problem = form.errors.get("picture") or form.errors.get(kind) or form.problem
    return await _editor(request, backends, entered, status, picture_problems={kind: problem})


@post("/studio/{slug:str}/page/{kind:str}/remove", status_code=200, guards=[signed_in])
async def picture_remove(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, kind: FromPath[Kind]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    await pictures.remove_picture(backends, caller, entered.creator.id, kind)
    return see_other(request, f"{entered.home}/page", "The picture is gone.")


@post("/studio/{slug:str}/publish", status_code=200, guards=[signed_in])
async def publish_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    return await _moved(
        request, entered, page.publish(backends, caller, entered.creator.id), "Your page is public now."
    )


@post("/studio/{slug:str}/unpublish", status_code=200, guards=[signed_in])
async def unpublish_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    moving = page.unpublish(backends, caller, entered.creator.id)
    return await _moved(request, entered, moving, "Your page is a draft again. Publish it to undo this.")


async def _moved(request: Page, entered: studio.Studio, moving: Any, words: str) -> Html:
    try:
        await moving
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, entered.home, form.problem, "problem")
    return see_other(request, entered.home, words)


async def _editor(
    request: Page, backends: Backends, entered: studio.Studio, status: int = 200, *, words: Form[Any] | None = None,
    colour: Form[Any] | None = None, links: Form[Any] | None = None,
    picture_problems: dict[str, str | None] | None = None,
) -> Html:  # fmt: skip
    creator = entered.creator
    shown = await lookup.links_of(backends.database, creator.id)
    countries = [[code, name] for code, (name, _) in sorted(COUNTRIES.items(), key=lambda each: each[1][0])]
    return render(
        request, "creators/page.html", status, studio=entered, words=words or _words(creator), palette=PALETTE,
        colour=colour or Form.blank(accent=creator.accent), links=links or Form.blank(),
        rows=_rows(links, shown), countries=countries, picture_problems=picture_problems or {},
        own_colour=creator.accent not in dict(PALETTE),
    )  # fmt: skip


def _words(creator: Creator) -> Form[Any]:
    return Form.blank(
        name=creator.name, slug=creator.slug, tagline=creator.tagline, about=creator.about, country=creator.country
    )


def _rows(form: Form[Any] | None, links: list[Link]) -> list[tuple[str, str]]:
    """What was typed, or what is there, and some room for more."""
    if form is not None:
        urls, labels = form.raw.get("url") or [], form.raw.get("label") or []
        rows = list(zip([*labels, *[""] * len(urls)], urls, strict=False))
    else:
        rows = [(link.label, link.url) for link in links]
    return [*rows, *[("", "")] * SPARE_ROWS][:MOST_LINKS]


routes = [
    page_page, words_do, colour_do, links_do, picture_do, picture_remove, publish_do, unpublish_do,
]  # fmt: skip

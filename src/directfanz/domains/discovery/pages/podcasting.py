"""Where a page's team says what directories of podcasts ask."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from msgspec import Meta, structs

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.discovery.api.asking import Slug
from directfanz.domains.discovery.models import PodcastFacts
from directfanz.domains.discovery.service import feeds, podcasting
from directfanz.domains.discovery.service.feeds.categories import LANGUAGES, WITHIN
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, Upload, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]


class FactsForm(Input, frozen=True):
    category: Annotated[str, Meta(max_length=80)] = ""
    language: Annotated[str, Meta(max_length=10)] = "en"
    email: Annotated[str, Meta(max_length=254)] = ""
    explicit: bool = False


class CoverForm(Input, frozen=True):
    picture: Upload | None = None


@get("/studio/{slug:str}/page/podcast", guards=[signed_in])
async def podcast_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    return await _shown(request, backends, await studio.enter(backends, caller, slug, "page"))


@post("/studio/{slug:str}/page/podcast", status_code=200, guards=[signed_in])
async def podcast_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    form, status = await read_form(request, FactsForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        wanted = PodcastFacts(
            category=asked.category, language=asked.language, email=asked.email, explicit=asked.explicit
        )
        try:
            await podcasting.save(backends, caller, entered.creator.id, wanted)
            return see_other(request, f"{entered.home}/page/podcast", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _shown(request, backends, entered, form, status)


@post(
    "/studio/{slug:str}/page/podcast/cover",
    status_code=200,
    guards=[signed_in],
    opt=rate_limit("podcast-cover", per_minute=20),
)
async def cover_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    """For a browser without scripts; with one the picture is made small before it is sent."""
    entered = await studio.enter(backends, caller, slug, "page")
    form, status = await read_form(request, CoverForm), UNPROCESSABLE
    if form.value is not None and form.value.picture is None:
        form.refuse("picture", "Choose a picture first.")
    elif form.value is not None and form.value.picture is not None:
        try:
            await podcasting.set_cover(backends, caller, entered.creator.id, form.value.picture.data)
            return see_other(request, f"{entered.home}/page/podcast", "Your cover shows.")
        except DirectFanzError as error:
            status = refuse(form, error)
    problem = form.errors.get("picture") or form.problem
    return await _shown(request, backends, entered, status=status, cover_problem=problem)


@post("/studio/{slug:str}/page/podcast/cover/remove", status_code=200, guards=[signed_in])
async def cover_remove(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "page")
    await podcasting.remove_cover(backends, caller, entered.creator.id)
    return see_other(request, f"{entered.home}/page/podcast", "The cover is gone.")


async def _shown(
    request: Page, backends: Backends, entered: Studio, form: Form[Any] | None = None, status: int = 200,
    cover_problem: str | None = None,
) -> Html:  # fmt: skip
    async with backends.database.writing() as tx:
        facts = await podcasting.facts_of(tx, entered.creator.id)
    playing = len((await feeds.episodes(backends, entered.creator.slug)).episodes) if entered.creator.is_public else 0
    return render(
        request, "discovery/studio_podcast.html", status, studio=entered, facts=facts,
        form=form or Form.blank(**structs.asdict(facts)), cover_problem=cover_problem, episodes=playing,
        missing=_missing(entered, facts, playing), languages=list(LANGUAGES.items()),
        categories=[(main, [f"{main}: {each}" for each in within]) for main, within in WITHIN.items()],
        address=f"{backends.settings.site_url}{entered.creator.path}/podcast.xml",
    )  # fmt: skip


def _missing(entered: Studio, facts: PodcastFacts, episodes: int) -> list[str]:
    """What a directory would send back, in the order of the page."""
    wanted = [
        (facts.cover is not None, "a cover"),
        (bool(facts.category), "a category"),
        (bool(facts.email), "an address for mail from directories"),
        (entered.creator.is_public, "a page that is published"),
        (episodes > 0, "a post with a sound that is open to everybody"),
    ]
    return [words for there, words in wanted if not there]


routes = [podcast_page, podcast_do, cover_do, cover_remove]

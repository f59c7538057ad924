"""What a page collects for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.payments.pages.asking import GoalForm, Html, Page, Slug, day_in
from directfanz.domains.payments.service import goals
from directfanz.errors import DirectFanzError
from directfanz.http.amounts import amount_typed
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import refuse


@get("/studio/{slug:str}/money/goals", guards=[signed_in])
async def goals_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    return await _goals(request, backends, entered, Form.blank())


@post("/studio/{slug:str}/money/goals", status_code=200, guards=[signed_in])
async def goal_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    form, status = await read_form(request, GoalForm), 422
    if form.value is not None:
        try:
            target = amount_typed(form.value.target, entered.creator.currency, "target")
            asked, until = form.value, day_in(form.value.until, "until")
            await goals.create(backends, caller, entered.creator.id, asked.title, asked.about, target, until)
            return see_other(request, f"{entered.home}/money/goals", "Your fans can give to it now.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _goals(request, backends, entered, form, status)


@post("/studio/{slug:str}/money/goals/{goal_id:uuid}/close", status_code=200, guards=[signed_in])
async def close_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, goal_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "money")
    await goals.close(backends, caller, goal_id)
    return see_other(request, f"{entered.home}/money/goals", "It is closed. What was given stays.")


async def _goals(request: Page, backends: Backends, entered: studio.Studio, form: Form[Any], status: int = 200) -> Html:
    async with backends.database.reading() as reader:
        found = await goals.of_creator(backends, reader, entered.creator.id, only_open=False)
    return render(request, "payments/studio_goals.html", status, studio=entered, goals=found, form=form)


routes = [goals_page, goal_do, close_do]

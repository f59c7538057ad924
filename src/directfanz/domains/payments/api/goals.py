from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup, studio
from directfanz.domains.payments.api.views import WRITE, Amount, Slug
from directfanz.domains.payments.models import Goal
from directfanz.domains.payments.service import goals as collecting
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given

TAG = ["Money of a page"]


class NewGoal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    target: Amount
    about: Annotated[str, Meta(max_length=1000)] = ""
    ends_at: datetime | None = None


class ChangedGoal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    about: Annotated[str, Meta(max_length=1000)] = ""


@get("/creators/{slug:str}/goals", tags=TAG, summary="What a page collects for, and how far it is")
async def goals_of_page(backends: Given[Backends], slug: Slug) -> list[Goal]:
    async with backends.database.reading() as reader:
        creator = await lookup.public_by_slug(reader, slug)
        return await collecting.of_creator(backends, reader, creator.id)


@post("/creators/{slug:str}/goals", guards=[WRITE], tags=TAG, summary="Collect for something")
async def create_goal(backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[NewGoal]) -> Goal:
    entered = await studio.enter(backends, caller, slug, "money")
    return await collecting.create(
        backends, caller, entered.creator.id, data.title, data.about, data.target.money, data.ends_at
    )


@patch("/goals/{goal_id:uuid}", guards=[WRITE], tags=TAG, summary="Say it in other words")
async def change_goal(
    backends: Given[Backends], caller: Given[Caller], goal_id: FromPath[UUID], data: JSONBody[ChangedGoal]
) -> Goal:
    return await collecting.change(backends, caller, goal_id, data.title, data.about)


@post("/goals/{goal_id:uuid}/close", status_code=200, guards=[WRITE], tags=TAG, summary="Stop collecting")
async def close_goal(backends: Given[Backends], caller: Given[Caller], goal_id: FromPath[UUID]) -> Goal:
    return await collecting.close(backends, caller, goal_id)


routes = [goals_of_page, create_goal, change_goal, close_goal]

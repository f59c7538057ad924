"""Something that a creator collects for. How far it is comes from the orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.service import team
from directfanz.domains.payments.errors import AmountRefused, NoSuchGoal
from directfanz.domains.payments.models import Goal
from directfanz.domains.payments.repository import goals
from directfanz.errors import Conflict, Detail, InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money, money

OPEN_AT_MOST = 5
TITLE_CHARACTERS = 80
ABOUT_CHARACTERS = 1000


async def of_creator(reader: Reader, creator_id: UUID, *, only_open: bool = True) -> list[Goal]:
    return await goals.of_creator(reader, creator_id, only_open=only_open)


async def create(
    backends: Backends, caller: Caller, creator_id: UUID, title: str, about: str, target: Money, ends_at: datetime | None = None
) -> Goal:  # fmt: skip
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "money")
        _require_words(title, about)
        if target.currency != creator.currency or target.minor <= 0:
            problem = f"A goal is an amount of {creator.currency}, more than nothing."
            raise AmountRefused(problem, Detail("target", problem, f"Give an amount of {creator.currency}."))
        money(target.minor, target.currency)
        if len(await goals.of_creator(tx, creator_id, only_open=True)) >= OPEN_AT_MOST:
            raise Conflict(f"There are {OPEN_AT_MOST} open goals already. Close one first.")
        goal = Goal(
            id=new_id(), creator_id=creator_id, title=title.strip(), about=about.strip(), target=target,
            raised=Money(0, target.currency), givers=0, state="open", created_at=backends.clock.now(), ends_at=ends_at,
        )  # fmt: skip
        await goals.insert(tx, goal)
        return goal


async def change(backends: Backends, caller: Caller, goal_id: UUID, title: str, about: str) -> Goal:
    """The amount stays: people gave for it."""
    async with backends.database.writing() as tx:
        goal = _there(await goals.find(tx, goal_id))
        await team.require(tx, caller, goal.creator_id, "money")
        _require_words(title, about)
        new = msgspec.structs.replace(goal, title=title.strip(), about=about.strip())
        await goals.change(tx, new)
        return new


async def close(backends: Backends, caller: Caller, goal_id: UUID) -> Goal:
    async with backends.database.writing() as tx:
        goal = _there(await goals.find(tx, goal_id))
        await team.require(tx, caller, goal.creator_id, "money")
        await goals.close(tx, goal_id, backends.clock.now())
        return _there(await goals.find(tx, goal_id))


def _require_words(title: str, about: str) -> None:
    if not 1 <= len(title.strip()) <= TITLE_CHARACTERS:
        raise InvalidInput.in_field(
            "title", f"A title has 1 to {TITLE_CHARACTERS} characters.", "Say it in fewer words."
        )
    if len(about.strip()) > ABOUT_CHARACTERS:
        raise InvalidInput.in_field(
            "about", f"This is longer than {ABOUT_CHARACTERS} characters.", "Say it in fewer words."
        )


def _there(goal: Goal | None) -> Goal:
    if goal is None:
        raise NoSuchGoal("There is no such goal.")
    return goal

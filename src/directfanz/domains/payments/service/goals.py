"""Something that a creator collects for. How far it is comes from the orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.service import team
from directfanz.domains.payments.errors import AmountRefused, NoSuchGoal
from directfanz.domains.payments.models import Goal
from directfanz.domains.payments.repository import goals
from directfanz.domains.payments.service import telling
from directfanz.errors import Conflict, Detail, InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money, money

OPEN_AT_MOST = 5
LONGEST = timedelta(days=731)
TITLE_CHARACTERS = 80
ABOUT_CHARACTERS = 1000


async def of_creator(backends: Backends, reader: Reader, creator_id: UUID, *, only_open: bool = True) -> list[Goal]:
    return await goals.of_creator(reader, creator_id, backends.clock.now(), only_open=only_open)


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
        now = backends.clock.now()
        _require_ahead(ends_at, now)
        if len(await goals.of_creator(tx, creator_id, now, only_open=True)) >= OPEN_AT_MOST:
            raise Conflict(f"There are {OPEN_AT_MOST} open goals already. Close one first.")
        goal = Goal(
            id=new_id(), creator_id=creator_id, title=title.strip(), about=about.strip(), target=target,
            raised=Money(0, target.currency), givers=0, state="open", created_at=now, ends_at=ends_at,
        )  # fmt: skip
        await goals.insert(tx, goal)
        return goal


async def change(backends: Backends, caller: Caller, goal_id: UUID, title: str, about: str) -> Goal:
    """The amount stays: people gave for it."""
    async with backends.database.writing() as tx:
        goal = _there(await goals.find(tx, goal_id, backends.clock.now()))
        await team.require(tx, caller, goal.creator_id, "money")
        _require_words(title, about)
        new = msgspec.structs.replace(goal, title=title.strip(), about=about.strip())
        await goals.change(tx, new)
        return new


async def close(backends: Backends, caller: Caller, goal_id: UUID) -> Goal:
    async with backends.database.writing() as tx:
        goal = _there(await goals.find(tx, goal_id, backends.clock.now()))
        await team.require(tx, caller, goal.creator_id, "money")
        await goals.close(tx, goal_id, backends.clock.now())
        return _there(await goals.find(tx, goal_id, backends.clock.now()))


async def close_due(backends: Backends) -> None:
    """Their day has come: the creator hears how far it went. Nothing more could be given since that day."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        for goal_id in await goals.close_due(tx, now):
            await telling.goal_ended(backends, tx, _there(await goals.find(tx, goal_id, now)))


def _require_ahead(ends_at: datetime | None, now: datetime) -> None:
    if ends_at is not None and not now < ends_at <= now + LONGEST:
        raise InvalidInput.in_field(
            "until", "A goal ends on a day to come, two years from now at most.", "Choose another day, or none."
        )


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

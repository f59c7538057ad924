"""The people of a simulated year: creators with tiers and accounts, and fans in any number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.service import sign_up, verification
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import beginning, page, payout_account
from directfanz.domains.memberships.models import Tier
from directfanz.domains.memberships.service import tiers
from directfanz.domains.memberships.service.tiers import TierForm
from directfanz.http.caller import Caller
from tests.support.billing import Till

FORMS = (
    TierForm(name="Bronze", min_amount=300, pay_what_you_want=True, trial_days=7),
    TierForm(name="Silver", min_amount=800, suggested_amount=900, pay_what_you_want=True),
    TierForm(name="Gold", min_amount=2000, yearly_min_amount=20_000),
)


@dataclass(frozen=True)
class Page:
    creator: Creator
    owner: Caller
    tiers: list[Tier]


async def some_people(backends: Backends, name: str, count: int) -> list[Caller]:
    """Who signed up long ago."""
    people = [
        sign_up.new_person(backends, f"{name}{i}@example.com", f"{name}{i}", f"{name.title()} {i}")
        for i in range(count)
    ]
    for some in (people[i : i + 100] for i in range(0, count, 100)):
        async with backends.database.writing() as tx:
            for person in some:
                await sign_up.insert_person(tx, person)
                await verification.activate(tx, person, backends)
    return [_caller(backends, person) for person in people]


def _caller(backends: Backends, person: User) -> Caller:
    always = backends.clock.now() + timedelta(days=1000)
    return Caller(user_id=person.id, role="fan", handle=person.handle, name=person.display_name, fresh_until=always)


async def a_page(backends: Backends, till: Till, owner: Caller, number: int) -> Page:
    """Published, with three tiers, and with an account that can be paid."""
    wanted = beginning.NewPage(name=f"Workshop {number}", slug=f"workshop-{number}", country="US", currency="USD")
    creator = await beginning.begin(backends, owner, wanted)
    made = [await tiers.create(backends, owner, creator.id, form, "open") for form in FORMS]
    await payout_account.begin(backends, owner, creator.id)
    till.simulator.onboard(str(await account_of(backends, creator.id)))
    return Page(await page.publish(backends, owner, creator.id), owner, made)


async def account_of(backends: Backends, creator_id: UUID) -> str | None:
    found: str | None = await backends.database.fetch_value("SELECT account FROM creators WHERE id = $1", creator_id)
    return found


class Tally(msgspec.Struct):
    """What was done how often, and what was refused."""

    done: dict[str, int] = {}
    refused: dict[str, int] = {}

    def add(self, kind: str, problem: Exception | None = None) -> None:
        where = self.done if problem is None else self.refused
        name = kind if problem is None else f"{kind}: {type(problem).__name__}"
        where[name] = where.get(name, 0) + 1

"""A stage for stories about accounts: people with browsers, a mailbox, and a worker that works when it is told to.

ada = await stage.joined("ada")            # signed up, confirmed, signed in
await stage.work()                         # the worker does what waits
token = stage.newest_token(ada.email)      # of the newest letter to her
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn, Visitor
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.service import hashing, sign_in, sign_up, verification
from directfanz.domains.accounts.service.authentication import authenticate
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.accounts.service.sessions import open_session
from directfanz.http.caller import Caller, Role
from directfanz.processes.worker.jobs import JOBS
from directfanz.settings import Secret, Settings
from tests.support.mailbox import Mailbox, mailbox_opened, token_in

PASSWORD = "a walrus plays the cello at noon"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
_networks = itertools.count(1)


@cache
def _hashed() -> str:
    return hashing.HASHER.hash(PASSWORD)


@dataclass
class Browser:
    """What a browser keeps, and where it is."""

    address: str
    user_agent: str = FIREFOX
    session: str | None = None
    device: str | None = None
    sign_up: str | None = None

    @property
    def visitor(self) -> Visitor:
        return Visitor(address=self.address, user_agent=self.user_agent, device=self.device)

    def keep(self, signed_in: SignedIn) -> None:
        self.session, self.device = signed_in.cookie, signed_in.device_cookie


@dataclass
class Someone:
    name: str
    email: str
    handle: str
    browser: Browser
    password: str = PASSWORD
    user_id: UUID = field(default=UUID(int=0))


@dataclass
class Stage:
    backends: Backends
    clock: ManualClock
    mailbox: Mailbox
    works_on: str = ""  # how the names of the jobs begin that are done; all others are thrown away undone

    def browser(self) -> Browser:
        """Of a network of its own, so that nobody pays for the tries of others."""
        number = next(_networks)
        return Browser(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")

    def someone(self, name: str) -> Someone:
        mark = secrets.token_hex(4)
        return Someone(name.title(), f"{name}.{mark}@example.com", f"{name}_{mark}", self.browser())

    async def asked_to_join(self, name: str) -> Someone:
        who = self.someone(name)
        await self.sign_up(who)
        return who

    async def sign_up(self, who: Someone) -> None:
        form = sign_up.SignUp(email=who.email, password=who.password, display_name=who.name, handle=who.handle)
        started = await sign_up.sign_up(self.backends, form, who.browser.visitor)
        who.browser.sign_up = started.cookie

    async def joined(self, name: str, role: Role = "fan") -> Someone:
        """Signed in, as if they had signed up long ago: without the letter."""
        return await self._has_joined(name, role, _hashed())

    async def quickly(self, name: str) -> Someone:
        """The same, and without a password."""
        return await self._has_joined(name, "fan", None)

    async def joined_by_letter(self, name: str) -> Someone:
        """As the page does it."""
        who = await self.asked_to_join(name)
        await self.work()
        await self.verify(who, self.newest_token(who.email))
        return who

    async def _has_joined(self, name: str, role: Role, password: str | None) -> Someone:
        who = self.someone(name)
        person = msgspec.structs.replace(sign_up.new_person(self.backends, who.email, who.handle, who.name), role=role)
        async with changing(self.backends) as change:
            await sign_up.insert_person(change.tx, person)
            if password is not None:
                await users.set_password(change.tx, person.id, password, person.created_at)
            await verification.activate(change.tx, person, self.backends)
            who.browser.keep(await open_session(change, person, "password", who.browser.visitor))
        who.user_id = person.id
        return who

    async def verify(self, who: Someone, token: str) -> None:
        done = await verification.verify_email(
            self.backends, token, who.browser.visitor, sign_up_cookie=who.browser.sign_up
        )
        who.browser.keep(done)
        who.user_id = done.user_id

    async def give_role(self, who: Someone, role: Role) -> None:
        """As an operator would at the command line; then the person signs in again."""
        async with self.backends.database.writing() as tx:
            await tx.execute("UPDATE users SET role = $2 WHERE id = $1", who.user_id, role)
        await self.sign_in(who)

    async def sign_in(self, who: Someone, browser: Browser | None = None, password: str | None = None) -> Browser:
        browser = browser or who.browser
        done = await sign_in.sign_in(
            self.backends, who.email, password or who.password, browser.visitor, browser.session
        )
        assert isinstance(done, SignedIn), done
        browser.keep(done)
        return browser

    async def sign_in_halfway(self, who: Someone, browser: Browser) -> str:
        done = await sign_in.sign_in(self.backends, who.email, who.password, browser.visitor, browser.session)
        assert isinstance(done, SecondFactorNeeded), done
        return done.ticket

    async def who_is(self, browser: Browser) -> Caller | None:
        return await authenticate(self.backends, browser.session, None, browser.address, browser.user_agent)

    async def caller(self, who: Someone | Browser) -> Caller:
        browser = who if isinstance(who, Browser) else who.browser
        found = await self.who_is(browser)
        assert found is not None, "nobody is signed in there"
        return found

    async def by_token(self, secret: str) -> Caller | None:
        return await authenticate(self.backends, None, secret, "192.0.2.1", "curl/8")

    async def work(self) -> int:
        """Does every job that is due, in order."""
        kinds = {job.name: job for job in JOBS}
        done = 0
        while True:
            async with self.backends.database.writing() as tx:
                rows = await tx.fetch(
                    """DELETE FROM procrastinate_jobs WHERE task_name = ANY($1) AND status = 'todo'
                       AND (scheduled_at IS NULL OR scheduled_at <= $2) RETURNING id, task_name, args::text""",
                    list(kinds), self.clock.now(),
                )  # fmt: skip
            if not rows:
                return done
            for row in sorted(rows, key=lambda each: each["id"]):
                job = kinds[row["task_name"]]
                if not job.name.startswith(self.works_on):
                    continue
                arguments = msgspec.json.decode(row["args"])
                await job.run(self.backends, msgspec.convert(arguments["payload"], job.payload))
                done += 1

    def newest_token(self, address: str) -> str:
        letters = self.mailbox.to(address)
        assert letters, f"no letter to {address}"
        return token_in(letters[-1])

    async def later(self, **by: float) -> None:
        await self.clock.advance(timedelta(**by))


@asynccontextmanager
async def stage_set(settings: Settings, clock: ManualClock) -> AsyncIterator[Stage]:
    async with mailbox_opened() as mailbox:
        settings = msgspec.structs.replace(settings, smtp_url=Secret(mailbox.url))
        async with opened(settings, service="test", clock=clock) as backends:
            await backends.storage.ensure_buckets()
            stage = Stage(backends, clock, mailbox)
            await stage.work()
            mailbox.clear()
            yield stage

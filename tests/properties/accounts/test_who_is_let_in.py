"""The lifecycle of accounts and sessions against a small model of it.

Whatever people, thieves, administrators, time and a forgetful cache do, in any order: a cookie or token opens exactly the
account it was made for, exactly as long as the model says, and nothing else opens anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.accounts.errors import LinkInvalid, SignInRefused, Suspended
from directfanz.domains.accounts.models import LINK_LIVES, SESSION_LIVES
from directfanz.domains.accounts.service import access_tokens, admin, passwords, sessions
from directfanz.errors import RateLimited
from directfanz.settings import Settings
from tests.support.accounts import Browser, Someone, Stage, stage_set

T = TypeVar("T")
WHY = "A story for a test"


@dataclass
class Open:
    """A session as the model knows it."""

    cookie: str
    browser: Browser
    fresh_until: datetime
    ended: bool = False


@dataclass
class Token:
    secret: str
    id: Any
    expires: datetime
    revoked: bool = False


@dataclass
class Link:
    token: str
    expires: datetime
    spent: bool = False


@dataclass
class Account:
    who: Someone
    suspended: bool = False
    sessions: list[Open] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    old_passwords: list[str] = field(default_factory=list)

    @property
    def live(self) -> list[Open]:
        return [each for each in self.sessions if not each.ended]

    def end_all(self, besides: Open | None = None) -> None:
        for each in self.sessions:
            each.ended = each.ended or each is not besides


class WhoIsLetIn(RuleBasedStateMachine):
    runner: asyncio.Runner
    stage: Stage
    olu: Someone
    count = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    @initialize()
    def two_people_join(self) -> None:
        self.accounts = [Account(self.do(self.stage.joined(name))) for name in ("ada", "cy")]
        for account in self.accounts:
            self.remember(account, account.who.browser)

    def remember(self, account: Account, browser: Browser) -> Open:
        opened = Open(browser.session or "", browser, self.now + timedelta(minutes=15))
        account.sessions.append(opened)
        return opened

    def fresh(self, account: Account) -> Open | None:
        """A session that was confirmed lately."""
        return next((each for each in account.live if self.now < each.fresh_until), None)

    def caller(self, opened: Open) -> Any:
        caller = self.do(self.stage.who_is(Browser("192.0.2.1", session=opened.cookie)))
        assert caller is not None
        return caller

    which = st.integers(0, 1)

    @rule(at=which)
    def signs_in(self, at: int) -> None:
        account = self.accounts[at]
        browser = Browser(self.stage.browser().address, device=account.who.browser.device)
        try:
            self.do(self.stage.sign_in(account.who, browser))
        except Suspended:
            assert account.suspended
            return
        assert not account.suspended
        self.remember(account, browser)

    @rule(at=which, data=st.data())
    def somebody_tries_a_wrong_password(self, at: int, data: st.DataObject) -> None:
        account = self.accounts[at]
        other = self.accounts[1 - at]
        guesses = ["a guess of a stranger", *account.old_passwords]
        guesses += [other.who.password] if other.who.password != account.who.password else []
        with pytest.raises((SignInRefused, RateLimited)):
            self.do(self.stage.sign_in(account.who, self.stage.browser(), data.draw(st.sampled_from(guesses))))

    @precondition(lambda self: any(account.live for account in self.accounts))
    @rule(data=st.data())
    def signs_out(self, data: st.DataObject) -> None:
        opened = data.draw(st.sampled_from([each for account in self.accounts for each in account.live]))
        self.do(sessions.sign_out(self.stage.backends, opened.cookie))
        opened.ended = True

    @precondition(lambda self: any(account.live for account in self.accounts))
    @rule(data=st.data())
    def signs_out_the_others(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from([each for each in self.accounts if each.live]))
        opened = data.draw(st.sampled_from(account.live))
        self.do(sessions.revoke_other_sessions(self.stage.backends, self.caller(opened)))
        account.end_all(besides=opened)

    @precondition(lambda self: any(account.live for account in self.accounts))
    @rule(data=st.data())
    def confirms(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from([each for each in self.accounts if each.live]))
        opened = data.draw(st.sampled_from(account.live))
        cookie = self.do(passwords.confirm(self.stage.backends, self.caller(opened), password=account.who.password))
        self.replace(account, opened, cookie)

    @precondition(lambda self: any(account.live for account in self.accounts))
    @rule(data=st.data())
    def changes_the_password(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from([each for each in self.accounts if each.live]))
        opened = data.draw(st.sampled_from(account.live))
        new = self.new_password()
        cookie = self.do(passwords.change_password(self.stage.backends, self.caller(opened), account.who.password, new))
        account.end_all(besides=opened)
        self.replace(account, opened, cookie)
        self.password_is(account, new)

    @rule(at=which)
    def asks_for_a_reset(self, at: int) -> None:
        account = self.accounts[at]
        self.stage.mailbox.clear()
        self.do(passwords.forgot_password(self.stage.backends, account.who.email, self.stage.browser().visitor))
        self.do(self.stage.work())
        found = [each for each in self.stage.mailbox.to(account.who.email) if "Choose a new" in str(each["Subject"])]
        if found:  # a mailbox gets only so many an hour
            token = self.stage.newest_token(account.who.email)
            account.links.append(Link(token, self.now + LINK_LIVES["reset"]))

    @precondition(lambda self: any(account.links for account in self.accounts))
    @rule(data=st.data())
    def opens_a_reset_link(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from([each for each in self.accounts if each.links]))
        link = data.draw(st.sampled_from(account.links))
        new = self.new_password()
        reset = passwords.reset_password(self.stage.backends, link.token, new, account.who.browser.visitor)
        if link.spent or self.now >= link.expires:
            with pytest.raises(LinkInvalid):
                self.do(reset)
            return
        account.who.browser.device = self.do(reset)
        for each in account.links:
            each.spent = True
        account.end_all()
        self.password_is(account, new)

    @precondition(lambda self: any(self.fresh(account) for account in self.accounts))
    @rule(data=st.data(), days=st.integers(1, 60))
    def makes_a_token(self, data: st.DataObject, days: int) -> None:
        account = data.draw(st.sampled_from([each for each in self.accounts if self.fresh(each)]))
        opened = self.fresh(account)
        assert opened is not None
        caller = self.caller(opened)
        made = self.do(access_tokens.make_token(self.stage.backends, caller, "Script", ["profile:read"], days))
        account.tokens.append(Token(made.secret, made.token.id, made.token.expires_at))

    @precondition(lambda self: any(account.live and account.tokens for account in self.accounts))
    @rule(data=st.data())
    def revokes_a_token(self, data: st.DataObject) -> None:
        account = data.draw(st.sampled_from([each for each in self.accounts if each.live and each.tokens]))
        token = data.draw(st.sampled_from(account.tokens))
        if not token.revoked:
            self.do(access_tokens.revoke_token(self.stage.backends, self.caller(account.live[0]), token.id))
            token.revoked = True

    @rule(at=which)
    def is_suspended_or_let_in_again(self, at: int) -> None:
        account = self.accounts[at]
        self.do(self.stage.sign_in(self.olu))
        caller = self.do(self.stage.caller(self.olu))
        if account.suspended:
            self.do(admin.unsuspend(self.stage.backends, caller, account.who.user_id))
        else:
            self.do(admin.suspend(self.stage.backends, caller, account.who.user_id, WHY))
            account.end_all()
        account.suspended = not account.suspended

    @rule(by=st.sampled_from([timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=3), timedelta(days=8)]))
    def time_goes_by(self, by: timedelta) -> None:
        self.do(self.stage.clock.advance(by))

    @rule()
    def a_month_goes_by(self) -> None:
        self.do(self.stage.clock.advance(SESSION_LIVES))
        for account in self.accounts:
            account.end_all()

    @rule()
    def the_cache_forgets_everything(self) -> None:
        self.do(self.stage.backends.cache.command("FLUSHDB", key="any"))

    @invariant()
    def what_opens_is_what_the_model_says(self) -> None:
        for account in getattr(self, "accounts", []):
            for opened in account.sessions:
                found = self.do(self.stage.who_is(Browser("192.0.2.1", session=opened.cookie)))
                assert (found is not None) == (not opened.ended), opened
                assert found is None or found.user_id == account.who.user_id
            for token in account.tokens:
                found = self.do(self.stage.by_token(token.secret))
                opens = not token.revoked and not account.suspended and self.now < token.expires
                assert (found is not None) == opens, token
                assert found is None or (found.user_id, found.session_id) == (account.who.user_id, None)

    def replace(self, account: Account, opened: Open, cookie: str) -> None:
        """The old cookie of a renewed session opens nothing."""
        opened.ended = True
        browser = Browser(opened.browser.address, session=cookie)
        self.remember(account, browser)

    def password_is(self, account: Account, new: str) -> None:
        account.old_passwords.append(account.who.password)
        account.who.password = new
        for each in account.links:
            each.spent = True

    def new_password(self) -> str:
        type(self).count += 1
        return f"password of the day, number {self.count}"


def test_who_is_let_in(settings: Settings, clock: ManualClock) -> None:
    with asyncio.Runner() as runner:
        opening = stage_set(settings, clock)
        stage = runner.run(opening.__aenter__())
        try:
            olu = runner.run(stage.joined("olu", "admin"))
            machine = type("Machine", (WhoIsLetIn,), {"runner": runner, "stage": stage, "olu": olu})
            run_state_machine_as_test(
                machine,
                settings=hypothesis_settings(
                    max_examples=25, stateful_step_count=25, deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
        finally:
            runner.run(opening.__aexit__(None, None, None))

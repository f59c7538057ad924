"""Two-step sign-in: codes of an app, and printed ones."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pyotp
import pytest

from directfanz.domains.accounts.errors import CodeRefused, LinkInvalid, SignInRefused, StateChanged
from directfanz.domains.accounts.service import lockout, passwords, second_factor, security, sign_in
from directfanz.errors import NotFound, RateLimited
from tests.support.accounts import PASSWORD, Browser, Someone, Stage


class Phone:
    def __init__(self, stage: Stage, secret: str) -> None:
        self._app, self._clock = pyotp.TOTP(secret), stage.clock

    def code(self, steps: int = 0) -> str:
        return self._app.at(self._clock.now() + timedelta(seconds=30 * steps))


async def with_app(stage: Stage) -> tuple[Someone, Phone, list[str]]:
    ada = await stage.joined("ada")
    setup = await second_factor.begin_totp(stage.backends, await stage.caller(ada))
    phone = Phone(stage, setup.secret)
    on = await second_factor.confirm_totp(stage.backends, await stage.caller(ada), phone.code())
    ada.browser.session = on.cookie
    await stage.later(minutes=1)
    return ada, phone, on.recovery_codes


async def give(stage: Stage, who: Someone, browser: Browser, code: str) -> None:
    ticket = await stage.sign_in_halfway(who, browser)
    browser.keep(await sign_in.give_code(stage.backends, ticket, code, browser.visitor))


async def test_the_set_up_shows_a_picture_a_link_and_the_secret(stage: Stage) -> None:
    ada = await stage.joined("ada")
    setup = await second_factor.begin_totp(stage.backends, await stage.caller(ada))
    assert setup.qr_svg.startswith("<svg")
    assert setup.secret in setup.uri
    assert "DirectFanz" in setup.uri
    async with stage.backends.database.reading() as reader:
        row = await reader.fetch_row("SELECT sealed, confirmed_at FROM totp WHERE user_id = $1", ada.user_id)
    assert row is not None
    assert setup.secret.encode() not in row["sealed"]
    assert row["confirmed_at"] is None


async def test_until_the_first_code_nothing_is_on(stage: Stage) -> None:
    ada = await stage.joined("ada")
    await second_factor.begin_totp(stage.backends, await stage.caller(ada))
    with pytest.raises(CodeRefused):
        await second_factor.confirm_totp(stage.backends, await stage.caller(ada), "000000")
    await stage.sign_in(ada)


async def test_the_password_alone_opens_nothing_any_more(stage: Stage) -> None:
    ada, phone, _ = await with_app(stage)
    browser = stage.browser()
    ticket = await stage.sign_in_halfway(ada, browser)
    assert await stage.who_is(browser) is None
    assert await stage.who_is(Browser("192.0.2.1", session=ticket)) is None
    await give(stage, ada, browser, phone.code())
    assert (await stage.caller(browser)).user_id == ada.user_id


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_clock_a_little_off_is_forgiven(stage: Stage, steps: int) -> None:
    ada, phone, _ = await with_app(stage)
    await give(stage, ada, stage.browser(), phone.code(steps))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000 ", "\0" * 6, "x" * 40])
async def test_other_codes_are_refused(stage: Stage, code: str) -> None:
    ada, _, _ = await with_app(stage)
    with pytest.raises(CodeRefused):
        await give(stage, ada, stage.browser(), code)


@pytest.mark.parametrize("steps", [-2, 2])
async def test_a_clock_far_off_is_not(stage: Stage, steps: int) -> None:
    ada, phone, _ = await with_app(stage)
    with pytest.raises(CodeRefused):
        await give(stage, ada, stage.browser(), phone.code(steps))


async def test_a_code_opens_once_and_none_before_it_does(stage: Stage) -> None:
    ada, phone, _ = await with_app(stage)
    code, before = phone.code(), phone.code(-1)
    await give(stage, ada, stage.browser(), code)
    for used in (code, before):
        with pytest.raises(CodeRefused):
            await give(stage, ada, stage.browser(), used)
    await stage.later(seconds=30)
    await give(stage, ada, stage.browser(), phone.code())


async def test_the_code_that_switched_it_on_opens_nothing(stage: Stage) -> None:
    ada = await stage.joined("ada")
    setup = await second_factor.begin_totp(stage.backends, await stage.caller(ada))
    code = Phone(stage, setup.secret).code()
    await second_factor.confirm_totp(stage.backends, await stage.caller(ada), code)
    with pytest.raises(CodeRefused):
        await give(stage, ada, stage.browser(), code)


async def test_one_code_in_two_hands_at_once_opens_once(stage: Stage) -> None:
    ada, phone, _ = await with_app(stage)
    code = phone.code()
    outcomes = await asyncio.gather(
        *(give(stage, ada, stage.browser(), code) for _ in range(4)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, CodeRefused) for outcome in outcomes) == 3


async def test_a_printed_code_opens_once(stage: Stage) -> None:
    ada, _, codes = await with_app(stage)
    assert len(set(codes)) == 10
    typed = codes[0].lower().replace("-", " ")
    await give(stage, ada, stage.browser(), typed)
    with pytest.raises(CodeRefused):
        await give(stage, ada, stage.browser(), codes[0])
    assert (await security.security_of(stage.backends, await stage.caller(ada))).recovery_codes_left == 9
    await stage.work()
    assert "A recovery code was used" in stage.mailbox.subjects(ada.email)


async def test_a_printed_code_in_two_hands_at_once_opens_once(stage: Stage) -> None:
    ada, _, codes = await with_app(stage)
    outcomes = await asyncio.gather(
        *(give(stage, ada, stage.browser(), codes[3]) for _ in range(4)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1


async def test_somebody_elses_printed_code_opens_nothing(stage: Stage) -> None:
    ada, _, _ = await with_app(stage)
    _, _, others = await with_app(stage)
    with pytest.raises(CodeRefused):
        await give(stage, ada, stage.browser(), others[0])


async def test_new_codes_end_the_old_ones(stage: Stage) -> None:
    ada, _, codes = await with_app(stage)
    fresh = await second_factor.new_recovery_codes(stage.backends, await stage.caller(ada))
    with pytest.raises(CodeRefused):
        await give(stage, ada, stage.browser(), codes[0])
    await give(stage, ada, stage.browser(), fresh[0])


async def test_guessing_codes_is_slowed_down_and_the_owner_is_told(stage: Stage) -> None:
    ada, phone, _ = await with_app(stage)
    stage.mailbox.clear()
    thief = stage.browser()
    for i in range(lockout.FREE_TRIES):
        with pytest.raises(CodeRefused):
            await give(stage, ada, thief, f"{i:06}")
    with pytest.raises(RateLimited):
        await give(stage, ada, thief, phone.code())
    await stage.work()
    assert "Somebody knows your password for DirectFanz" in stage.mailbox.subjects(ada.email)
    await give(stage, ada, ada.browser, phone.code())


async def test_a_ticket_ages_and_ends_with_the_password(stage: Stage) -> None:
    ada, phone, _ = await with_app(stage)
    browser = stage.browser()
    ticket = await stage.sign_in_halfway(ada, browser)
    await passwords.change_password(stage.backends, await stage.caller(ada), PASSWORD, "twelve owls read the news")
    with pytest.raises(SignInRefused):
        await sign_in.give_code(stage.backends, ticket, phone.code(), browser.visitor)
    ada.password = "twelve owls read the news"
    ticket = await stage.sign_in_halfway(ada, browser)
    await stage.later(minutes=10)
    for text in (ticket, "", "nonsense", ticket[:-1]):
        with pytest.raises(LinkInvalid):
            await sign_in.give_code(stage.backends, text, phone.code(), browser.visitor)


async def test_a_reset_does_not_skip_the_second_step(stage: Stage) -> None:
    ada, _, _ = await with_app(stage)
    await passwords.forgot_password(stage.backends, ada.email, ada.browser.visitor)
    await stage.work()
    token = stage.newest_token(ada.email)
    await passwords.reset_password(stage.backends, token, "twelve owls read the news", ada.browser.visitor)
    ada.password = "twelve owls read the news"
    await stage.sign_in_halfway(ada, ada.browser)


async def test_switched_off_the_password_is_enough_again(stage: Stage) -> None:
    ada, _, codes = await with_app(stage)
    ada.browser.session = await second_factor.switch_off_totp(stage.backends, await stage.caller(ada))
    await stage.sign_in(ada)
    with pytest.raises(NotFound):
        await second_factor.switch_off_totp(stage.backends, await stage.caller(ada))
    assert (await security.security_of(stage.backends, await stage.caller(ada))).recovery_codes_left == 0
    assert codes


async def test_it_is_not_set_up_over_one_that_is_on(stage: Stage) -> None:
    ada, _, _ = await with_app(stage)
    with pytest.raises(StateChanged):
        await second_factor.begin_totp(stage.backends, await stage.caller(ada))


async def test_a_code_confirms_that_it_is_still_her(stage: Stage) -> None:
    ada, phone, _ = await with_app(stage)
    await stage.later(minutes=20)
    caller = await stage.caller(ada)
    ada.browser.session = await passwords.confirm(stage.backends, caller, code=phone.code())
    assert (await stage.caller(ada)).is_fresh(stage.clock.now())
    with pytest.raises(CodeRefused):
        await passwords.confirm(stage.backends, await stage.caller(ada), code=phone.code())

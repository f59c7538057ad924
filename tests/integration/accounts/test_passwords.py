"""Passwords forgotten, changed and removed; the address changed and put back."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.domains.accounts.errors import EmailTaken, LastWayIn, LinkInvalid, SignInRefused, StateChanged
from directfanz.domains.accounts.service import access_tokens, email_change, hashing, passwords
from directfanz.errors import Forbidden, InvalidInput, RateLimited
from directfanz.http.caller import ConfirmFirst
from tests.support.accounts import PASSWORD, Browser, Someone, Stage
from tests.support.mailbox import token_in

NEW = "twelve owls read the news"


async def reset_token(stage: Stage, who: Someone) -> str:
    await passwords.forgot_password(stage.backends, who.email.title(), stage.browser().visitor)
    await stage.work()
    return stage.newest_token(who.email)


async def test_a_reset_gives_a_new_password_and_ends_every_session(stage: Stage) -> None:
    ada, phone = await stage.joined("ada"), stage.browser()
    await stage.sign_in(ada, phone)
    await passwords.reset_password(stage.backends, await reset_token(stage, ada), NEW, stage.browser().visitor)
    assert [await stage.who_is(each) for each in (ada.browser, phone)] == [None, None]
    with pytest.raises(SignInRefused):
        await stage.sign_in(ada, stage.browser())
    await stage.sign_in(ada, password=NEW)
    await stage.work()
    assert "Your password for DirectFanz was changed" in stage.mailbox.subjects(ada.email)


async def test_nobody_learns_whether_an_address_has_an_account(stage: Stage) -> None:
    """The same rows and jobs; argon2 is not asked either way."""
    ada, nobody = await stage.joined("ada"), stage.someone("nobody")
    seen = []
    for who in (ada, nobody):
        async with stage.backends.database.reading() as reader:
            jobs = await reader.fetch_value("SELECT count(*) FROM procrastinate_jobs")
            rows = await reader.fetch_value("SELECT count(*) FROM email_requests")
        done = hashing.PASSWORDS.done
        await passwords.forgot_password(stage.backends, who.email, stage.browser().visitor)
        async with stage.backends.database.reading() as reader:
            seen.append((
                await reader.fetch_value("SELECT count(*) FROM procrastinate_jobs") - jobs,
                await reader.fetch_value("SELECT count(*) FROM email_requests") - rows,
                hashing.PASSWORDS.done - done,
            ))  # fmt: skip
    assert seen == [(1, 1, 0), (1, 1, 0)]
    await stage.work()
    assert stage.mailbox.to(nobody.email) == []


async def test_a_reset_link_works_once_and_for_an_hour(stage: Stage) -> None:
    ada = await stage.joined("ada")
    first, second = await reset_token(stage, ada), await reset_token(stage, ada)
    await passwords.reset_password(stage.backends, first, NEW, ada.browser.visitor)
    for spent in (first, second):
        with pytest.raises(LinkInvalid):
            await passwords.reset_password(stage.backends, spent, "another one entirely", ada.browser.visitor)
    third = await reset_token(stage, ada)
    await stage.later(hours=1)
    with pytest.raises(LinkInvalid):
        await passwords.reset_password(stage.backends, third, "another one entirely", ada.browser.visitor)
    await stage.sign_in(ada, password=NEW)


async def test_a_link_for_one_purpose_does_not_serve_another(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await stage.work()
    with pytest.raises(LinkInvalid):
        await passwords.reset_password(stage.backends, stage.newest_token(ada.email), NEW, ada.browser.visitor)
    with pytest.raises(LinkInvalid):
        await email_change.undo_email_change(stage.backends, stage.newest_token(ada.email))
    await stage.verify(ada, stage.newest_token(ada.email))
    with pytest.raises(LinkInvalid):
        await stage.verify(ada, await reset_token(stage, ada))


async def test_two_resets_at_once_set_one_password(stage: Stage) -> None:
    ada = await stage.joined("ada")
    token = await reset_token(stage, ada)
    wished = [f"wish number {i} of a few" for i in range(4)]
    outcomes = await asyncio.gather(
        *(passwords.reset_password(stage.backends, token, wish, ada.browser.visitor) for wish in wished),
        return_exceptions=True,
    )
    (won,) = [i for i, outcome in enumerate(outcomes) if isinstance(outcome, str)]
    await stage.sign_in(ada, password=wished[won])


async def test_who_signs_in_while_the_password_changes_is_not_left_inside(stage: Stage) -> None:
    """However the two interleave: no session opened with the old password is live afterwards."""
    ada = await stage.joined("ada")
    for i in range(6):
        token, thief = await reset_token(stage, ada), stage.browser()
        thief.device = ada.browser.device
        await stage.later(hours=2)
        token = await reset_token(stage, ada)
        new = f"a new password, number {i}"
        outcomes = await asyncio.gather(
            stage.sign_in(ada, thief),
            passwords.reset_password(stage.backends, token, new, ada.browser.visitor),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], str)
        assert await stage.who_is(thief) is None
        ada.password = new


async def test_a_reset_proves_the_address_of_somebody_who_never_confirmed_it(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await passwords.reset_password(stage.backends, await reset_token(stage, ada), NEW, ada.browser.visitor)
    await stage.sign_in(ada, password=NEW)


@pytest.mark.parametrize(
    "password", ["", "short", "password1234", "Passw0rd!!", "qwertyuiop", "aaaaaaaaaaaa", "x" * 201, "Ada forever 99"]
)
async def test_easy_passwords_are_refused_and_the_link_still_works(stage: Stage, password: str) -> None:
    ada = stage.someone("ada")
    ada.name = "Adaline"
    await stage.sign_up(ada)
    await stage.work()
    await stage.verify(ada, stage.newest_token(ada.email))
    token = await reset_token(stage, ada)
    with pytest.raises(InvalidInput) as caught:
        await passwords.reset_password(stage.backends, token, password.replace("Ada", "adaline"), ada.browser.visitor)
    assert caught.value.details[0].field == "password"
    await passwords.reset_password(stage.backends, token, NEW, ada.browser.visitor)


async def test_changing_it_takes_the_old_one_and_signs_out_the_others(stage: Stage) -> None:
    ada, phone = await stage.joined("ada"), stage.browser()
    await stage.sign_in(ada, phone)
    caller = await stage.caller(ada)
    old = Browser("192.0.2.1", session=ada.browser.session)
    with pytest.raises(InvalidInput):
        await passwords.change_password(stage.backends, caller, "not the old one", NEW)
    with pytest.raises(InvalidInput):
        await passwords.change_password(stage.backends, caller, None, NEW)
    ada.browser.session = await passwords.change_password(stage.backends, caller, PASSWORD, NEW)
    assert await stage.who_is(ada.browser) is not None
    assert [await stage.who_is(each) for each in (phone, old)] == [None, None]


async def test_a_left_open_browser_cannot_try_passwords_for_ever(stage: Stage) -> None:
    ada = await stage.joined("ada")
    caller = await stage.caller(ada)
    for i in range(5):
        with pytest.raises(InvalidInput):
            await passwords.confirm(stage.backends, caller, password=f"a guess, number {i}")
    with pytest.raises(RateLimited):
        await passwords.confirm(stage.backends, caller, password=PASSWORD)


async def test_the_only_way_in_cannot_be_removed(stage: Stage) -> None:
    ada = await stage.joined("ada")
    with pytest.raises(LastWayIn):
        await passwords.remove_password(stage.backends, await stage.caller(ada))


async def change_email(stage: Stage, who: Someone, to: str) -> str:
    """Asked, confirmed; gives the token that undoes it."""
    await email_change.ask_to_change_email(stage.backends, await stage.caller(who), to)
    await stage.work()
    await email_change.confirm_email_change(stage.backends, await stage.caller(who), stage.newest_token(to))
    await stage.work()
    return stage.newest_token(who.email)


async def test_a_new_address_is_used_once_it_is_confirmed(stage: Stage) -> None:
    ada, new = await stage.joined("ada"), stage.someone("new").email
    await email_change.ask_to_change_email(stage.backends, await stage.caller(ada), new)
    await stage.work()
    await stage.sign_in(ada)
    await email_change.confirm_email_change(stage.backends, await stage.caller(ada), stage.newest_token(new))
    with pytest.raises(SignInRefused):
        await stage.sign_in(ada)
    ada.email = new
    await stage.sign_in(ada)


async def test_the_owner_of_an_address_cannot_be_made_to_confirm_somebody_elses_account(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    wanted = stage.someone("ada.at.work").email
    await email_change.ask_to_change_email(stage.backends, await stage.caller(cy), wanted)
    await stage.work()
    with pytest.raises(Forbidden):
        await email_change.confirm_email_change(stage.backends, await stage.caller(ada), stage.newest_token(wanted))


async def test_an_address_that_has_an_account_is_told_by_mail_alone(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    stage.mailbox.clear()
    await email_change.ask_to_change_email(stage.backends, await stage.caller(cy), ada.email)
    await stage.work()
    assert stage.mailbox.subjects(ada.email) == ["You already have an account at DirectFanz"]


async def test_of_two_who_want_one_address_the_first_to_confirm_has_it(stage: Stage) -> None:
    ada, cy, new = await stage.joined("ada"), await stage.joined("cy"), stage.someone("new").email
    for who in (ada, cy):
        await email_change.ask_to_change_email(stage.backends, await stage.caller(who), new)
    await stage.work()
    adas, cys = (token_in(letter) for letter in stage.mailbox.to(new))
    await email_change.confirm_email_change(stage.backends, await stage.caller(cy), cys)
    with pytest.raises(EmailTaken):
        await email_change.confirm_email_change(stage.backends, await stage.caller(ada), adas)


async def test_the_old_address_undoes_what_a_thief_did(stage: Stage) -> None:
    """Cy sits at Ada's open browser, moves the account to his address, makes a token, and moves it once more."""
    ada = await stage.joined("ada")
    first, second = stage.someone("thief").email, stage.someone("thief.again").email
    undo = await change_email(stage, ada, first)
    made = await access_tokens.make_token(stage.backends, await stage.caller(ada), "mine now", ["profile:read"], 90)
    old, ada.email = ada.email, first
    his_undo = await change_email(stage, ada, second)
    reset = await email_change.undo_email_change(stage.backends, undo)
    assert await stage.who_is(ada.browser) is None
    assert await stage.by_token(made.secret) is None
    with pytest.raises(LinkInvalid):
        await email_change.undo_email_change(stage.backends, his_undo)
    ada.email = old
    await passwords.reset_password(stage.backends, reset, NEW, ada.browser.visitor)
    await stage.sign_in(ada, password=NEW)
    with pytest.raises(LinkInvalid):
        await email_change.undo_email_change(stage.backends, undo)


async def test_delicate_changes_ask_for_a_fresh_confirmation(stage: Stage) -> None:
    ada = await stage.joined("ada")
    await stage.later(minutes=16)
    caller = await stage.caller(ada)
    for act in (
        email_change.ask_to_change_email(stage.backends, caller, "new@example.com"),
        passwords.remove_password(stage.backends, caller),
        access_tokens.make_token(stage.backends, caller, "a", ["profile:read"], 1),
    ):
        with pytest.raises(ConfirmFirst):
            await act


async def test_a_password_that_changed_meanwhile_is_not_changed_again(stage: Stage) -> None:
    ada = await stage.joined("ada")
    caller = await stage.caller(ada)
    outcomes = await asyncio.gather(
        *(passwords.change_password(stage.backends, caller, PASSWORD, f"{NEW} {i}") for i in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert all(isinstance(each, str | StateChanged | InvalidInput) for each in outcomes)

"""Signing up: the link and whoever knows the password make an account; nothing tells whether one was there."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.domains.accounts.errors import (
    EmailTaken,
    HandleTaken,
    LinkInvalid,
    PasswordNeeded,
    SignInRefused,
    VerifyFirst,
)
from directfanz.domains.accounts.models import LINK_LIVES
from directfanz.domains.accounts.service import hashing, profile, sign_in, sign_up, verification
from directfanz.errors import InvalidInput, NotFound, RateLimited
from tests.support.accounts import PASSWORD, Stage
from tests.support.mailbox import html_of, text_of, token_in


async def test_ada_signs_up_reads_her_mail_and_is_in(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    assert await stage.who_is(ada.browser) is None
    await stage.work()
    await stage.verify(ada, stage.newest_token(ada.email))
    caller = await stage.caller(ada)
    assert (caller.handle, caller.name, caller.role) == (ada.handle, "Ada", "fan")
    assert caller.is_fresh(stage.clock.now())


async def test_before_she_confirms_nobody_sees_her(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    with pytest.raises(NotFound):
        await profile.person_called(stage.backends.database, ada.handle)
    with pytest.raises(VerifyFirst):
        await stage.sign_in(ada)


async def test_the_letter_has_both_forms_and_nothing_a_stranger_typed(stage: Stage) -> None:
    ada = stage.someone("ada")
    ada.name = "Win money at evil.example <b>now</b>"
    await stage.sign_up(ada)
    await stage.work()
    (letter,) = stage.mailbox.to(ada.email)
    for text in (text_of(letter), html_of(letter)):
        assert token_in(letter) in text
        assert "evil" not in text
        assert ada.handle not in text


async def test_the_job_queue_and_the_table_hold_no_way_in(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    async with stage.backends.database.reading() as reader:
        jobs = await reader.fetch("SELECT args::text AS text FROM procrastinate_jobs WHERE status = 'todo'")
        requests = await reader.fetch(
            "SELECT to_jsonb(r)::text AS text FROM email_requests r WHERE email = $1", ada.email
        )
    await stage.work()
    token = stage.newest_token(ada.email)
    assert requests
    for row in [*jobs, *requests]:
        assert token not in row["text"]
        assert token[22:] not in row["text"]


async def test_in_another_browser_the_link_asks_for_the_password(stage: Stage) -> None:
    """Somebody signs up with an address that is not theirs and hopes that its owner clicks."""
    ada = await stage.asked_to_join("ada")
    await stage.work()
    token, elsewhere = stage.newest_token(ada.email), stage.browser()
    with pytest.raises(PasswordNeeded):
        await verification.verify_email(stage.backends, token, elsewhere.visitor)
    with pytest.raises(SignInRefused):
        await verification.verify_email(stage.backends, token, elsewhere.visitor, password="not what she chose")
    done = await verification.verify_email(stage.backends, token, elsewhere.visitor, password=PASSWORD)
    elsewhere.keep(done)
    assert (await stage.caller(elsewhere)).handle == ada.handle


async def test_another_persons_sign_up_cookie_is_no_proof(stage: Stage) -> None:
    ada, cy = await stage.asked_to_join("ada"), await stage.asked_to_join("cy")
    await stage.work()
    with pytest.raises(PasswordNeeded):
        await verification.verify_email(
            stage.backends, stage.newest_token(ada.email), cy.browser.visitor, sign_up_cookie=cy.browser.sign_up
        )


async def test_a_link_works_once(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await stage.work()
    token = stage.newest_token(ada.email)
    await stage.verify(ada, token)
    with pytest.raises(LinkInvalid):
        await stage.verify(ada, token)


async def test_two_verifications_at_once_give_one_session(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await stage.work()
    token = stage.newest_token(ada.email)
    outcomes = await asyncio.gather(*(stage.verify(ada, token) for _ in range(5)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, LinkInvalid) for outcome in outcomes)


async def test_a_link_ages(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await stage.work()
    await stage.clock.advance(LINK_LIVES["verify"])
    with pytest.raises(LinkInvalid):
        await stage.verify(ada, stage.newest_token(ada.email))


async def test_an_altered_link_opens_nothing(stage: Stage) -> None:
    ada, cy = await stage.asked_to_join("ada"), await stage.asked_to_join("cy")
    await stage.work()
    token, others = stage.newest_token(ada.email), stage.newest_token(cy.email)
    swapped = token[:30] + ("B" if token[30] == "A" else "A") + token[31:]
    for altered in (token[:-2], swapped, "", "é" * 20, token * 3, others[:21] + token[21:], "%00", " " + token):
        with pytest.raises(LinkInvalid):
            await stage.verify(ada, altered)
    await stage.verify(ada, token)


async def test_the_second_link_works_and_takes_the_first_along(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await stage.work()
    first = stage.newest_token(ada.email)
    await sign_up.resend_verification(stage.backends, ada.email, ada.browser.visitor)
    await stage.work()
    second = stage.newest_token(ada.email)
    assert first != second
    await stage.verify(ada, second)
    with pytest.raises(LinkInvalid):
        await stage.verify(ada, first)


async def test_an_address_is_the_same_in_any_case(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await sign_up.resend_verification(stage.backends, ada.email.upper(), ada.browser.visitor)
    await stage.work()
    await stage.verify(ada, stage.newest_token(ada.email))


@pytest.mark.parametrize(("locale", "timezone"), [("xx", "Mars/Olympus"), ("", ""), ("de", "../../etc/passwd")])
async def test_what_a_browser_says_of_itself_is_not_trusted(stage: Stage, locale: str, timezone: str) -> None:
    ada = stage.someone("ada")
    form = sign_up.SignUp(
        email=ada.email, password=ada.password, display_name="Ada", handle=ada.handle, locale=locale, timezone=timezone
    )
    ada.browser.sign_up = (await sign_up.sign_up(stage.backends, form, ada.browser.visitor)).cookie
    await stage.work()
    await stage.verify(ada, stage.newest_token(ada.email))
    assert (await stage.caller(ada)).timezone == "UTC"


async def test_somebody_who_has_an_account_is_told_by_mail_alone(stage: Stage) -> None:
    ada = await stage.joined("ada")
    again = stage.someone("again")
    again.email = ada.email.upper().replace("EXAMPLE.COM", "example.com")
    stage.mailbox.clear()
    await stage.sign_up(again)
    await stage.work()
    (subject,) = stage.mailbox.subjects(ada.email)
    assert "already" in subject
    await stage.sign_in(ada)


async def test_signing_up_does_the_same_work_whether_or_not_the_address_is_known(stage: Stage) -> None:
    """Counted, not timed: runs of argon2, rows and jobs."""
    ada = await stage.joined("ada")
    known, unknown = stage.someone("known"), stage.someone("unknown")
    known.email = ada.email

    async def work_of(who: object) -> tuple[int, int, int]:
        async def counts() -> tuple[int, int, int]:
            async with stage.backends.database.reading() as reader:
                jobs = await reader.fetch_value("SELECT count(*) FROM procrastinate_jobs")
                rows = await reader.fetch_value(
                    "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM email_requests)"
                )
            return hashing.PASSWORDS.done, jobs, rows

        before = await counts()
        await stage.sign_up(who)  # type: ignore[arg-type]
        after = await counts()
        return after[0] - before[0], after[1] - before[1], after[2] - before[2]

    assert await work_of(known) == await work_of(unknown) == (1, 1, 2)


async def test_a_handle_tells_nothing_of_the_address_it_was_asked_with(stage: Stage) -> None:
    """Who signs up with Ada's address and a new handle finds the handle taken afterwards, as with any address."""
    ada = await stage.joined("ada")
    for address in (ada.email, "nobody.at.all@example.com"):
        probe = stage.someone("probe")
        probe.email = address
        await stage.sign_up(probe)
        other = stage.someone("other")
        other.handle = probe.handle
        with pytest.raises(HandleTaken):
            await stage.sign_up(other)


async def test_an_attempt_by_somebody_else_does_not_touch_the_owners(stage: Stage) -> None:
    """Cy signs up with Ada's address first. She signs up as well: her link gives her account with her password."""
    cy = stage.someone("cy")
    ada = stage.someone("ada")
    cy.email, cy.password = ada.email, "what cy alone knows of it"
    await stage.sign_up(cy)
    await stage.sign_up(ada)
    await stage.work()
    cys, adas = (token_in(letter) for letter in stage.mailbox.to(ada.email))
    with pytest.raises(PasswordNeeded):
        await verification.verify_email(stage.backends, cys, ada.browser.visitor, sign_up_cookie=ada.browser.sign_up)
    await stage.verify(ada, adas)
    with pytest.raises(SignInRefused):
        await sign_in.sign_in(stage.backends, ada.email, cy.password, cy.browser.visitor)
    with pytest.raises(EmailTaken):
        await stage.verify(cy, cys)


async def test_two_people_want_one_handle_at_once(stage: Stage) -> None:
    first, second = stage.someone("first"), stage.someone("second")
    second.handle = first.handle.upper()
    outcomes = await asyncio.gather(stage.sign_up(first), stage.sign_up(second), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["HandleTaken", "NoneType"]


async def test_all_mistakes_are_told_at_once(stage: Stage) -> None:
    form = sign_up.SignUp(email="no address", password="short", display_name=" ", handle="a b")
    with pytest.raises(InvalidInput) as caught:
        await sign_up.sign_up(stage.backends, form, stage.browser().visitor)
    assert [detail.field for detail in caught.value.details] == ["email", "handle", "display_name", "password"]
    assert all(detail.problem for detail in caught.value.details)


async def test_one_network_signs_up_only_so_often(stage: Stage) -> None:
    browser = stage.browser()
    for _ in range(sign_up.SIGN_UPS_PER_HOUR):
        who = stage.someone("many")
        who.browser = browser
        await stage.sign_up(who)
    with pytest.raises(RateLimited) as caught:
        await stage.sign_up(who)
    assert (caught.value.retry_after_seconds or 0) > 0
    await stage.sign_up(stage.someone("elsewhere"))


async def test_a_mailbox_is_not_flooded(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    for _ in range(12):
        await sign_up.resend_verification(stage.backends, ada.email, stage.browser().visitor)
    await stage.work()
    assert len(stage.mailbox.to(ada.email)) == 5
    await stage.verify(ada, stage.newest_token(ada.email))

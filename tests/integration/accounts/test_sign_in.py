"""Signing in with a password: who gets in, who does not, and that a refusal tells nothing."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher

from directfanz.domains.accounts.errors import SignInRefused, VerifyFirst
from directfanz.domains.accounts.models import SignedIn
from directfanz.domains.accounts.service import hashing, lockout, passwords, sign_in
from directfanz.domains.accounts.service.hashing import BoundedPool
from directfanz.errors import RateLimited, Unavailable
from tests.support.accounts import PASSWORD, Browser, Someone, Stage
from tests.support.meanwhile import until


async def attempt(stage: Stage, who: Someone, browser: Browser, password: str) -> str:
    try:
        done = await sign_in.sign_in(stage.backends, who.email, password, browser.visitor, browser.session)
    except (SignInRefused, RateLimited) as error:
        return type(error).__name__
    assert isinstance(done, SignedIn)
    browser.keep(done)
    return "in"


async def test_the_right_password_opens_and_a_wrong_one_does_not(stage: Stage) -> None:
    ada, elsewhere = await stage.joined("ada"), stage.browser()
    assert await attempt(stage, ada, elsewhere, "not her password at all") == "SignInRefused"
    assert await stage.who_is(elsewhere) is None
    assert await attempt(stage, ada, elsewhere, PASSWORD) == "in"
    assert (await stage.caller(elsewhere)).user_id == ada.user_id


@pytest.mark.parametrize("typed", ["  {} ", "{}"])
async def test_the_address_may_be_typed_in_any_case(stage: Stage, typed: str) -> None:
    ada = await stage.joined("ada")
    ada.email = typed.format(ada.email.upper())
    assert await attempt(stage, ada, stage.browser(), PASSWORD) == "in"


async def test_refusals_look_the_same_and_cost_the_same(stage: Stage) -> None:
    ada, nobody = await stage.joined("ada"), stage.someone("nobody")
    seen = []
    for who in (ada, nobody):
        before = hashing.PASSWORDS.done
        with pytest.raises(SignInRefused) as caught:
            await sign_in.sign_in(stage.backends, who.email, "a wrong password", stage.browser().visitor)
        seen.append((hashing.PASSWORDS.done - before, caught.value.message, caught.value.code, caught.value.details))
    assert seen[0] == seen[1]
    assert seen[0][0] == 1


@pytest.mark.parametrize(
    "address", ["", "no address", "a@b", "x" * 5000, "ada@example.com\0", "ада@пример.рф", "'; --"]
)
async def test_strange_addresses_are_refused_like_any_other(stage: Stage, address: str) -> None:
    with pytest.raises(SignInRefused):
        await sign_in.sign_in(stage.backends, address, "whatever it is", stage.browser().visitor)


@pytest.mark.parametrize("password", ["", "\0", "x" * 100_000, "\ud800", "é" * 300])
async def test_strange_passwords_are_refused_like_any_other(stage: Stage, password: str) -> None:
    ada = await stage.joined("ada")
    assert await attempt(stage, ada, stage.browser(), password) == "SignInRefused"


async def test_a_sign_in_gives_a_new_session_and_ends_the_one_before(stage: Stage) -> None:
    ada = await stage.joined("ada")
    old = Browser(ada.browser.address, session=ada.browser.session)
    await stage.sign_in(ada)
    assert old.session != ada.browser.session
    assert await stage.who_is(old) is None
    assert await stage.who_is(ada.browser) is not None


async def test_a_planted_session_cookie_is_not_taken_over(stage: Stage) -> None:
    """Cy plants his cookie in Ada's browser. She signs in: she has a session of her own, and his has ended."""
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    ada.browser.session = cy.browser.session
    await stage.sign_in(ada)
    assert (await stage.caller(ada)).user_id == ada.user_id
    assert await stage.who_is(cy.browser) is None


async def test_guessing_gets_slower_and_slower(stage: Stage) -> None:
    ada = await stage.joined("ada")
    outcomes = [await attempt(stage, ada, stage.browser(), f"wrong guess {i}") for i in range(8)]
    assert outcomes == ["SignInRefused"] * lockout.FREE_TRIES + ["RateLimited"] * 3
    waits = []
    for i in range(9):
        with pytest.raises(RateLimited) as caught:
            await sign_in.sign_in(stage.backends, ada.email, "one more guess", stage.browser().visitor)
        waits.append(caught.value.retry_after_seconds or 0)
        await stage.later(seconds=waits[-1])
        assert await attempt(stage, ada, stage.browser(), f"patient guess {i}") == "SignInRefused"
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]


async def test_a_thousand_guesses_at_once_are_no_more_than_one_after_the_other(stage: Stage) -> None:
    ada = await stage.joined("ada")
    guesses = [attempt(stage, ada, stage.browser(), f"guess number {i}") for i in range(40)]
    outcomes = await asyncio.gather(*guesses)
    assert outcomes.count("SignInRefused") == lockout.FREE_TRIES
    assert outcomes.count("RateLimited") == 40 - lockout.FREE_TRIES


async def test_who_does_not_exist_is_slowed_down_alike(stage: Stage) -> None:
    nobody = stage.someone("nobody")
    outcomes = [await attempt(stage, nobody, stage.browser(), f"guess {i}") for i in range(7)]
    assert outcomes == ["SignInRefused"] * lockout.FREE_TRIES + ["RateLimited"] * 2


async def test_guessing_never_keeps_the_owners_browser_out(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for i in range(12):
        await attempt(stage, ada, stage.browser(), f"guess {i}")
    assert await attempt(stage, ada, stage.browser(), PASSWORD) == "RateLimited"
    assert await attempt(stage, ada, ada.browser, PASSWORD) == "in"


async def test_a_known_browser_is_slowed_down_too(stage: Stage) -> None:
    """A stolen device cookie allows a few guesses, not endless ones."""
    ada = await stage.joined("ada")
    thief = Browser("192.0.2.77", device=ada.browser.device)
    outcomes = [await attempt(stage, ada, thief, f"guess {i}") for i in range(7)]
    assert outcomes == ["SignInRefused"] * lockout.FREE_TRIES + ["RateLimited"] * 2


async def test_a_device_cookie_counts_only_for_whom_it_was_made(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    for i in range(7):
        await attempt(stage, ada, stage.browser(), f"guess {i}")
    cy.browser.session = None
    assert await attempt(stage, ada, cy.browser, PASSWORD) == "RateLimited"


async def test_the_reset_link_brings_the_owner_back_at_once(stage: Stage) -> None:
    ada, cafe = await stage.joined("ada"), stage.browser()
    for i in range(7):
        await attempt(stage, ada, stage.browser(), f"guess {i}")
    await passwords.forgot_password(stage.backends, ada.email, cafe.visitor)
    await stage.work()
    token = stage.newest_token(ada.email)
    cafe.device = await passwords.reset_password(stage.backends, token, "twelve owls read the news", cafe.visitor)
    for i in range(20):
        await attempt(stage, ada, stage.browser(), f"more guesses {i}")
    assert await attempt(stage, ada, cafe, "twelve owls read the news") == "in"


async def test_the_owner_is_warned_once(stage: Stage) -> None:
    ada = await stage.joined("ada")
    stage.mailbox.clear()
    for i in range(14):
        while await attempt(stage, ada, stage.browser(), f"guess {i}") == "RateLimited":
            await stage.later(minutes=15)
    await stage.work()
    assert [subject for subject in stage.mailbox.subjects(ada.email) if "tries to sign in" in subject]
    assert len(stage.mailbox.to(ada.email)) == 1


async def test_a_day_later_the_count_begins_anew(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for i in range(7):
        await attempt(stage, ada, stage.browser(), f"guess {i}")
    await stage.later(hours=25)
    outcomes = [await attempt(stage, ada, stage.browser(), f"guess {i}") for i in range(6)]
    assert outcomes == ["SignInRefused"] * lockout.FREE_TRIES + ["RateLimited"]


async def test_one_network_tries_only_so_often_over_all_accounts(stage: Stage) -> None:
    browser = stage.browser()
    outcomes = []
    for _ in range(lockout.NETWORK_TRIES + 3):
        outcomes.append(await attempt(stage, stage.someone("spray"), browser, "Summer2026!"))
    assert outcomes[: lockout.NETWORK_TRIES] == ["SignInRefused"] * lockout.NETWORK_TRIES
    assert set(outcomes[lockout.NETWORK_TRIES :]) == {"RateLimited"}


async def test_an_old_hash_is_made_anew_at_the_next_sign_in(stage: Stage) -> None:
    ada = await stage.joined("ada")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE passwords SET hash = $2 WHERE user_id = $1", ada.user_id, weak)
    await stage.sign_in(ada, stage.browser())
    async with stage.backends.database.reading() as reader:
        known = await reader.fetch_value("SELECT hash FROM passwords WHERE user_id = $1", ada.user_id)
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await stage.sign_in(ada, stage.browser())


async def test_a_password_may_be_typed_composed_or_not(stage: Stage) -> None:
    ada = stage.someone("ada")
    ada.password = "caf\u00e9 m\u00fcnchen am abend"
    await stage.sign_up(ada)
    await stage.work()
    await stage.verify(ada, stage.newest_token(ada.email))
    assert await attempt(stage, ada, stage.browser(), "cafe\u0301 mu\u0308nchen am abend") == "in"


async def test_a_new_browser_is_told_by_mail_and_a_known_one_is_not(stage: Stage) -> None:
    ada = await stage.joined("ada")
    stage.mailbox.clear()
    await stage.sign_in(ada)
    await stage.work()
    assert stage.mailbox.to(ada.email) == []
    await stage.sign_in(ada, stage.browser())
    await stage.work()
    (letter,) = stage.mailbox.to(ada.email)
    assert "Firefox on Linux" in letter.as_string()


async def test_not_confirmed_is_only_told_to_who_knows_the_password(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    assert await attempt(stage, ada, stage.browser(), "not the password") == "SignInRefused"
    with pytest.raises(VerifyFirst):
        await stage.sign_in(ada)
    await stage.work()
    assert len(stage.mailbox.to(ada.email)) == 2


async def test_too_many_at_once_are_told_to_come_back() -> None:
    pool = BoundedPool("small", threads=1, most_waiting=1)
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()

    held = [asyncio.create_task(pool.run(wait)) for _ in range(2)]
    await until(lambda: pool.in_hand == 2)
    with pytest.raises(Unavailable) as caught:
        await pool.run(wait)
    assert caught.value.retry_after_seconds
    release.set()
    await asyncio.gather(*held)
    assert pool.in_hand == 0
    await pool.run(lambda: None)

"""Where somebody is signed in: remembered, listed, renewed, revoked; through a lost cache and races."""

from __future__ import annotations

import asyncio
import secrets
from uuid import UUID

import msgspec
import pytest

from directfanz.domains.accounts.events import SESSION_REVOKED, SessionRevoked
from directfanz.domains.accounts.models import SESSION_LIVES, SESSION_LIVES_AT_MOST, SESSIONS_PER_PERSON
from directfanz.domains.accounts.service import memory, passwords, profile, sessions
from directfanz.domains.accounts.service.authentication import SESSION_PURPOSE, authenticate
from directfanz.domains.accounts.service.change import FORGET_SESSIONS, ForgetSessions
from directfanz.domains.accounts.service.secrets import token_hash
from directfanz.errors import Forbidden, NotFound, NotSignedIn
from tests.support.accounts import PASSWORD, Browser, Someone, Stage


def token_of(stage: Stage, browser: Browser) -> str:
    token = stage.backends.tokens.verify(SESSION_PURPOSE, browser.session or "", stage.clock.now())
    assert token is not None
    return token


def key_of(stage: Stage, browser: Browser) -> str:
    return memory.key_of(token_hash(token_of(stage, browser)))


async def row_of(stage: Stage, who: Someone) -> dict[str, object]:
    async with stage.backends.database.reading() as reader:
        return dict(await reader.fetch_row("SELECT * FROM sessions WHERE user_id = $1", who.user_id) or {})


async def test_a_lost_cache_signs_nobody_out(stage: Stage) -> None:
    ada = await stage.joined("ada")
    before = await stage.caller(ada)
    await stage.backends.cache.command("FLUSHDB", key="any")
    assert await stage.caller(ada) == before
    assert await stage.backends.cache.get(key_of(stage, ada.browser)) is not None


async def test_the_usual_way_reads_the_cache_and_not_the_database(stage: Stage) -> None:
    """The row is changed behind the cache's back: within the minute nobody looks."""
    ada = await stage.joined("ada")
    before = await stage.caller(ada)
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", ada.user_id)
    assert await stage.caller(ada) == before
    await stage.later(seconds=60)
    assert await stage.who_is(ada.browser) is None


async def test_neither_cache_nor_table_holds_what_opens(stage: Stage) -> None:
    ada = await stage.joined("ada")
    await stage.caller(ada)
    token = token_of(stage, ada.browser)
    row, entry = await row_of(stage, ada), await stage.backends.cache.get(key_of(stage, ada.browser))
    assert row["token_hash"] == token_hash(token)
    assert entry is not None
    assert token not in str(row) + str(entry) + key_of(stage, ada.browser)
    assert len(token) == 43  # 256 bits


@pytest.mark.parametrize("what", ["", "x", "a.b.c", "é", ".", "x" * 10_000])
async def test_made_up_cookies_open_nothing(stage: Stage, what: str) -> None:
    assert await authenticate(stage.backends, what, None, "192.0.2.1", "") is None
    assert await authenticate(stage.backends, None, what, "192.0.2.1", "") is None


async def test_a_well_signed_token_of_no_session_opens_nothing(stage: Stage) -> None:
    signer = stage.backends.tokens
    assert (
        await authenticate(stage.backends, signer.sign(SESSION_PURPOSE, secrets.token_urlsafe()), None, "", "") is None
    )


async def test_a_token_signed_for_another_purpose_opens_nothing(stage: Stage) -> None:
    ada = await stage.joined("ada")
    cookie = stage.backends.tokens.sign("device", token_of(stage, ada.browser))
    assert await authenticate(stage.backends, cookie, None, "", "") is None
    assert await authenticate(stage.backends, None, token_of(stage, ada.browser), "", "") is None
    assert await authenticate(stage.backends, token_of(stage, ada.browser), None, "", "") is None


async def test_it_lives_thirty_days_after_the_last_visit(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for _ in range(3):
        await stage.clock.advance(SESSION_LIVES * 0.9)
        assert await stage.who_is(ada.browser) is not None
    await stage.clock.advance(SESSION_LIVES)
    assert await stage.who_is(ada.browser) is None


async def test_it_lives_a_year_at_most(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for _ in range(24):
        await stage.clock.advance(SESSION_LIVES_AT_MOST / 25)
        assert await stage.who_is(ada.browser) is not None
    await stage.clock.advance(SESSION_LIVES_AT_MOST / 25)
    assert await stage.who_is(ada.browser) is None


async def test_visits_are_written_down_at_most_once_a_minute(stage: Stage) -> None:
    ada = await stage.joined("ada")
    seen = []
    for _ in range(7):
        await stage.later(seconds=20)
        await stage.caller(ada)
        seen.append((await row_of(stage, ada))["last_seen_at"])
    assert len(set(seen)) == 3


async def test_ada_sees_her_browsers_and_signs_one_out_from_another(stage: Stage) -> None:
    ada = await stage.joined("ada")
    phone = await stage.sign_in(
        ada,
        Browser("2001:db8:1:2:3::4", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"),
    )  # fmt: skip
    listed = await sessions.list_sessions(stage.backends, await stage.caller(ada))
    assert {(each.device, each.address_prefix) for each in listed} == {
        ("Firefox on Linux", sessions.prefix_of(ada.browser.address)), ("Safari on iOS", "2001:db8:1::/48"),
    }  # fmt: skip
    on_phone = next(each for each in listed if "Safari" in each.device)
    await sessions.revoke_session(stage.backends, await stage.caller(ada), on_phone.id)
    assert await stage.who_is(phone) is None
    assert await stage.who_is(ada.browser) is not None
    with pytest.raises(NotFound):
        await sessions.revoke_session(stage.backends, await stage.caller(ada), on_phone.id)


async def test_cy_cannot_end_adas_session(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    (adas,) = await sessions.list_sessions(stage.backends, await stage.caller(ada))
    with pytest.raises(NotFound):
        await sessions.revoke_session(stage.backends, await stage.caller(cy), adas.id)
    assert await stage.who_is(ada.browser) is not None


async def test_all_others_are_signed_out_at_once(stage: Stage) -> None:
    ada = await stage.joined("ada")
    others = [await stage.sign_in(ada, stage.browser()) for _ in range(3)]
    assert await sessions.revoke_other_sessions(stage.backends, await stage.caller(ada)) == 3
    assert [await stage.who_is(each) for each in others] == [None, None, None]
    assert await stage.who_is(ada.browser) is not None


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(stage: Stage) -> None:
    ada = await stage.joined("ada")
    copy = Browser("192.0.2.9", session=ada.browser.session)
    await sessions.sign_out(stage.backends, ada.browser.session)
    assert await stage.who_is(copy) is None
    await stage.backends.cache.command("FLUSHDB", key="any")
    assert await stage.who_is(copy) is None
    for again in (ada.browser.session, None, "", "nonsense"):
        await sessions.sign_out(stage.backends, again)


async def test_one_person_has_only_so_many_sessions(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for _ in range(SESSIONS_PER_PERSON):
        await stage.later(seconds=1)
        last = await stage.sign_in(ada, stage.browser())
    assert len(await sessions.list_sessions(stage.backends, await stage.caller(last))) == SESSIONS_PER_PERSON
    assert await stage.who_is(ada.browser) is None


async def test_open_sockets_are_told(stage: Stage) -> None:
    ada = await stage.joined("ada")
    phone = await stage.sign_in(ada, stage.browser())
    on_phone = (await stage.caller(phone)).session_id
    async with stage.backends.cache.subscribe(SESSION_REVOKED) as heard:
        await sessions.revoke_other_sessions(stage.backends, await stage.caller(ada))
        async with asyncio.timeout(5):
            _, message = await anext(aiter(heard))
    told = msgspec.json.decode(message, type=SessionRevoked)
    assert (told.user, str(told.session)) == (ada.user_id, on_phone)


async def test_a_reader_that_was_late_does_not_bring_a_revoked_session_back(stage: Stage) -> None:
    """A request read the row, the session was revoked, then the request writes what it read."""
    ada = await stage.joined("ada")
    hashed = token_hash(token_of(stage, ada.browser))
    entry = memory.decode(await stage.backends.cache.get(memory.key_of(hashed)) or b"")
    if entry is None:
        await stage.caller(ada)
        entry = memory.decode(await stage.backends.cache.get(memory.key_of(hashed)) or b"")
    assert entry is not None
    await sessions.sign_out(stage.backends, ada.browser.session)
    await memory.keep(stage.backends, hashed, entry)
    assert await stage.who_is(ada.browser) is None


async def test_the_worker_forgets_what_the_process_could_not(stage: Stage) -> None:
    """It died between the commit and the cache: the job, committed with the change, does the rest."""
    ada = await stage.joined("ada")
    caller = await stage.caller(ada)
    hashed = token_hash(token_of(stage, ada.browser))
    payload = ForgetSessions([(ada.user_id, UUID(caller.session_id), hashed.hex())])
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", ada.user_id)
        await stage.backends.jobs.enqueue(tx, FORGET_SESSIONS, payload)
    assert await stage.who_is(ada.browser) is not None
    await stage.work()
    assert await stage.who_is(ada.browser) is None
    await FORGET_SESSIONS.run(stage.backends, payload)
    assert await stage.who_is(ada.browser) is None


async def test_every_revocation_leaves_a_job(stage: Stage) -> None:
    ada = await stage.joined("ada")
    await stage.work()
    await sessions.sign_out(stage.backends, ada.browser.session)
    assert await stage.work() == 1


async def test_confirming_gives_the_session_another_token(stage: Stage) -> None:
    ada = await stage.joined("ada")
    await stage.later(minutes=16)
    caller = await stage.caller(ada)
    assert not caller.is_fresh(stage.clock.now())
    old = Browser("192.0.2.1", session=ada.browser.session)
    ada.browser.session = await passwords.confirm(stage.backends, caller, password=PASSWORD)
    again = await stage.caller(ada)
    assert again.is_fresh(stage.clock.now())
    assert again.session_id == caller.session_id
    assert await stage.who_is(old) is None
    await sessions.sign_out(stage.backends, ada.browser.session)
    with pytest.raises(NotSignedIn):
        await passwords.confirm(stage.backends, again, password=PASSWORD)


async def test_a_changed_name_is_seen_at_once(stage: Stage) -> None:
    ada = await stage.joined("ada")
    wanted = profile.ProfileChange(display_name="Ada of Tomorrow", theme="dark")
    await profile.change_profile(stage.backends, await stage.caller(ada), wanted)
    caller = await stage.caller(ada)
    assert (caller.name, caller.theme) == ("Ada of Tomorrow", "dark")


async def test_an_access_token_cannot_manage_sessions(stage: Stage) -> None:
    ada = await stage.joined("ada")
    caller = msgspec.structs.replace(await stage.caller(ada), session_id=None, scopes=frozenset({"profile:write"}))
    with pytest.raises(Forbidden):
        await sessions.revoke_other_sessions(stage.backends, caller)

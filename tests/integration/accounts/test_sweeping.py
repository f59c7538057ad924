"""What the worker sweeps away when its time is over, and what it leaves; and what a person's export tells."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from directfanz.domains.accounts.jobs import SWEEP, Sweep
from directfanz.domains.accounts.service import access_tokens, own_data, profile, second_factor
from directfanz.domains.accounts.service.profile import ProfileChange
from tests.support.accounts import PASSWORD, Stage


async def count(stage: Stage, table: str, **where: object) -> int:
    (column, value), = where.items()  # fmt: skip
    async with stage.backends.database.reading() as reader:
        counted: int = await reader.fetch_value(f"SELECT count(*) FROM {table} WHERE {column} = $1", value)
    return counted


async def test_an_attempt_that_nobody_confirmed_frees_its_handle(stage: Stage) -> None:
    ada = await stage.asked_to_join("ada")
    await stage.clock.advance(timedelta(hours=47))
    await SWEEP.run(stage.backends, Sweep())
    assert await count(stage, "users", handle=ada.handle) == 1
    await stage.clock.advance(timedelta(hours=2))
    await SWEEP.run(stage.backends, Sweep())
    assert await count(stage, "users", handle=ada.handle) == 0
    await stage.sign_up(ada)


async def test_ended_sessions_links_and_tokens_go_after_a_month(stage: Stage) -> None:
    ada = await stage.joined_by_letter("ada")
    await access_tokens.make_token(stage.backends, await stage.caller(ada), "a", ["profile:read"], 1)
    await profile.change_profile(stage.backends, await stage.caller(ada), ProfileChange(handle=f"{ada.handle}_b"))
    await stage.clock.advance(timedelta(days=29))
    await SWEEP.run(stage.backends, Sweep())
    for table in ("sessions", "email_requests", "access_tokens", "past_handles"):
        assert await count(stage, table, user_id=ada.user_id) == 1, table
    await stage.clock.advance(timedelta(days=33))
    await SWEEP.run(stage.backends, Sweep())
    for table in ("sessions", "email_requests", "access_tokens", "past_handles"):
        assert await count(stage, table, user_id=ada.user_id) == 0, table
    await stage.sign_in(ada)


async def test_the_export_tells_all_and_gives_no_key_away(stage: Stage) -> None:
    ada = await stage.joined("ada")
    caller = await stage.caller(ada)
    made = await access_tokens.make_token(stage.backends, caller, "My script", ["profile:read"], 1)
    setup = await second_factor.begin_totp(stage.backends, caller)
    async with stage.backends.database.reading() as reader:
        told = msgspec.json.encode(await own_data.tell(reader, ada.user_id)).decode()
        hashed = await reader.fetch_value("SELECT hash FROM passwords WHERE user_id = $1", ada.user_id)
    for known in (ada.email, ada.handle, "Firefox on Linux", "My script"):
        assert known in told
    for secret in (made.secret, setup.secret, hashed, PASSWORD, ada.browser.session or ""):
        assert secret not in told

"""Personal access tokens: shown once, limited, revocable."""

from __future__ import annotations

import pytest

from directfanz.domains.accounts.errors import TooManyOf
from directfanz.domains.accounts.models import TOKENS_PER_PERSON
from directfanz.domains.accounts.service import access_tokens, admin
from directfanz.errors import Forbidden, InvalidInput, NotFound
from tests.support.accounts import Someone, Stage


async def made(stage: Stage, who: Someone, *scopes: str, days: int = 90) -> access_tokens.NewAccessToken:
    caller = await stage.caller(who)
    return await access_tokens.make_token(stage.backends, caller, "Script", list(scopes or ("profile:read",)), days)


async def test_a_token_opens_with_its_scopes_alone(stage: Stage) -> None:
    ada = await stage.joined("ada")
    new = await made(stage, ada, "profile:read", "notifications:read")
    assert new.secret.startswith("dfp_")
    for _ in range(2):
        caller = await stage.by_token(new.secret)
        assert caller is not None
        assert (caller.user_id, caller.token_id, caller.session_id) == (ada.user_id, new.token.id, None)
        assert caller.scopes == frozenset({"profile:read", "notifications:read"})
        assert not caller.is_fresh(stage.clock.now())


async def test_the_secret_is_kept_nowhere(stage: Stage) -> None:
    ada = await stage.joined("ada")
    new = await made(stage, ada)
    (listed,) = await access_tokens.list_tokens(stage.backends, await stage.caller(ada))
    async with stage.backends.database.reading() as reader:
        row = str(await reader.fetch_value("SELECT to_jsonb(t)::text FROM access_tokens t WHERE id = $1", new.token.id))
    assert new.secret not in row + str(listed)
    assert new.secret.startswith(listed.hint)
    assert len(listed.hint) == 8


async def test_it_ends_with_its_time(stage: Stage) -> None:
    ada = await stage.joined("ada")
    new = await made(stage, ada, days=1)
    await stage.later(hours=23)
    assert await stage.by_token(new.secret) is not None
    await stage.later(hours=1)
    assert await stage.by_token(new.secret) is None
    assert await access_tokens.list_tokens(stage.backends, await stage.caller(ada)) == []


async def test_revoked_it_opens_nothing_at_once(stage: Stage) -> None:
    ada = await stage.joined("ada")
    new = await made(stage, ada)
    assert await stage.by_token(new.secret) is not None
    await access_tokens.revoke_token(stage.backends, await stage.caller(ada), new.token.id)
    assert await stage.by_token(new.secret) is None
    await stage.backends.cache.command("FLUSHDB", key="any")
    assert await stage.by_token(new.secret) is None
    with pytest.raises(NotFound):
        await access_tokens.revoke_token(stage.backends, await stage.caller(ada), new.token.id)


async def test_cy_neither_sees_nor_revokes_adas(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    new = await made(stage, ada)
    assert await access_tokens.list_tokens(stage.backends, await stage.caller(cy)) == []
    with pytest.raises(NotFound):
        await access_tokens.revoke_token(stage.backends, await stage.caller(cy), new.token.id)


async def test_a_token_makes_no_token(stage: Stage) -> None:
    ada = await stage.joined("ada")
    new = await made(stage, ada)
    caller = await stage.by_token(new.secret)
    assert caller is not None
    with pytest.raises(Forbidden):
        await access_tokens.make_token(stage.backends, caller, "More", ["profile:read"], 90)
    with pytest.raises(Forbidden):
        await access_tokens.list_tokens(stage.backends, caller)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "field"),
    [
        ("", ["profile:read"], 1, "name"),
        ("x" * 61, ["profile:read"], 1, "name"),
        ("a\u202eb", ["profile:read"], 1, "name"),
        ("ok", [], 1, "scopes"),
        ("ok", ["everything"], 1, "scopes"),
        ("ok", ["profile:read"], 0, "days"),
        ("ok", ["profile:read"], 367, "days"),
    ],
)
async def test_mistakes_are_named(stage: Stage, name: str, scopes: list[str], days: int, field: str) -> None:
    ada = await stage.joined("ada")
    with pytest.raises(InvalidInput) as caught:
        await access_tokens.make_token(stage.backends, await stage.caller(ada), name, scopes, days)
    assert caught.value.details[0].field == field


async def test_only_an_administrator_gives_away_their_powers(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    with pytest.raises(Forbidden):
        await made(stage, ada, "admin:read")
    await made(stage, olu, "admin:read")


async def test_who_is_no_administrator_any_more_keeps_no_such_token(stage: Stage) -> None:
    olu, ada = await stage.joined("olu", "admin"), await stage.joined("ada", "admin")
    powerful, plain = await made(stage, ada, "admin:read", "profile:read"), await made(stage, ada, "profile:read")
    await admin.change_role(stage.backends, await stage.caller(olu), ada.user_id, "fan")
    assert await stage.by_token(powerful.secret) is None
    caller = await stage.by_token(plain.secret)
    assert caller is not None
    assert caller.role == "fan"


async def test_there_are_only_so_many(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for _ in range(TOKENS_PER_PERSON):
        await made(stage, ada)
    with pytest.raises(TooManyOf):
        await made(stage, ada)


async def test_its_last_use_is_shown_to_the_minute(stage: Stage) -> None:
    ada = await stage.joined("ada")
    new = await made(stage, ada)
    used = []
    for _ in range(6):
        await stage.later(seconds=20)
        await stage.by_token(new.secret)
        (listed,) = await access_tokens.list_tokens(stage.backends, await stage.caller(ada))
        used.append(listed.last_used_at)
    assert len(set(used)) == 2


async def test_a_session_cookie_is_no_token_and_a_token_no_cookie(stage: Stage) -> None:
    ada = await stage.joined("ada")
    new = await made(stage, ada)
    assert await stage.by_token(ada.browser.session or "") is None
    ada.browser.session = new.secret
    assert await stage.who_is(ada.browser) is None
    ada.browser.session = stage.backends.tokens.sign("session", new.secret)
    assert await stage.by_token(new.secret) is not None
    assert await stage.who_is(ada.browser) is None

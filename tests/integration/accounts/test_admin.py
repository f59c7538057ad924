"""What administrators do: find, suspend, change roles; each act is in the audit log, and one administrator always stays."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from directfanz.domains.accounts.errors import LastAdmin, StateChanged, Suspended
from directfanz.domains.accounts.models import TRANSITIONS, Status, User
from directfanz.domains.accounts.policy import require_transition
from directfanz.domains.accounts.repository.people import UserFilter
from directfanz.domains.accounts.service import access_tokens, admin, closing
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.audit import service as audit
from directfanz.errors import Forbidden, InvalidInput, NotFound, NotSignedIn
from directfanz.http.caller import Caller
from directfanz.settings import Settings
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.worlds import World

WHY = "Sells tickets twice"


async def acts_about(stage: Stage, who: Someone) -> list[str]:
    async with stage.backends.database.reading() as reader:
        return [entry.action for entry in await audit.about(reader, who.user_id)]


async def test_olu_suspends_and_ada_is_out_at_once(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    token = await access_tokens.make_token(stage.backends, await stage.caller(ada), "a", ["profile:read"], 9)
    assert await stage.by_token(token.secret) is not None
    user = await admin.suspend(stage.backends, await stage.caller(olu), ada.user_id, f"  {WHY} ")
    assert (user.status, user.status_reason) == ("suspended", WHY)
    assert await stage.who_is(ada.browser) is None
    assert await stage.by_token(token.secret) is None
    with pytest.raises(Suspended):
        await stage.sign_in(ada)
    await stage.work()
    letter = next(each for each in stage.mailbox.to(ada.email) if "suspended" in str(each["Subject"]))
    assert WHY in letter.as_string()
    assert "accounts.suspended" in await acts_about(stage, ada)


async def test_let_in_again_she_signs_in_and_her_token_works(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    token = await access_tokens.make_token(stage.backends, await stage.caller(ada), "a", ["profile:read"], 9)
    await admin.suspend(stage.backends, await stage.caller(olu), ada.user_id, WHY)
    assert await stage.by_token(token.secret) is None
    await admin.unsuspend(stage.backends, await stage.caller(olu), ada.user_id)
    assert await stage.who_is(ada.browser) is None
    await stage.sign_in(ada)
    assert await stage.by_token(token.secret) is not None
    with pytest.raises(StateChanged):
        await admin.unsuspend(stage.backends, await stage.caller(olu), ada.user_id)


async def test_who_signs_in_while_being_suspended_is_not_left_inside(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    caller = await stage.caller(olu)
    for _ in range(5):
        browser = stage.browser()
        await asyncio.gather(
            stage.sign_in(ada, browser),
            admin.suspend(stage.backends, caller, ada.user_id, WHY),
            return_exceptions=True,
        )
        assert await stage.who_is(browser) is None
        await admin.unsuspend(stage.backends, caller, ada.user_id)
        assert await stage.who_is(browser) is None


async def test_another_role_signs_out_everywhere(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    await admin.change_role(stage.backends, await stage.caller(olu), ada.user_id, "creator")
    assert await stage.who_is(ada.browser) is None
    await stage.sign_in(ada)
    assert (await stage.caller(ada)).role == "creator"
    assert "accounts.role_changed" in await acts_about(stage, ada)


@pytest.mark.parametrize("role", ["fan", "creator", None])
async def test_nobody_else_may(stage: Stage, role: str | None) -> None:
    ada = await stage.joined("ada")
    caller = Caller()
    if role is not None:
        who = await stage.joined("cy", role)  # type: ignore[arg-type]
        caller = await stage.caller(who)
    acts = [
        admin.suspend(stage.backends, caller, ada.user_id, WHY),
        admin.unsuspend(stage.backends, caller, ada.user_id),
        admin.change_role(stage.backends, caller, ada.user_id, "admin"),
        admin.sign_out_user(stage.backends, caller, ada.user_id),
        admin.user_for_admin(stage.backends, caller, ada.user_id),
        admin.list_users(stage.backends, caller, UserFilter(), None, 10),
    ]
    for act in acts:
        with pytest.raises(Forbidden if role else NotSignedIn):
            await act
    assert await stage.who_is(ada.browser) is not None


async def test_nobody_does_it_to_themselves(stage: Stage) -> None:
    olu = await stage.joined("olu", "admin")
    caller = await stage.caller(olu)
    with pytest.raises(Forbidden):
        await admin.suspend(stage.backends, caller, olu.user_id, WHY)
    with pytest.raises(Forbidden):
        await admin.change_role(stage.backends, caller, olu.user_id, "fan")


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501])
async def test_a_reason_is_given(stage: Stage, reason: str) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    with pytest.raises(InvalidInput):
        await admin.suspend(stage.backends, await stage.caller(olu), ada.user_id, reason)


async def test_who_is_not_there(stage: Stage) -> None:
    olu = await stage.joined("olu", "admin")
    with pytest.raises(NotFound):
        await admin.suspend(stage.backends, await stage.caller(olu), uuid4(), WHY)


async def test_one_administrator_always_stays(fresh_world: World, clock: object) -> None:
    """Two take each other's role at the same moment; and the last one cannot leave."""
    async with stage_set(fresh_world.settings, clock) as stage:  # type: ignore[arg-type]
        olu, ada = await stage.joined("olu", "admin"), await stage.joined("ada", "admin")
        for _ in range(5):
            callers = await stage.caller(olu), await stage.caller(ada)
            outcomes = await asyncio.gather(
                admin.change_role(stage.backends, callers[0], ada.user_id, "fan"),
                admin.change_role(stage.backends, callers[1], olu.user_id, "fan"),
                return_exceptions=True,
            )
            assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
            assert sum(isinstance(outcome, LastAdmin) for outcome in outcomes) == 1
            left, gone = (olu, ada) if isinstance(outcomes[0], User) else (ada, olu)
            await stage.give_role(gone, "admin")
        await admin.change_role(stage.backends, await stage.caller(left), gone.user_id, "fan")
        with pytest.raises(LastAdmin):
            async with changing(stage.backends) as change:
                await closing.begin_closing(change, left.user_id)


async def test_the_list_is_searched_filtered_and_paged(stage: Stage) -> None:
    olu = await stage.joined("olu", "admin")
    made = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    caller = await stage.caller(olu)

    async def found(**wanted: object) -> list[str]:
        listed = await admin.list_users(stage.backends, caller, UserFilter(**wanted), None, 100)  # type: ignore[arg-type]
        return [user.handle for user in listed]

    for part in (made[1].handle, made[1].handle.upper(), made[1].email[:14]):
        assert await found(search=part) == [made[1].handle]
    assert await found(search="%") == []
    assert await found(search="_" * 30) == []
    assert olu.handle in await found(role="admin")
    assert made[0].handle not in await found(role="admin")
    await admin.suspend(stage.backends, caller, made[0].user_id, WHY)
    assert made[0].handle in await found(status="suspended")
    first = await admin.list_users(stage.backends, caller, UserFilter(), None, 2)
    second = await admin.list_users(stage.backends, caller, UserFilter(), first[-1].id, 2)
    assert [user.handle for user in (*first, *second)] == [who.handle for who in (*reversed(made), olu)]


async def test_signing_somebody_out(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    assert await admin.sign_out_user(stage.backends, await stage.caller(olu), ada.user_id) == 1
    assert await stage.who_is(ada.browser) is None
    await stage.sign_in(ada)


async def test_states_move_as_the_table_says_and_no_other_way(stage: Stage) -> None:
    from directfanz.domains.accounts.repository import users

    states: list[Status] = list(TRANSITIONS)
    for old in states:
        for new in states:
            if new in TRANSITIONS[old]:
                require_transition(old, new)
            else:
                with pytest.raises(StateChanged):
                    require_transition(old, new)
    ada = await stage.joined("ada")
    async with stage.backends.database.writing() as tx:
        assert not await users.move_status(tx, ada.user_id, "suspended", "active", stage.clock.now())
        assert await users.move_status(tx, ada.user_id, "active", "suspended", stage.clock.now())


async def test_an_account_that_closes_can_come_back(stage: Stage, settings: Settings) -> None:
    ada = await stage.joined("ada")
    async with changing(stage.backends) as change:
        await closing.begin_closing(change, ada.user_id)
    assert await stage.who_is(ada.browser) is None
    await stage.sign_in(ada)
    async with changing(stage.backends) as change:
        await closing.stay(change, ada.user_id)
    assert (await stage.caller(ada)).user_id == ada.user_id


async def test_an_erased_account_is_an_empty_shell(stage: Stage) -> None:
    from directfanz.domains.accounts.errors import SignInRefused
    from directfanz.domains.accounts.service import own_data, profile

    ada = await stage.joined("ada")
    async with changing(stage.backends) as change:
        await closing.begin_closing(change, ada.user_id)
    for _ in range(2):
        async with stage.backends.database.writing() as tx:
            await own_data.erase(stage.backends, tx, ada.user_id)
    user = await profile.profile_of(stage.backends, ada.user_id)
    assert (user.email, user.status, user.display_name, user.bio) == (None, "erased", "Erased account", "")
    async with stage.backends.database.reading() as reader:
        for table in own_data.TABLES - {"users"}:
            assert await reader.fetch_value(f"SELECT count(*) FROM {table} WHERE user_id = $1", ada.user_id) == 0
        mails = await reader.fetch_value("SELECT count(*) FROM email_requests WHERE email = $1", ada.email)
    assert mails == 0
    with pytest.raises(SignInRefused):
        await stage.sign_in(ada)
    again = stage.someone("ada")
    again.email, again.handle = ada.email, ada.handle
    await stage.sign_up(again)
    await stage.work()
    await stage.verify(again, stage.newest_token(ada.email))


async def test_an_account_that_closes_is_not_suspended(stage: Stage) -> None:
    """Its owner asked for its end; a suspension would make that be forgotten."""
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    async with changing(stage.backends) as change:
        await closing.begin_closing(change, ada.user_id)
    with pytest.raises(StateChanged):
        await admin.suspend(stage.backends, await stage.caller(olu), ada.user_id, WHY)

"""Who runs a page: the table of rights, invitations that work once and for one person, an owner who cannot just go."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

import pytest

from directfanz.domains.accounts.service.contacts import contact_of
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import InvitationInvalid, NotInTeam, NotReady, OwnerStays, TooManyOf
from directfanz.domains.creators.models import MOST_INVITATIONS_OPEN, Creator, Right, TeamRole
from directfanz.domains.creators.repository import team as rows
from directfanz.domains.creators.service import lookup, team
from directfanz.domains.creators.service.team import handover, invitations, members
from directfanz.domains.notifications.service import inbox
from directfanz.errors import DirectFanzError, InvalidInput, NotFound, NotSignedIn
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone, Stage
from tests.support.creators import join_team, page_of

RIGHTS: tuple[Right, ...] = ("page", "posts", "tiers", "members", "money", "payouts", "team", "moderate", "figures")
# One line a role, one letter a right, in the order above.
TABLE: dict[TeamRole, str] = {
    "owner": "y y y y y y y y y",
    "admin": "y y y y y - y y y",
    "editor": "y y - - - - - - -",
    "moderator": "- - - y - - - y -",
    "analyst": "- - - - - - - - y",
}


async def roles_in(stage: Stage, creator: Creator) -> dict[str, TeamRole]:
    async with stage.backends.database.writing() as tx:
        return {member.name: member.role for member in await members.members_of(tx, creator.id)}


async def told(stage: Stage, who: Someone) -> list[str]:
    return [each.kind for each in await inbox.newest(stage.backends, await stage.caller(who), None, 20)]


async def test_the_table_of_rights(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    creator = await page_of(stage, ada)
    callers: dict[TeamRole, Caller] = {"owner": await stage.caller(ada)}
    for role in ("admin", "editor", "moderator", "analyst"):
        who = await stage.joined(role)
        await join_team(stage, ada, creator, who, role)
        callers[role] = await stage.caller(who)
    async with stage.backends.database.writing() as tx:
        for role, line in TABLE.items():
            for right, letter in zip(RIGHTS, line.split(), strict=True):
                if letter == "y":
                    assert (await team.require(tx, callers[role], creator.id, right)).id == creator.id
                else:
                    with pytest.raises(NotInTeam, match=f"As {role} you cannot"):
                        await team.require(tx, callers[role], creator.id, right)
        for right in RIGHTS:
            with pytest.raises(NotInTeam):
                await team.require(tx, await stage.caller(cy), creator.id, right)
            with pytest.raises(NotSignedIn):
                await team.require(tx, Caller(), creator.id, right)


async def test_eve_is_invited_by_mail_and_joins(stage: Stage) -> None:
    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator = await page_of(stage, ada)
    await invitations.invite(stage.backends, await stage.caller(ada), creator.id, eve.email.upper(), "editor")
    await stage.work()
    letter = stage.mailbox.to(eve.email)[-1]
    assert "invited to a team" in str(letter["Subject"])
    words = letter.as_string().replace("=\n", "")
    assert creator.slug in words
    assert creator.name not in words, "what a stranger typed is not put into somebody's mailbox"
    invitation_id = invitations.id_in(stage.backends, unquote(stage.newest_token(eve.email)))
    assert "creators.invited" in await told(stage, eve)
    joined = await invitations.answer(stage.backends, await stage.caller(eve), invitation_id, accept=True)
    assert joined.id == creator.id
    assert await roles_in(stage, creator) == {"Ada": "owner", "Eve": "editor"}
    assert "creators.team_joined" in await told(stage, ada)
    with pytest.raises(InvitationInvalid):
        await invitations.answer(stage.backends, await stage.caller(eve), invitation_id, accept=True)


async def test_an_invitation_is_for_one_address_alone(stage: Stage) -> None:
    ada, eve, cy = [await stage.joined(name) for name in ("ada", "eve", "cy")]
    creator = await page_of(stage, ada)
    asked = await invitations.invite(stage.backends, await stage.caller(ada), creator.id, eve.email, "admin")
    for doing in (
        invitations.shown(stage.backends, await stage.caller(cy), asked.id),
        invitations.answer(stage.backends, await stage.caller(cy), asked.id, accept=True),
    ):
        with pytest.raises(InvitationInvalid, match="another address"):
            await doing
    assert await invitations.to_me(stage.backends, await stage.caller(cy)) == []
    [(found, page)] = await invitations.to_me(stage.backends, await stage.caller(eve))
    assert (found.id, page.id) == (asked.id, creator.id)


async def test_it_is_used_once_also_when_pressed_twice(stage: Stage) -> None:
    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator, caller = await page_of(stage, ada), await stage.caller(eve)
    asked = await invitations.invite(stage.backends, await stage.caller(ada), creator.id, eve.email, "editor")
    done = await asyncio.gather(
        *(invitations.answer(stage.backends, caller, asked.id, accept=True) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, Creator) for each in done) == 1
    assert sum(isinstance(each, InvitationInvalid) for each in done) == 3


async def test_it_ends_after_seven_days_when_taken_back_and_when_replaced(stage: Stage) -> None:
    ada, eve, mo = [await stage.joined(name) for name in ("ada", "eve", "mo")]
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    first = await invitations.invite(stage.backends, caller, creator.id, eve.email, "editor")
    second = await invitations.invite(stage.backends, caller, creator.id, eve.email, "analyst")
    with pytest.raises(InvitationInvalid):
        await invitations.answer(stage.backends, await stage.caller(eve), first.id, accept=True)
    await invitations.take_back(stage.backends, caller, creator.id, second.id)
    with pytest.raises(InvitationInvalid):
        await invitations.answer(stage.backends, await stage.caller(eve), second.id, accept=True)
    with pytest.raises(NotFound):
        await invitations.take_back(stage.backends, caller, creator.id, second.id)
    third = await invitations.invite(stage.backends, caller, creator.id, mo.email, "editor")
    await stage.work()
    token = unquote(stage.newest_token(mo.email))
    await stage.later(days=7, minutes=1)
    await stage.sign_in(mo)
    for doing in (
        invitations.answer(stage.backends, await stage.caller(mo), third.id, accept=True),
        invitations.shown(stage.backends, await stage.caller(mo), third.id),
    ):
        with pytest.raises(InvitationInvalid):
            await doing
    with pytest.raises(InvitationInvalid):
        invitations.id_in(stage.backends, token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "\0", "A" * 5000])
async def test_made_up_links_open_nothing(stage: Stage, token: str) -> None:
    with pytest.raises(InvitationInvalid):
        invitations.id_in(stage.backends, token)


async def test_a_token_of_something_else_opens_nothing(stage: Stage) -> None:
    token = stage.backends.tokens.sign("unsubscribe", str(new_id()))
    with pytest.raises(InvitationInvalid):
        invitations.id_in(stage.backends, token)


async def test_who_is_invited_is_not_told_to_the_one_who_asks(stage: Stage) -> None:
    """The same answer for an address that has an account and one that has none."""
    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    known = await invitations.invite(stage.backends, caller, creator.id, eve.email, "editor")
    unknown = await invitations.invite(stage.backends, caller, creator.id, "nobody.at.all@example.com", "editor")
    assert known.answered_at == unknown.answered_at
    assert (known.role, known.expires_at) == (unknown.role, unknown.expires_at)


async def test_hostile_invitations(stage: Stage) -> None:
    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    for email in ("", "nobody", "a@b", "a@b.com\nBcc: x@y.com", "x" * 300 + "@example.com", "a b@example.com"):
        with pytest.raises(InvalidInput):
            await invitations.invite(stage.backends, caller, creator.id, email, "editor")
    with pytest.raises(InvalidInput):
        await invitations.invite(stage.backends, caller, creator.id, eve.email, "owner")
    await join_team(stage, ada, creator, eve, "editor")
    with pytest.raises(InvalidInput, match="already"):
        await invitations.invite(stage.backends, caller, creator.id, eve.email, "admin")
    with pytest.raises(NotInTeam):
        await invitations.invite(stage.backends, await stage.caller(eve), creator.id, "x@example.com", "editor")
    for number in range(MOST_INVITATIONS_OPEN):
        await invitations.invite(stage.backends, caller, creator.id, f"many{number}@example.com", "editor")
    with pytest.raises(TooManyOf):
        await invitations.invite(stage.backends, caller, creator.id, "onemore@example.com", "editor")


async def test_the_owner_cannot_go_or_be_sent_away(stage: Stage) -> None:
    ada, mo = await stage.joined("ada"), await stage.joined("mo")
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, mo, "admin")
    for caller in (await stage.caller(ada), await stage.caller(mo)):
        with pytest.raises(OwnerStays):
            await members.remove(stage.backends, caller, creator.id, ada.user_id)
        with pytest.raises(OwnerStays):
            await members.change_role(stage.backends, caller, creator.id, ada.user_id, "editor")
        with pytest.raises(InvalidInput):
            await members.change_role(stage.backends, caller, creator.id, mo.user_id, "owner")
    async with stage.backends.database.writing() as tx:
        assert not await rows.remove(tx, creator.id, ada.user_id), "the statement itself spares the owner"
    assert await roles_in(stage, creator) == {"Ada": "owner", "Mo": "admin"}


async def test_roles_change_and_people_leave(stage: Stage) -> None:
    ada, eve, mo = [await stage.joined(name) for name in ("ada", "eve", "mo")]
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, eve, "editor")
    await join_team(stage, ada, creator, mo, "moderator")
    await members.change_role(stage.backends, await stage.caller(ada), creator.id, eve.user_id, "analyst")
    assert "creators.team_role" in await told(stage, eve)
    with pytest.raises(NotInTeam):
        await members.remove(stage.backends, await stage.caller(mo), creator.id, eve.user_id)
    await members.remove(stage.backends, await stage.caller(mo), creator.id, mo.user_id)
    await members.remove(stage.backends, await stage.caller(ada), creator.id, eve.user_id)
    assert await roles_in(stage, creator) == {"Ada": "owner"}
    with pytest.raises(NotFound):
        await members.remove(stage.backends, await stage.caller(ada), creator.id, eve.user_id)
    async with stage.backends.database.writing() as tx:
        acts = [entry.action for entry in await audit.about(tx, eve.user_id)]
    assert {"creators.team_joined", "creators.team_role_changed", "creators.team_left"} <= set(acts)


async def test_a_page_is_handed_over_when_the_other_says_yes(stage: Stage) -> None:
    ada, mo = await stage.joined("ada"), await stage.joined("mo")
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, mo, "editor")
    async with stage.backends.database.writing() as tx:
        await tx.execute(
            "UPDATE creators SET account = $2, can_be_paid = TRUE WHERE id = $1", creator.id, str(new_id())
        )
    await handover.offer(stage.backends, await stage.caller(ada), creator.id, mo.user_id)
    assert await roles_in(stage, creator) == {"Ada": "owner", "Mo": "editor"}
    after = await handover.accept(stage.backends, await stage.caller(mo), creator.id)
    assert await roles_in(stage, creator) == {"Mo": "owner", "Ada": "admin"}
    assert (after.account, after.can_be_paid) == (None, False), "the account is of the person who opened it"
    assert (await stage.caller(mo)).role == "creator"
    assert "creators.handed_over" in await told(stage, ada)
    with pytest.raises(NotReady):
        await handover.accept(stage.backends, await stage.caller(mo), creator.id)


async def test_only_to_the_team_only_by_the_owner_and_only_while_it_is_offered(stage: Stage) -> None:
    ada, mo, eve, cy = [await stage.joined(name) for name in ("ada", "mo", "eve", "cy")]
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, mo, "admin")
    await join_team(stage, ada, creator, eve, "editor")
    a, m, e = [await stage.caller(each) for each in (ada, mo, eve)]
    for to in (cy.user_id, ada.user_id):
        with pytest.raises(NotReady):
            await handover.offer(stage.backends, a, creator.id, to)
    with pytest.raises(NotInTeam):
        await handover.offer(stage.backends, m, creator.id, mo.user_id)
    await handover.offer(stage.backends, a, creator.id, mo.user_id)
    with pytest.raises(NotReady):
        await handover.accept(stage.backends, e, creator.id)
    await handover.take_back(stage.backends, a, creator.id)
    with pytest.raises(NotReady):
        await handover.accept(stage.backends, m, creator.id)
    await handover.offer(stage.backends, a, creator.id, mo.user_id)
    await handover.decline(stage.backends, m, creator.id)
    with pytest.raises(NotReady):
        await handover.accept(stage.backends, m, creator.id)
    await handover.offer(stage.backends, a, creator.id, mo.user_id)
    await members.remove(stage.backends, a, creator.id, mo.user_id)
    assert await handover.waiting(stage.backends, a, creator.id) is None
    with pytest.raises(DirectFanzError):
        await handover.accept(stage.backends, m, creator.id)


async def test_an_offer_raced_with_a_removal_leaves_one_owner(stage: Stage) -> None:
    ada, mo = await stage.joined("ada"), await stage.joined("mo")
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, mo, "admin")
    a, m = await stage.caller(ada), await stage.caller(mo)
    for _ in range(5):
        await handover.offer(stage.backends, a, creator.id, mo.user_id)
        await asyncio.gather(
            handover.accept(stage.backends, m, creator.id),
            handover.take_back(stage.backends, a, creator.id),
            members.change_role(stage.backends, a, creator.id, mo.user_id, "editor"),
            return_exceptions=True,
        )
        async with stage.backends.database.writing() as tx:
            owners = [user for user, role, _ in await rows.user_ids(tx, creator.id) if role == "owner"]
            assert len(owners) == 1
        if owners == [mo.user_id]:
            ada, mo, a, m = mo, ada, m, a


async def test_whoever_leaves_the_platform_closes_their_page_and_leaves_teams(stage: Stage) -> None:
    from directfanz.domains.creators.service import own_data

    ada, mo = await stage.joined("ada"), await stage.joined("mo")
    creator, other = await page_of(stage, ada), await page_of(stage, mo)
    await join_team(stage, mo, other, ada, "admin")
    async with stage.backends.database.writing() as tx:
        assert await contact_of(tx, ada.user_id) is not None
        for _ in range(2):
            await own_data.erase(stage.backends, tx, ada.user_id)
    with pytest.raises(NotFound):
        await lookup.by_slug(stage.backends.database, creator.slug)
    assert await roles_in(stage, other) == {"Mo": "owner"}
    async with stage.backends.database.writing() as tx:
        kept = await tx.fetch_row("SELECT name, about, avatar, slug FROM creators WHERE id = $1", creator.id)
        assert kept is not None
        assert (kept["name"], kept["about"], kept["avatar"]) == ("Closed page", "", None)

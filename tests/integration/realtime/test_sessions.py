"""A socket ends with the session that opened it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec

from directfanz.domains.accounts.events import SESSION_REVOKED, SessionRevoked
from directfanz.domains.accounts.service import sessions
from directfanz.processes.realtime.close_codes import SESSION_ENDED
from tests.integration.realtime.conftest import Tickets
from tests.support.accounts import Stage
from tests.support.running import Running
from tests.support.websocket import greeted


async def test_signing_out_elsewhere_cuts_the_socket_at_once(one: Running, stage: Stage, tickets: Tickets) -> None:
    ada = await stage.joined("ada")
    laptop = await stage.sign_in(ada, stage.browser())
    phone = stage.browser()
    await stage.sign_in(ada, phone)
    async with greeted(one.port, await tickets.of_browser(laptop)) as on_laptop:
        async with greeted(one.port, await tickets.of_browser(phone)) as on_phone:
            on_phone_session = UUID((await stage.caller(phone)).session_id)
            await sessions.revoke_session(stage.backends, await stage.caller(laptop), on_phone_session)
            async with asyncio.timeout(2):
                assert await on_phone.ends() == SESSION_ENDED.code
        await on_laptop.say("ping")
        assert (await on_laptop.hear_of("pong"))["type"] == "pong"


async def test_the_announcement_alone_is_enough(one: Running, stage: Stage, tickets: Tickets) -> None:
    """The rows still say that it lives, so nothing but the message can have told."""
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    adas = UUID((await stage.caller(ada)).session_id)
    async with greeted(one.port, await tickets.of(ada)) as hers, greeted(one.port, await tickets.of(ben)) as bens:
        for nonsense in (b"", b"{}", b"\xff", msgspec.json.encode(SessionRevoked(ben.user_id, adas))):
            await stage.backends.cache.publish(SESSION_REVOKED, nonsense)
        await stage.backends.cache.publish(SESSION_REVOKED, msgspec.json.encode(SessionRevoked(ada.user_id, adas)))
        async with asyncio.timeout(1):
            assert await hers.ends() == SESSION_ENDED.code
        await bens.say("ping")
        await bens.hear_of("pong")


async def test_a_session_that_ended_while_nobody_listened_is_found_out(
    one: Running, stage: Stage, tickets: Tickets
) -> None:
    """Between the ticket and the socket; and without any message."""
    ada = await stage.joined("ada")
    ticket = await tickets.of(ada)
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", ada.user_id)
    async with greeted(one.port, ticket) as socket, asyncio.timeout(3):
        assert await socket.ends() == SESSION_ENDED.code

"""What is said over a socket, and what is answered; and what happens to those who say nonsense."""

from __future__ import annotations

import itertools
import os

import pytest

from directfanz.domains.notifications import service as notifications
from directfanz.domains.notifications.service import inbox
from tests.integration.realtime.conftest import Tickets
from tests.support.accounts import Someone, Stage
from tests.support.meanwhile import until
from tests.support.running import Running
from tests.support.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, connected, frame, greeted


async def tell(stage: Stage, who: Someone, title: str) -> None:
    async with stage.backends.database.writing() as tx:
        await notifications.notify(stage.backends, tx, who.user_id, "platform.news", title=title, text="Now.")
    await stage.work()


async def test_ben_is_told_at_once_in_every_window_and_nobody_else_is(
    one: Running, other: Running, stage: Stage, tickets: Tickets
) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    async with (
        greeted(one.port, await tickets.of(ben)) as here,
        greeted(other.port, await tickets.of(ben)) as there,
        greeted(one.port, await tickets.of(cy)) as cys,
    ):
        await tell(stage, ben, "Ada is live")
        for window in (here, there):
            told = await window.hear_of("notification")
            assert told["notification"]["title"] == "Ada is live"
            assert told["unread"] == await inbox.unread(stage.backends, await stage.caller(ben))
        await tell(stage, cy, "For Cy")
        assert (await cys.hear())["notification"]["title"] == "For Cy"


async def test_what_was_missed_is_told_on_asking(one: Running, stage: Stage, tickets: Tickets) -> None:
    ben = await stage.joined("ben")
    async with greeted(one.port, await tickets.of(ben)) as socket:
        await tell(stage, ben, "1")
        last = await socket.hear_of("notification")
    await tell(stage, ben, "2")
    await tell(stage, ben, "3")
    async with greeted(one.port, await tickets.of(ben)) as again:
        await again.say("resume", position=last["position"], epoch=last["epoch"])
        missed = await again.hear_of("missed")
        assert [each["title"] for each in missed["notifications"]] == ["2", "3"]
        assert (missed["reset"], missed["position"]) == (False, last["position"] + 2)
        await again.say("resume", position=last["position"], epoch="another time")
        assert (await again.hear_of("missed"))["reset"]


async def test_a_stranger_has_no_notifications(one: Running) -> None:
    async with greeted(one.port) as cy:
        await cy.say("resume", position=0)
        assert (await cy.hear())["code"] == "not_signed_in"


async def test_rooms_have_rules(one: Running, room: str) -> None:
    async with greeted(one.port) as cy:
        await cy.say("subscribe", room="backstage:secret")
        assert (await cy.hear())["code"] == "no_such_room"
        for number in range(20):
            await cy.say("subscribe", room=f"{room}{number}")
        await cy.say("subscribe", room=room)
        assert (await cy.hear_of("error"))["code"] == "too_many_rooms"
        await cy.say("unsubscribe", room=f"{room}0")
        assert (await cy.hear_of("unsubscribed"))["room"] == f"{room}0"
        await cy.say("subscribe", room=room)
        await cy.hear_people(room, 1)


async def test_pings_of_both_kinds(one: Running) -> None:
    async with greeted(one.port) as cy:
        await cy.say("ping", id=7)
        assert await cy.hear() == {"type": "pong", "id": 7}
        await cy.send(frame(b"are you there", PING))
        assert await cy.next_frame() == (PONG, b"are you there")


async def test_a_type_of_tomorrow_is_passed_over(one: Running) -> None:
    async with greeted(one.port) as cy:
        await cy.say("dance", style="tango")
        await cy.say("ping", id=1)
        assert (await cy.hear())["type"] == "pong"


async def test_a_message_may_come_in_pieces(one: Running) -> None:
    async with greeted(one.port) as cy:
        await cy.send(frame(b'{"type":"pi', TEXT, fin=False))
        await cy.send(frame(b"still here?", PING))
        await cy.send(frame(b'ng","id"', CONTINUATION, fin=False))
        await cy.send(frame(b":5}", CONTINUATION))
        assert (await cy.next_frame()).opcode == PONG
        assert await cy.hear() == {"type": "pong", "id": 5}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (frame(b"not json"), 4400),
        (frame(b"\xff\xfe"), 4400),
        (frame(b"[]"), 4400),
        (frame(b'{"type":"subscribe"}'), 4400),
        (frame(b'{"type":"subscribe","room":"../../etc"}'), 4400),
        (frame(b'{"type":"resume","position":-1}'), 4400),
        (frame(b'{"type":"ping","id":' + b"[" * 3000 + b"]" * 3000 + b"}"[:1]), 1009),
        (frame(b'{"type":"ping","id":' + b"[" * 2000 + b"}"), 4400),
        (frame(b"binary", BINARY), 4400),
        (frame(b"", CONTINUATION), 4400),
        (frame(b"x", TEXT, fin=False) + frame(b"x", TEXT), 4400),
        (frame(b"x" * 5000), 1009),
        (frame(b"x" * 3000, TEXT, fin=False) + frame(b"x" * 3000, CONTINUATION), 1009),
        (b"\x81\xff" + (2**62).to_bytes(8) + b"mask", 1009),
        (b"\x81\xff" + (2**63).to_bytes(8) + b"mask", 1002),
        (frame(b"x", 0x3), 1002),
        (frame(b"unmasked", masked=False), 1002),
        (frame(b"x" * 200, PING), 1002),
        (frame(b"\x00", CLOSE), 1002),
    ],
    ids=itertools.count(),  # a frame is masked by chance, and workers must agree on the names of tests
)  # fmt: skip
async def test_nonsense_ends_the_socket_with_a_code_and_nothing_else(one: Running, raw: bytes, code: int) -> None:
    async with greeted(one.port) as bystander, greeted(one.port) as cy:
        await cy.send(raw)
        assert await cy.ends() == code
        await bystander.say("ping", id=1)
        assert (await bystander.hear())["type"] == "pong"


async def test_random_bytes_never_hurt_the_process(one: Running) -> None:
    for _ in range(60):
        async with greeted(one.port) as cy:
            await cy.send(os.urandom(300))
            cy.writer.write_eof()
            await cy.ends()
    async with greeted(one.port) as cy:
        await cy.say("ping")
        assert (await cy.hear())["type"] == "pong"


async def test_nothing_may_be_asked_before_the_hello(one: Running, stage: Stage, tickets: Tickets) -> None:
    """A ticket takes a question to the cache, so what is sent along with the request comes before the hello."""
    ticket = await tickets.of(await stage.joined("ada"))
    async with connected(one.port, ticket, sent_along=frame(b'{"type":"ping"}')) as eager:
        assert await eager.ends() == 4400


async def test_who_talks_too_much_is_sent_away(one: Running) -> None:
    async with greeted(one.port) as cy:
        for number in range(200):
            await cy.say("ping", id=number)
        assert await cy.ends() == 4429


async def test_who_does_not_read_is_cut_and_the_room_is_not(one: Running, stage: Stage, tickets: Tickets) -> None:
    """Notifications of some kilobytes are poured on two windows; one of them reads nothing."""
    ben = await stage.joined("ben")
    channel, message = f"notify:{ben.user_id}", b'{"type":"notification","x":"' + b"x" * 20_000 + b'"}'
    cut_before = await one.figure('realtime_dropped_total{code="4410"')
    async with greeted(one.port, await tickets.of(ben)) as reader, greeted(one.port, await tickets.of(ben)) as frozen:
        frozen.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket can
        for _ in range(80):
            for _ in range(8):
                await stage.backends.cache.publish(channel, message)
            for _ in range(8):
                assert (await reader.hear())["type"] == "notification"
        await until(lambda: one_more_cut(one, cut_before))


async def one_more_cut(process: Running, before: float) -> bool:
    return await process.figure('realtime_dropped_total{code="4410"') > before


async def test_a_goodbye_is_answered(one: Running) -> None:
    async with greeted(one.port) as cy:
        await cy.send(frame((1000).to_bytes(2) + b"bye", CLOSE))
        assert await cy.ends() == 1000

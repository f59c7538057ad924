"""Tips in a room: shown by the server alone, once they are paid; gone again when the money goes back."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.chat.errors import RoomClosed
from directfanz.domains.chat.policy import cleaned
from directfanz.domains.chat.repository import events
from directfanz.domains.chat.service.entering import require_in
from directfanz.domains.chat.service.rooms import get
from directfanz.domains.chat.service.telling import append, publish
from directfanz.domains.payments.events import TipMoved
from directfanz.domains.payments.service import checkout, goals
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.money import Money


async def give(backends: Backends, caller: Caller, room_id: UUID, amount: Money, message: str, key: str) -> str:
    """The address where it is paid."""
    async with backends.database.writing() as tx:
        room = await get(tx, room_id)
    if room.state == "closed":
        raise RoomClosed("This chat has ended. You can still tip on the creator's page.")
    await require_in(backends, caller.user_id, room)
    async with backends.database.reading() as reader:
        collecting = await goals.of_creator(backends, reader, room.creator_id)
    goal = collecting[0].id if collecting and collecting[0].target.currency == amount.currency else None
    opened = await checkout.tip(backends, caller, room.creator_id, amount, message, goal, key=key, room_id=room_id)
    return opened.url


async def show(backends: Backends, tip: TipMoved) -> None:
    """A tip that went back before it was shown is not shown."""
    async with backends.database.writing() as tx:
        await get(tx, tip.room_id)
        order = str(tip.order_id)
        known = await events.of_order(tx, tip.room_id, order)
        if tip.is_back:
            if known is None or known.hidden:
                return
            await events.hide(tx, tip.room_id, known.position, None, backends.clock.now())
            told = await append(backends, tx, tip.room_id, "removed", facts={"position": known.position})
        elif known is None:
            facts = {"amount": tip.amount, "order": order}
            told = await append(
                backends, tx, tip.room_id, "tip", body=_words(tip.message), facts=facts, user_id=tip.user_id
            )
        else:
            return
    await publish(backends, tip.room_id, told)


def _words(message: str) -> str:
    try:
        return cleaned(message)
    except InvalidInput:
        return ""

"""Telling many people something of their own each, in a handful of statements for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.models import Notification
from directfanz.domains.notifications.repository import told
from directfanz.domains.notifications.service import send
from directfanz.kit.ids import new_id


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    user_id: UUID
    dedupe: str
    link: str = ""
    facts: Mapping[str, str]


async def notify_each(backends: Backends, tx: Writer, kind: str, tellings: Sequence[Telling]) -> None:
    """What `notify` does for one. Whoever is named twice is told in as many rounds, because each thing has its own position."""
    before = await told.told_each_before(tx, [(each.user_id, each.dedupe) for each in tellings]) if tellings else set()
    rest = [each for each in tellings if (each.user_id, each.dedupe) not in before]
    while rest:
        round_of = {each.user_id: each for each in reversed(rest)}  # the first of each person
        await _round(backends, tx, kind, list(round_of.values()))
        rest = [each for each in rest if round_of[each.user_id] is not each]


async def _round(backends: Backends, tx: Writer, kind: str, tellings: Sequence[Telling]) -> None:
    positions = await told.next_positions(tx, [each.user_id for each in tellings])
    made = [
        Notification(
            id=new_id(), user_id=each.user_id, position=positions[each.user_id], kind=kind, facts=dict(each.facts),
            link=each.link, created_at=backends.clock.now(), read_at=None,
        )
        for each in tellings
    ]  # fmt: skip
    fresh = await told.insert_each(tx, made, [each.dedupe for each in tellings])
    if fresh:
        await send(backends, tx, KINDS[kind], {each.user_id: each.id for each in made if each.user_id in fresh})

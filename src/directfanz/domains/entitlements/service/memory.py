"""What the cache remembers of who may see what: `access:{user}:{creator}`.

The rows are the truth. Whoever changes them puts a stone over the entry first, inside the transaction: while it lies there, rows are
read and nothing is remembered. So nobody who read the row just before the commit can bring the old answer back, and there is no
moment between the commit and the forgetting. A job, enqueued with the change, lays the stone again: for a transaction that took
longer than a stone lies, and for a cache that was away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.entitlements.policy import Held, Span
from directfanz.errors import Unavailable

log = logging.getLogger("directfanz.entitlements")

ENTRY_SECONDS = 300
STONE = b"-"
# Longer than a transaction, and than anybody takes between reading the rows and remembering them.
STONE_SECONDS = 30
_KEEP = """
if redis.call('GET', KEYS[1]) == '-' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""
Pair = tuple[UUID, UUID]


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """`whole` is False when there is more than an entry holds: then objects are looked up one by one. `past` is when they were a
    member before."""

    holds: list[Held]
    whole: bool = True
    past: list[Span] = []


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Remembered)


class Forget(msgspec.Struct, frozen=True):
    pairs: list[Pair]


def key_of(user_id: UUID, creator_id: UUID) -> str:
    return f"access:{user_id.hex}:{creator_id.hex}"


def decode(entry: bytes) -> Remembered | None:
    """None for a stone, and for what an older release wrote in another form."""
    if entry == STONE:
        return None
    try:
        return _DECODER.decode(entry)
    except msgspec.MsgspecError:
        return None


async def recall(backends: Backends, user_id: UUID, creator_id: UUID) -> tuple[Remembered | None, bool]:
    """What is remembered, and whether anything may be: not while a stone lies there or the cache is away."""
    try:
        entry = await backends.cache.get(key_of(user_id, creator_id))
    except Unavailable:
        return None, False
    return (decode(entry), entry != STONE) if entry else (None, True)


async def recall_many(backends: Backends, pairs: Sequence[Pair]) -> dict[Pair, tuple[Remembered | None, bool]]:
    """As `recall`, of many people and pages at once."""
    try:
        entries = await backends.cache.get_many([key_of(*pair) for pair in pairs])
    except Unavailable:
        return dict.fromkeys(pairs, (None, False))
    return {
        pair: (decode(entry), entry != STONE) if entry else (None, True)
        for pair, entry in zip(pairs, entries, strict=True)
    }


async def keep(backends: Backends, entries: Mapping[Pair, Remembered]) -> None:
    """All of them are asked for before the first answer is waited for: one round trip."""
    try:
        await asyncio.gather(*[
            backends.cache.script(_KEEP, [key_of(*pair)], [_ENCODER.encode(entry), ENTRY_SECONDS])
            for pair, entry in entries.items()
        ])  # fmt: skip
    except Unavailable:
        log.debug("the cache could not remember who may see what")


async def changing(backends: Backends, tx: Writer, pairs: Iterable[Pair]) -> None:
    """These people's rights with these creators change with this transaction."""
    concerned = sorted(set(pairs))
    if not concerned:
        return
    await backends.jobs.enqueue(tx, FORGET, Forget(concerned))
    try:
        await bury(backends, concerned)
    except Unavailable as error:
        log.warning("the cache will forget who may see what later: %s", error)


async def bury(backends: Backends, pairs: Iterable[Pair]) -> None:
    """All of them are asked for before the first answer is waited for: one round trip."""
    await asyncio.gather(*[backends.cache.set(key_of(*pair), STONE, ttl_seconds=STONE_SECONDS) for pair in pairs])


async def _forget(backends: Backends, payload: Forget) -> None:
    await bury(backends, payload.pairs)


FORGET = Job("entitlements.forget", Forget, _forget)

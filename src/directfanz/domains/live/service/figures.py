"""What became of a stream, in figures, for its team."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.chat.service import counting
from directfanz.domains.creators.service import team
from directfanz.domains.live.models import Figures, Sample
from directfanz.domains.live.repository import viewers
from directfanz.domains.live.service import streams
from directfanz.domains.live.service.watching import WATCHES_SECONDS
from directfanz.domains.payments.service import given
from directfanz.http.caller import Caller
from directfanz.kit.money import Money

SAMPLES_SHOWN = 240
# Shares of the stream's length, for how long people stayed.
STEPS = (0, 10, 25, 50, 75, 90)
MINUTE = timedelta(minutes=1)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`stayed`: of a hundred people, how many watched at least that share of the stream."""

    figures: Figures
    now: int
    samples: list[Sample]
    stayed: list[tuple[int, int]]
    currency: str

    @property
    def money(self) -> Money:
        return Money(self.figures.tipped + self.figures.ticketed, self.currency)


async def of_stream(backends: Backends, caller: Caller, stream_id: UUID) -> Told:
    now = backends.clock.now()
    async with backends.database.reading() as reader:
        stream = await streams.get(reader, stream_id)
        await team.require_any(reader, caller, stream.creator_id)
        found = await viewers.figures(reader, stream_id)
        counts = await viewers.watching(reader, [stream_id], now - timedelta(seconds=WATCHES_SECONDS))
        samples = await viewers.samples(reader, stream_id, SAMPLES_SHOWN)
        messages, speakers = await counting.of_room(reader, stream_id)
        money = (await given.for_each(reader, [stream_id], stream.created_at, now + MINUTE))[stream_id]
        length = int(((stream.ended_at or now) - stream.began_at).total_seconds()) if stream.began_at else 0
        stayed = await viewers.retention(reader, stream_id, [length * each // 100 for each in STEPS])
    shares = [
        (step, round(100 * count / found.people) if found.people else 0)
        for step, count in zip(STEPS, stayed, strict=True)
    ]
    told = msgspec.structs.replace(
        found, messages=messages, speakers=speakers, tips=money.tips, tipped=money.tipped, tickets=money.tickets,
        ticketed=money.ticketed,
    )  # fmt: skip
    watched = counts.get(stream_id, 0) if stream.is_on_air else 0
    told = msgspec.structs.replace(told, most_at_once=max(told.most_at_once, watched))
    return Told(figures=told, now=watched, samples=samples, stayed=shares, currency=stream.currency)


async def sample(backends: Backends) -> int:
    """Once a minute: the moment is rounded, so that twice is once."""
    now = backends.clock.now()
    minute = now.replace(second=0, microsecond=0)
    async with backends.database.writing() as tx:
        there = await viewers.to_sample(tx)
        counts = await viewers.watching(tx, there, now - timedelta(seconds=WATCHES_SECONDS))
        said = await counting.said_in(tx, there, minute - MINUTE, minute)
        money = await given.for_each(tx, there, minute - MINUTE, minute)
        kept = 0
        for each in there:
            sample = Sample(minute, counts.get(each, 0), said.get(each, 0), money[each].tips, money[each].tipped)
            kept += await viewers.keep_sample(tx, each, sample)
    return kept

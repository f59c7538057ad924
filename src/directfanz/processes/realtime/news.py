"""What other processes say to people here: one subscription, following each person who has a socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.cache.contract import Subscription
from directfanz.domains.accounts.events import SESSION_REVOKED, SessionRevoked
from directfanz.domains.notifications.events import channel_of
from directfanz.errors import Unavailable
from directfanz.processes.realtime.close_codes import SESSION_ENDED
from directfanz.processes.realtime.hub import Hub
from directfanz.processes.realtime.protocol import Resync, frame, told

LOOK_FOR_GAPS_SECONDS = 0.5
log = logging.getLogger("directfanz.realtime")
_REVOKED = msgspec.json.Decoder(SessionRevoked)


class News:
    def __init__(self, backends: Backends, hub: Hub, missed_some: Callable[[], Awaitable[None]]) -> None:
        """`missed_some` is awaited when messages of other processes may have been lost."""
        self._cache = backends.cache
        self._clock = backends.clock
        self._delivered = backends.telemetry.counter("realtime_messages_total")
        self._hub = hub
        self._missed_some = missed_some
        self._subscription: Subscription | None = None
        self._channels: dict[str, UUID] = {}
        self._followers: dict[UUID, int] = {}

    @property
    def is_listening(self) -> bool:
        return self._subscription is not None

    async def follow(self, user_id: UUID) -> None:
        """Returns when nothing said from now on is missed, or when the cache is away: then a gap will tell."""
        self._followers[user_id] = self._followers.get(user_id, 0) + 1
        self._channels[channel_of(user_id)] = user_id
        if self._subscription is not None:
            try:
                await self._subscription.add(channel_of(user_id))
            except Unavailable as error:
                log.info("a person is followed later: %s", error.message)

    async def unfollow(self, user_id: UUID) -> None:
        self._followers[user_id] -= 1
        if self._followers[user_id] == 0:
            del self._followers[user_id]
            del self._channels[channel_of(user_id)]
            if self._subscription is not None:
                await self._subscription.remove(channel_of(user_id))

    async def run(self) -> None:
        """Tries until the cache lets us listen; from then on the subscription heals itself."""
        while True:
            try:
                async with self._cache.subscribe(SESSION_REVOKED, *self._channels) as subscription:
                    await self._listen(subscription)
            except Unavailable as error:
                log.warning("no live news yet: %s", error.message)
                await self._clock.sleep(1)

    async def _listen(self, subscription: Subscription) -> None:
        self._subscription = subscription
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._late_followers(subscription))
                tasks.create_task(self._watch_for_gaps(subscription))
                async for channel, message in subscription:
                    self._pass_on(channel, message)
        finally:
            self._subscription = None

    async def _late_followers(self, subscription: Subscription) -> None:
        """Whoever came between asking for the subscription and having it."""
        try:
            await subscription.add(*self._channels)
        except Unavailable as error:
            log.info("some people are followed later: %s", error.message)

    async def _watch_for_gaps(self, subscription: Subscription) -> None:
        seen = 0
        while True:
            await self._clock.sleep(LOOK_FOR_GAPS_SECONDS)
            if subscription.gaps != seen:
                seen = subscription.gaps
                for user_id in tuple(self._followers):
                    self._hub.tell_user(user_id, told(Resync()))
                await self._missed_some()

    def _pass_on(self, channel: str, message: bytes) -> None:
        if channel == SESSION_REVOKED:
            self._end_session(message)
            return
        user_id = self._channels.get(channel)
        if user_id is not None:
            # It is JSON already, made for the browser: it goes on as it is.
            self._delivered.add(self._hub.tell_user(user_id, frame(message)), kind="notification")

    def _end_session(self, message: bytes) -> None:
        try:
            revoked = _REVOKED.decode(message)
        except msgspec.DecodeError:
            log.error("a message on %s was not one of ours", SESSION_REVOKED)
            return
        for member in tuple(self._hub.of_user(revoked.user)):
            if member.session_id == revoked.session:
                member.outlet.close(SESSION_ENDED)

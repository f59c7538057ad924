"""Feeds for other programs: of what is open to all, and one for each member that wants one, under an address that is a secret.

A private address is shown once and kept as a hash. Every look and every episode asks `entitlements` again, so what ends for the
member ends in their player as well.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.service import reading, tagging
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.errors import NoSuchFeed
from directfanz.domains.discovery.models import MemberFeed
from directfanz.domains.discovery.repository import feeds
from directfanz.domains.discovery.service import podcasting
from directfanz.domains.discovery.service.feeds import media
from directfanz.domains.discovery.service.feeds.writing import Episode, Podcast
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id, new_token

MOST_ITEMS = 100
READ_NOTED_EVERY = timedelta(hours=1)
STRANGER = Caller()


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """Whose feed an address is."""

    feed: MemberFeed
    creator: Creator

    @property
    def member(self) -> Caller:
        """As who they are, and no more: the address opens what they may read, nothing that they may do."""
        return Caller(user_id=self.feed.user_id, scopes=frozenset())


async def public(backends: Backends, slug: str) -> Podcast:
    """What everybody may read; of the rest that it is there, and the way in."""
    creator = await lookup.public_by_slug(backends.database, slug)
    found = await reading.newest(backends, STRANGER, creator, None, MOST_ITEMS)
    return await _podcast(backends, creator, found, f"{creator.path}/feed.xml", None)


async def episodes(backends: Backends, slug: str) -> Podcast:
    """What everybody may hear and nothing else: directories take a list in which each entry plays."""
    found = await public(backends, slug)
    playing = [each for each in found.episodes if each.file is not None]
    return msgspec.structs.replace(found, episodes=playing, path=f"{found.creator.path}/podcast.xml")


async def private(backends: Backends, token: str) -> Podcast:
    """Only what this member may read now."""
    opened = await open_token(backends, token)
    found = await reading.newest(backends, opened.member, opened.creator, None, MOST_ITEMS)
    await _note(backends, opened.feed)
    mine = [each for each in found if each.open]
    return await _podcast(backends, opened.creator, mine, f"/feeds/{token}.xml", token)


async def open_token(backends: Backends, token: str) -> Opened:
    async with backends.database.writing() as tx:  # the primary: revoked a moment ago is revoked
        feed = await feeds.by_token(tx, _hashed(token))
        creator = (await lookup.public_among(tx, [feed.creator_id])).get(feed.creator_id) if feed else None
    if feed is None or creator is None:
        raise NoSuchFeed("This address is not a feed any more. Make a new one on the page of the creator.")
    return Opened(feed=feed, creator=creator)


async def mine(backends: Backends, caller: Caller, creator: Creator) -> MemberFeed | None:
    async with backends.database.writing() as tx:
        return await feeds.of_pair(tx, caller.require_user(), creator.id)


async def make(backends: Backends, caller: Caller, creator: Creator) -> str:
    """A new address, shown this once. The one before opens nothing from now on."""
    user_id, now, token = caller.require_user(), backends.clock.now(), new_token()
    made = MemberFeed(
        id=new_id(), user_id=user_id, creator_id=creator.id, created_at=now, read_at=None, revoked_at=None
    )
    async with backends.database.writing() as tx:
        await feeds.revoke(tx, user_id, creator.id, now)
        await feeds.insert(tx, made, _hashed(token))
    return token


async def revoke(backends: Backends, caller: Caller, creator: Creator) -> None:
    """Twice is as good as once."""
    async with backends.database.writing() as tx:
        await feeds.revoke(tx, caller.require_user(), creator.id, backends.clock.now())


async def episode_address(backends: Backends, token: str, post_id: UUID, asset_id: UUID) -> str:
    """A short way to the file itself, for whoever may have it at this moment."""
    opened = await open_token(backends, token)
    creator, found = await reading.read(backends, opened.member, post_id)
    if creator.id != opened.creator.id or not found.open:
        raise NoSuchFeed("This episode is not open to you any more.")
    return await media.address_of(backends, found, asset_id)


async def open_episode_address(backends: Backends, post_id: UUID, asset_id: UUID) -> str:
    """The same for what is open to all."""
    _, found = await reading.read(backends, STRANGER, post_id)
    if not found.open:
        raise NoSuchFeed("This episode is not open to everybody.")
    return await media.address_of(backends, found, asset_id)


async def _podcast(backends: Backends, creator: Creator, found: list[Reading], path: str, token: str | None) -> Podcast:
    ids = [each.post.id for each in found]
    async with backends.database.reading() as reader:
        tags = await tagging.of_posts(reader, ids)
        facts = await podcasting.facts_of(reader, creator.id)
    files = await media.of_readings(backends, found)
    episodes = [
        Episode(reading=each, tags=list(tags.get(each.post.id, [])), file=files.get(each.post.id)) for each in found
    ]
    return Podcast(creator=creator, episodes=episodes, path=path, token=token, facts=facts)


async def _note(backends: Backends, feed: MemberFeed) -> None:
    now = backends.clock.now()
    if feed.read_at is None or now - feed.read_at > READ_NOTED_EVERY:
        async with backends.database.writing() as tx:
            await feeds.was_read(tx, feed.id, now, now - READ_NOTED_EVERY)


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()

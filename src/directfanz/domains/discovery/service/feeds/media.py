"""The file of a post that a podcast player plays: sound first, else a film; whole, in a form that every player knows. Posts have no files
yet, so there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.discovery.errors import NoSuchFeed
from directfanz.domains.discovery.service.feeds.writing import File


async def of_posts(backends: Backends, post_ids: Sequence[UUID]) -> Mapping[UUID, File]:
    return {}


async def address_of(backends: Backends, post_id: UUID, asset_id: UUID) -> str:
    raise NoSuchFeed("There is no such episode.")

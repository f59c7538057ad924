"""Who takes a live stream from its encoder and packages it: our own process, or a service of AWS.

- `provision` makes what one stream needs and says where its encoder sends; given again it answers the same place. `Spec.secret` is the
  platform's key; a service that makes keys of its own answers its own instead, and this answer is the only one that holds it.
- `rotate_key` makes the old key useless for who comes from now on, and answers as `provision` does.
- `arm` lets a picture in. Where that takes minutes `status` says `arming` meanwhile; armed already is no error. From here on it may cost.
- `stop` sends the publisher away and ends the cost; `release` takes away what `provision` made. Both may be asked again, in any state,
  and of what is gone already. What cannot be done yet (a channel that is just stopping) is `NotYet`: ask again later.
- `status` is the same few states for all: `events.between` two of them are the same events for all.
- `playback` says where viewers look; it decides nothing about who may (ask entitlements first).
- `reconcile` is told every place that is known, takes away what is ours and unknown, and answers what it found.
- `Unavailable` may be asked again; `Rejected` is a mistake of ours or of the account.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

from directfanz.errors import Conflict

Name = Literal["local", "hybrid", "medialive", "ivs"]
NAMES: tuple[Name, ...] = ("local", "hybrid", "medialive", "ivs")
# gone: nothing was provisioned, or it was released. idle: provisioned, takes nothing. arming, armed: (soon) takes a picture.
# live: a picture comes. stopping: on its way to idle. failed: the service says that it is broken.
State = Literal["gone", "idle", "arming", "armed", "live", "stopping", "failed"]


class NotYet(Conflict):
    """The service is busy with the order before; it can be asked again in a minute."""

    code = "not_yet"


class Can(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend does, so that nobody asks for its name."""

    protocols: tuple[str, ...]
    low_latency: bool = False
    dash: bool = False
    rewinds: bool = False
    tells_itself: bool = False  # our process reports every change to the database; others have to be asked
    needs_arming: bool = False  # minutes before, and it costs from then on
    records: bool = False


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    stream_id: UUID
    title: str
    secret: str = ""
    is_recorded: bool = True


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """For the encoder's settings: its server and its stream key."""

    protocol: str
    url: str
    key: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Of one stream. `ids` are the service's own names and nobody else's business; there is no secret in them."""

    stream_id: UUID
    ids: dict[str, str] = msgspec.field(default_factory=dict)


class Provisioned(msgspec.Struct, frozen=True, kw_only=True):
    place: Place
    endpoints: tuple[Endpoint, ...]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`figures`: what it knows of the signal: kbps, fps, viewers..."""

    state: State
    figures: dict[str, Any] = msgspec.field(default_factory=dict)
    problem: str = ""


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """Either `folder`, a path at our edge that a grant opens, or `url`, elsewhere, opened by `query`. `manifest` is the HLS one."""

    manifest: str
    folder: str = ""
    url: str = ""
    query: str = ""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """`unknown`: it was there and nobody knew it, and is taken away. `lost`: it is known and not there."""

    kind: Literal["unknown", "lost"]
    what: str
    stream_id: UUID | None = None


class LiveBackend(Protocol):
    name: Name
    can: Can

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where all streams are sent to, without a key; nothing where each has a place of its own."""
        ...

    async def provision(self, spec: Spec) -> Provisioned: ...

    async def rotate_key(self, place: Place, spec: Spec) -> Provisioned: ...

    async def arm(self, place: Place) -> None: ...

    async def stop(self, place: Place, reason: str) -> None: ...

    async def release(self, place: Place) -> None: ...

    async def status(self, place: Place) -> Status: ...

    async def playback(self, place: Place, lives: timedelta) -> Playback: ...

    async def reconcile(self, known: Collection[Place]) -> list[Drift]: ...

    async def close(self) -> None: ...

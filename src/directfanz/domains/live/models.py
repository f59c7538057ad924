"""Streams, as the rest of the code sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from directfanz.backends.live.contract import Endpoint, Place
from directfanz.backends.live.contract import Name as Backend
from directfanz.backends.live.contract import State as PlaceState
from directfanz.domains.entitlements.models import Access, Need
from directfanz.kit.money import Money

State = Literal["scheduled", "preparing", "live", "reconnecting", "ended"]
Protocol = Literal["rtmp", "rtmps", "srt", "whip"]
Level = Literal["info", "warning", "error"]
ClipState = Literal["making", "ready", "failed"]
WhoClips = Literal["team", "members", "viewers"]
WhoRaids = Literal["ask", "welcome", "never"]
WhereEmbeds = Literal["nowhere", "anywhere", "listed"]
HostState = Literal["invited", "accepted", "declined"]
RaidState = Literal["offered", "accepted", "refused", "done", "over"]
RecordingState = Literal["recording", "finishing", "ready", "adopted", "failed"]
# Which state may follow which. A stream that ended does not come back: the next one is another.
TRANSITIONS: dict[State, frozenset[State]] = {
    "scheduled": frozenset({"preparing", "live", "ended"}),
    "preparing": frozenset({"scheduled", "live", "ended"}),
    "live": frozenset({"reconnecting", "ended"}),
    "reconnecting": frozenset({"live", "ended"}),
    "ended": frozenset(),
}
RECORDING_TRANSITIONS: dict[RecordingState, frozenset[RecordingState]] = {
    "recording": frozenset({"finishing", "failed"}),
    "finishing": frozenset({"ready", "failed"}),
    "ready": frozenset({"adopted"}),
    "adopted": frozenset(),
    "failed": frozenset(),
}
__all__ = ["Backend", "Endpoint", "Place", "PlaceState"]
KEY_PREFIX = "live_"
# A process that has not said for so long that it still has a publisher does not have it any more.
SESSION_LIVES = timedelta(seconds=20)
LONGEST_TITLE, LONGEST_ABOUT, LONGEST_LABEL = 140, 5000, 100
LONGEST_CLIP = timedelta(seconds=60)
OPEN_STREAMS_PER_PAGE = 50


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `streams`. `price` is in minor units of `currency`."""

    id: UUID
    creator_id: UUID
    created_by: UUID | None
    title: str
    about: str
    access: Access
    min_rank: int | None
    price: int | None
    currency: str
    state: State
    backend: Backend
    is_recorded: bool
    revision: int
    scheduled_at: datetime | None
    began_at: datetime | None
    dropped_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def need(self) -> Need:
        return Need(creator_id=self.creator_id, access=self.access, min_rank=self.min_rank, object_id=self.id)

    @property
    def cost(self) -> Money | None:
        return None if self.price is None else Money(self.price, self.currency)

    @property
    def is_on_air(self) -> bool:
        return self.state in ("live", "reconnecting")


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `stream_keys`; the secret itself is nowhere."""

    id: UUID
    stream_id: UUID
    hint: str
    created_at: datetime
    used_at: datetime | None


class NewKey(msgspec.Struct, frozen=True):
    """`secret` is shown this once. `endpoints` say where it is shown; they hold it too."""

    key: Key
    secret: str
    endpoints: tuple[Endpoint, ...] = ()


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `stream_places`: what a service of AWS has for a stream, and what it shall come to."""

    stream_id: UUID
    backend: Backend
    ids: dict[str, str]
    endpoints: tuple[Endpoint, ...]
    wanted: Literal["idle", "armed", "released"]
    state: PlaceState
    problem: str
    armed_at: datetime | None
    quiet_since: datetime | None
    made_at: datetime
    seen_at: datetime
    released_at: datetime | None

    @property
    def place(self) -> Place:
        return Place(stream_id=self.stream_id, ids=self.ids)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `stream_sessions`: a publisher's connection."""

    id: UUID
    stream_id: UUID
    key_id: UUID | None
    node: str
    protocol: Protocol
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    end_reason: str | None


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """A publisher may begin, or go on."""

    stream_id: UUID
    creator_id: UUID
    key_id: UUID
    is_recorded: bool
    state: State
    backend: Backend = "local"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `stream_health`."""

    id: UUID
    stream_id: UUID
    at: datetime
    kind: Literal["figures", "event"]
    level: Level = "info"
    code: str = ""
    message: str = ""
    figures: dict[str, Any] = msgspec.field(default_factory=dict)


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `recordings`."""

    id: UUID
    stream_id: UUID
    creator_id: UUID
    node: str
    state: RecordingState
    folder: str
    began_at: datetime
    ended_at: datetime | None
    duration_ms: int
    facts: dict[str, Any]
    problem: str | None
    asset_id: UUID | None
    post_id: UUID | None = None

    @property
    def is_on_its_way(self) -> bool:
        return self.state in ("recording", "finishing", "ready")


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `stream_markers`: a moment worth finding again."""

    id: UUID
    stream_id: UUID
    at: datetime
    label: str


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `clips`. Once `ready` it is a file under its own id."""

    id: UUID
    stream_id: UUID
    creator_id: UUID
    made_by: UUID | None
    title: str
    begins_at: datetime
    seconds: int
    state: ClipState
    problem: str | None
    created_at: datetime


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `live_settings`: what a page allows around its streams. `sites` are those of `listed`."""

    clips: WhoClips = "viewers"
    raids: WhoRaids = "ask"
    embeds: WhereEmbeds = "anywhere"
    sites: list[str] = []


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `stream_hosts`: another page that makes the stream with its own."""

    stream_id: UUID
    creator_id: UUID
    state: HostState
    moderates: bool


class Raid(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `stream_raids`: viewers of one stream on their way to another."""

    id: UUID
    stream_id: UUID
    target_id: UUID
    state: RaidState
    viewers: int
    offered_at: datetime


class Sample(msgspec.Struct, frozen=True):
    """How many watched at one moment; and what was said and given in the minute before it. `tipped` is in minor units."""

    at: datetime
    viewers: int
    messages: int = 0
    tips: int = 0
    tipped: int = 0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of one stream, so far or in all."""

    people: int
    seconds: int
    most_at_once: int
    sources: list[tuple[str, int]]
    # Seconds watched in each rendition, the most first.
    renditions: list[tuple[str, int]] = []
    messages: int = 0
    speakers: int = 0
    tips: int = 0
    tipped: int = 0
    tickets: int = 0
    ticketed: int = 0

    @property
    def average_seconds(self) -> int:
        return self.seconds // self.people if self.people else 0

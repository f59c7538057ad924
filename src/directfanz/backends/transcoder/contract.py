"""Films and sounds made into what browsers play: an HLS ladder in CMAF.

- `transcode` reads one object and writes renditions under `target`: a main playlist `index.m3u8`, one playlist and its segments
  (fragmented MP4) per rung, and one audio rendition of its own. It returns when all of it is in the bucket, or raises.
- All rungs have the same segments: segment n of each begins at the same moment with a key frame.
- Nothing is made larger than the source. Pictures are upright, with square points, in the colours of every screen (BT.709, 8 bits).
- An order may be given again, also by another worker after the first one died: with the same `token` it goes on where the other left
  off as far as that is cheap, and never makes a second result. Two workers must not hold one order at the same time (the caller leases).
- `tell` hears how much is done, from 0 to 1, never less than before, at least every `TELL_SECONDS` while the work moves.
- Cancelling the task of `transcode` stops what runs here; the order can be given again. `cancel` gives the order up for good: what runs
  elsewhere ends too. Cancelling what ended, or never began, is no error.
- `BadMedia` says that the file is to blame: its `reason` is a stable word, its message a sentence for who uploaded it, and a retry
  does not help. `Unavailable` may be tried again. `Rejected` is a mistake of ours or of the account.
- Nothing of the source is followed: no address, no other file, no script in it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

import msgspec

from directfanz.errors import DirectFanzError

TELL_SECONDS = 10
MAIN_PLAYLIST = "index.m3u8"
Tell = Callable[[float], Awaitable[None]]
Role = Literal["playlist", "video", "audio", "image", "poster", "storyboard", "waveform", "preview", "captions"]


class BadMedia(DirectFanzError):
    """The file is to blame."""

    code = "bad_media"
    status = 422

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The film in a file, as it is to be seen: turned upright and with square points."""

    codec: str
    width: int
    height: int
    frames_per_second: float
    bits: int = 8
    subsampling: str = "420"
    turned: int = 0  # degrees that a player has to turn it by
    stretched: bool = False  # its points are not square
    interlaced: bool = False
    transfer: str = ""  # smpte2084 and arib-std-b67 are HDR


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    codec: str
    channels: int
    hertz: int


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the file tells."""

    container: str
    seconds: float
    bits_per_second: int
    picture: Picture | None = None
    sound: Sound | None = None
    subtitles: tuple[tuple[int, str, str], ...] = ()  # number of the stream, codec, language
    cover: int | None = None  # number of the stream with the picture of an album
    begins: float = 0

    @property
    def is_hdr(self) -> bool:
        return self.picture is not None and self.picture.transfer in ("smpte2084", "arib-std-b67")


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the ladder. `copied`: the source's own picture, not encoded again."""

    name: str
    width: int
    height: int
    bits_per_second: int
    copied: bool = False


class Order(msgspec.Struct, frozen=True, kw_only=True):
    token: str  # the same for the same work: asset, version
    bucket: str  # names of platform.toml
    source: str
    target_bucket: str
    target: str  # a folder, without a / at its end
    facts: Facts
    rungs: tuple[Rung, ...]  # the best first
    local_source: str | None = None  # a copy on this machine, when the caller has one


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    role: Role
    path: str  # under the order's target
    mime: str
    width: int | None = None
    height: int | None = None
    bits_per_second: int | None = None
    bytes: int | None = None


class Made(msgspec.Struct, frozen=True):
    renditions: tuple[Rendition, ...]
    seconds: float


class Transcoder(Protocol):
    name: str

    async def transcode(self, order: Order, tell: Tell) -> Made: ...

    async def cancel(self, order: Order) -> None: ...

    async def close(self) -> None: ...

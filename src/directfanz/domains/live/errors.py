"""Why a stream says no."""

from __future__ import annotations

from directfanz.errors import Conflict, Forbidden, NotFound


class NoSuchStream(NotFound):
    code = "no_such_stream"


class StateChanged(Conflict):
    code = "state_changed"


class TooManyOf(Conflict):
    code = "too_many"


class NotAdmitted(Forbidden):
    """A publisher is turned away; the message is what its encoder shows."""

    code = "not_admitted"


def no_such_stream() -> NoSuchStream:
    return NoSuchStream("There is no such stream.")


class StreamLocked(Forbidden):
    code = "stream_locked"


class NotOnAir(Conflict):
    code = "not_on_air"


class NotForSale(Conflict):
    code = "not_for_sale"


class NotRecorded(Conflict):
    code = "not_recorded"


class NoSuchMarker(NotFound):
    code = "no_such_marker"


class NoSuchClip(NotFound):
    code = "no_such_clip"


class NotForClips(Forbidden):
    code = "clips_not_allowed"


class NoSuchHost(NotFound):
    code = "no_such_host"


class NoRaid(Conflict):
    code = "no_raid"

from __future__ import annotations

from directfanz.errors import Conflict, NotFound


class NoSuchPost(NotFound):
    code = "no_such_post"


class StateChanged(Conflict):
    code = "state_changed"


class EditedMeanwhile(Conflict):
    """Somebody else saved after this one began to write."""

    code = "edited_meanwhile"


class TooManyOf(Conflict):
    code = "too_many"


class NotForSale(Conflict):
    code = "not_for_sale"


class NoSuchCollection(NotFound):
    code = "no_such_series"


class NoSuchPlaylist(NotFound):
    code = "no_such_playlist"


class NoSuchFile(NotFound):
    code = "no_such_file"

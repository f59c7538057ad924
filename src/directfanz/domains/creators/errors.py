"""Why a page says no."""

from __future__ import annotations

from directfanz.errors import Conflict, Forbidden, InvalidInput, NotFound


class NoSuchCreator(NotFound):
    code = "no_such_creator"


class SlugTaken(Conflict):
    code = "slug_taken"


class NotInTeam(Forbidden):
    """Nobody of this team, or not with this right."""

    code = "not_in_team"


class KeptApart(Forbidden):
    """A page and a person who want nothing to do with each other."""

    code = "kept_apart"


class StateChanged(Conflict):
    code = "state_changed"


class NotReady(Conflict):
    """Something has to be done first; the message says what."""

    code = "not_ready"


class OwnerStays(Conflict):
    """A page has one owner: they hand it over, they do not just go."""

    code = "owner_stays"


class TooManyOf(Conflict):
    code = "too_many"


class InvitationInvalid(InvalidInput):
    """Used, old, taken back, altered, or made for somebody else."""

    code = "invitation_invalid"

from __future__ import annotations

from directfanz.errors import Conflict, Forbidden, NotFound


class NoSuchComment(NotFound):
    code = "no_such_comment"


class CommentsClosed(Forbidden):
    """The post takes no comment of this person; the message says whose it takes."""

    code = "comments_closed"


class NotModerator(Forbidden):
    code = "not_moderator"


class TooLateToEdit(Conflict):
    code = "too_late_to_edit"


class Blocked(Forbidden):
    """Two people who are kept apart."""

    code = "blocked"


class NotBlockable(Conflict):
    code = "not_blockable"

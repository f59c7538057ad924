from __future__ import annotations

from directfanz.errors import Conflict, Forbidden, NotFound, RateLimited


class NoSuchRoom(NotFound):
    code = "no_such_room"


class NoSuchMessage(NotFound):
    code = "no_such_message"


class NoSuchPoll(NotFound):
    code = "no_such_poll"


class NotYourRoom(Forbidden):
    """What is seen in it is not open to them."""

    code = "room_locked"


class MayNotSpeak(Forbidden):
    code = "may_not_speak"


class Banned(MayNotSpeak):
    code = "banned"


class WordNotWelcome(MayNotSpeak):
    code = "word_not_welcome"


class RoomClosed(Conflict):
    code = "room_closed"


class PollClosed(Conflict):
    code = "poll_closed"


class VotedAlready(Conflict):
    code = "voted_already"


class PollOpen(Conflict):
    code = "poll_open"


class TooManyEmotes(Conflict):
    code = "too_many"


class SlowDown(RateLimited):
    code = "slow_mode"

"""What one socket, one address and one process may use."""

from __future__ import annotations

# A client's message, all its fragments together. What we send is bounded by who makes it.
MAX_MESSAGE_BYTES = 4096
# Unsent bytes at which a reader counts as too slow: a few seconds of a very lively room.
MAX_UNSENT_BYTES = 256 * 1024
MAX_SOCKETS = 20_000
MAX_SOCKETS_PER_PERSON = 20
MAX_ROOMS_PER_SOCKET = 20
MESSAGES_PER_SECOND = 10.0
MESSAGES_AT_ONCE = 40.0

# Frames wait this long for company, so a lively room costs one write per member and tick. A round of writes to many takes
# long itself, so they wait longer: nobody sees 60 ms in a chat of a thousand, and the process does half the work.
TICK_SECONDS = 0.005
TICK_SECONDS_PER_MEMBER = 0.000_055
LONGEST_TICK_SECONDS = 0.06
# What is in no hurry waits so long for something else to go with.
SOON_SECONDS = 0.15
HELLO_SECONDS = 5.0
CLOSE_SECONDS = 3.0
# Unheard for so long, a socket is asked, and then given up. Browsers answer pings by themselves.
PING_AFTER_SECONDS = 20.0
GIVE_UP_AFTER_SECONDS = 45.0
# In a counted room people are asked sooner, and who says nothing is not counted: not cut, a tunnel may be short.
COUNTED_PING_AFTER_SECONDS = 0.5
COUNTED_FOR_SECONDS = 1.2
WATCH_EVERY_SECONDS = 0.2
# A drain sends so many away per second, or faster when the time would not do.
SENT_AWAY_PER_SECOND = 200
DRAIN_SHARE = 0.6

# What a process keeps of a chat room for those who enter or come back.
CHAT_TAIL_EVENTS = 200
# What was never published arrives after so long.
CHAT_COMPARE_SECONDS = 2.0
# So many are let in at one go: more would make the others wait for them.
CHAT_ENTER_TOGETHER = 200
CHAT_LINGERS_SECONDS = 30.0
CHAT_RIGHTS_SECONDS = 10.0


class Allowance:
    """A bucket of messages that refills with time."""

    __slots__ = ("_filled_at", "_left")

    def __init__(self, now: float) -> None:
        self._left = MESSAGES_AT_ONCE
        self._filled_at = now

    def take(self, now: float) -> bool:
        self._left = min(MESSAGES_AT_ONCE, self._left + (now - self._filled_at) * MESSAGES_PER_SECOND)
        self._filled_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def tick_seconds(members: int) -> float:
    """How long what is said waits in a process of so many."""
    return min(LONGEST_TICK_SECONDS, TICK_SECONDS + members * TICK_SECONDS_PER_MEMBER)

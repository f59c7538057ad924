"""What can go wrong with a command, told apart by what is known of its effect.

Unavailable
├── NotDone       it certainly did not happen: never sent, or the server said "not now"; any command may be repeated
│   ├── Moved     a cluster: the key lives elsewhere
│   └── Asking    a cluster: this one time, ask elsewhere
├── Lost          it was sent and no answer came: only a command that may happen twice is repeated
└── CacheFull     no memory left for writes; repeating at once does not help
Rejected
└── CacheRefused  the command itself is wrong (wrong type, unknown command); our mistake
"""

from __future__ import annotations

from typing import NamedTuple

from directfanz.errors import Rejected, Unavailable

RETRY_AFTER_SECONDS = 2


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class CacheUnavailable(Unavailable):
    def __init__(self, message: str) -> None:
        super().__init__(message, retry_after_seconds=RETRY_AFTER_SECONDS)


class NotDone(CacheUnavailable): ...


class Moved(NotDone):
    def __init__(self, message: str, slot: int, to: Address) -> None:
        super().__init__(message)
        self.slot = slot
        self.to = to


class Asking(NotDone):
    def __init__(self, message: str, slot: int, to: Address) -> None:
        super().__init__(message)
        self.slot = slot
        self.to = to


class ScriptMissing(NotDone): ...


class NotPrimary(NotDone):
    """The server became a replica, so whoever leads now must be found."""


class Lost(CacheUnavailable):
    code = "timed_out"


class CacheFull(CacheUnavailable): ...


class CacheRefused(Rejected):
    code = "cache_refused"


_NOT_NOW = ("LOADING", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "BUSY")


def fault(reply: str) -> Exception:
    """The error for an error reply such as `MOVED 3999 127.0.0.1:6381`."""
    word, _, rest = reply.partition(" ")
    if word in ("MOVED", "ASK"):
        return _redirect(word, rest)
    if word in _NOT_NOW:
        return NotDone(f"The cache is not ready: {word}.")
    if word == "READONLY":
        return NotPrimary("The cache node became a replica.")
    if word == "NOSCRIPT":
        return ScriptMissing("The cache does not know the script yet.")
    if word == "OOM":
        return CacheFull("The cache is full.")
    return CacheRefused(f"The cache refused the command: {reply[:200]}")


def _redirect(word: str, rest: str) -> Exception:
    slot, _, where = rest.partition(" ")
    host, _, port = where.rpartition(":")
    if not (slot.isdecimal() and port.isdecimal()):
        return CacheRefused(f"The cache redirects to nowhere: {rest[:200]}")
    kind = Moved if word == "MOVED" else Asking
    return kind("The key lives on another node.", int(slot), Address(host, int(port)))

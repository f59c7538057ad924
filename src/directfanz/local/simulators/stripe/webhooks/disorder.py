"""How badly the network behaves, as it is told to."""

from __future__ import annotations

import secrets

import msgspec

HUNDRED = 100


class Disorder(msgspec.Struct, kw_only=True):
    """`jitter_ms` delays each sending by up to so much, which is what puts them out of order."""

    jitter_ms: int = 0
    duplicate_percent: int = 0
    drop_percent: int = 0  # lost on the way: tried again later, as after any failure
    paused: bool = False

    def delay(self) -> float:
        return secrets.randbelow(self.jitter_ms + 1) / 1000 if self.jitter_ms > 0 else 0.0

    def doubles(self) -> bool:
        return secrets.randbelow(HUNDRED) < self.duplicate_percent

    def drops(self) -> bool:
        return secrets.randbelow(HUNDRED) < self.drop_percent

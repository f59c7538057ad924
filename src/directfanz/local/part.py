"""What the supervisor is told about a thing that it keeps running, or runs once. Pure data."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from directfanz.local.process import Command

Probe = Callable[[], Awaitable[None]]
Kind = Literal["engine", "step", "process", "edge", "errand"]
State = Literal["waiting", "starting", "ready", "not answering", "restarting", "done", "stopped"]


class NotReady(Exception):
    """A probe's answer while the part is not there yet; says what was missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`probe` asks the part in its own protocol and raises until it answers; a step has none, it is done when it ends. An errand is a
    step that nobody waits for."""

    name: str
    about: str
    kind: Kind
    command: Command
    needs: tuple[str, ...] = ()  # begins when these are ready, and ends before them
    uses: tuple[str, ...] = ()  # begins without waiting for these, and ends before them
    probe: Probe | None = None
    ports: tuple[int, ...] = ()
    address: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10
    prepare: Callable[[], Awaitable[None]] | None = None  # before each start: files and folders it expects
    sweep: Callable[[], None] | None = None  # after each exit: what it leaves lying about
    log: str = ""  # whose file its output goes to, when not its own
    stamp: str = ""  # a step with the stamp of its last success is not run again

    @property
    def once(self) -> bool:
        return self.kind in ("step", "errand")


@dataclass(slots=True)
class Standing:
    """How a part is doing, as `directfanz status` shows it."""

    name: str
    about: str
    kind: Kind
    address: str
    state: State = "waiting"
    pid: int | None = None
    starts: int = 0
    failures: int = 0  # in a row
    ready_in: float | None = None  # seconds from the stack's start
    since: str = ""  # when the state began, in UTC
    note: str = ""

"""What a supervisor that was killed left behind. The kernel ends it too, where it can; here we make sure."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil

from directfanz.local.state import State
from directfanz.local.status import Status

GRACE_SECONDS = 5.0


def end_leftovers(state: State, status: Status | None) -> list[int]:
    """Ends the processes of the last run that still live, and returns their ids. Blocks for at most some seconds."""
    found = [process for part in (status.parts if status else []) if (process := _ours(part.pid, state))]
    _, still_there = psutil.wait_procs(found, timeout=GRACE_SECONDS)
    for process in still_there:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    psutil.wait_procs(still_there, timeout=GRACE_SECONDS)
    return [process.pid for process in found]


def _ours(pid: int | None, state: State) -> psutil.Process | None:
    """An id may belong to somebody else by now: ours works in the state folder and leads a group."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        at_home = process.cwd().startswith(str(state.root)) and os.getpgid(pid) == pid
    except (psutil.Error, ProcessLookupError):
        return None
    return process if at_home else None

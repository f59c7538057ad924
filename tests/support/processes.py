"""Watching processes that are not our children."""

from __future__ import annotations

import os
import select

PATIENCE_SECONDS = 60


def ends_soon(pid: int) -> bool:
    """Waits for the end of a process; true too when it is long gone."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([pidfd], [], [], PATIENCE_SECONDS)[0])
    finally:
        os.close(pidfd)

"""Wall time, and processor seconds by who used them: the program, the two servers, everybody else on the machine."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from pathlib import Path

import msgspec

TICKS = os.sysconf("SC_CLK_TCK")


class Measured(msgspec.Struct, frozen=True):
    wall: float
    client: float
    servers: float
    others: float  # of the machine, besides these

    @property
    def cpu(self) -> float:
        return self.client + self.servers


def _times(pid: int) -> tuple[int, float]:
    """(parent, seconds with the children that were waited for)"""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS


def tree_seconds(root: int) -> float:
    """A server with the processes it has, and those it had."""
    total = _times(root)[1]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent, seconds = _times(int(entry.name))
            except OSError:
                continue
            total += seconds if parent == root else 0
    return total


def backend_seconds(pid: int) -> float:
    return _times(pid)[1]


def _machine() -> float:
    words = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return (sum(words) - words[3] - words[4]) / TICKS


def measured(command: list[str], servers: list[int], env: dict[str, str] | None = None) -> Measured:
    before, busy, began = _children(), _machine(), time.monotonic()
    at_servers = sum(map(tree_seconds, servers))
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    wall = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(f"{command[:3]} ended with {done.returncode}: {(done.stderr + done.stdout)[-3000:]}")
    client = _children() - before
    used = sum(map(tree_seconds, servers)) - at_servers
    return Measured(wall, client, used, max(0.0, _machine() - busy - client - used))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

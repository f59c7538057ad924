"""A contender: one server process (and its children) on a core of its own, with what it has cost so far."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

SERVER_CPU = 0
START_SECONDS = 60
PINNED = "import os,sys; os.sched_setaffinity(0,{int(sys.argv[1])}); os.execvp(sys.argv[2], sys.argv[2:])"
# Before other work on the machine, where one may ask for that: a server that is interrupted finds its caches cold.
PRIORITY = -10


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def cpu_seconds(self) -> float:
        return sum(times.user + times.system for times in (p.cpu_times() for p in self._tree()))

    def memory_mib(self) -> float:
        return sum(p.memory_info().rss for p in self._tree()) / 2**20

    def _tree(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


@contextmanager
def running(command: Sequence[str], env: dict[str, str], *, ready: str, folder: Path, log: Path) -> Iterator[Server]:
    """`{port}` in the command and in the environment becomes a free port."""
    port = free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    extra = {name: value.replace("{port}", str(port)) for name, value in env.items()}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", PINNED, str(SERVER_CPU), *words],
            env={**os.environ, **extra}, cwd=folder, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        prefer(process.pid)
        try:
            _await(f"http://127.0.0.1:{port}{ready}", process, log)
            yield Server(process, port)
        finally:
            with suppress(ProcessLookupError):  # it ended by itself; why is what its log says
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def prefer(pid: int) -> None:
    """For all contenders and their load alike, or for none. A session of its own is weighed as a group by some kernels."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, PRIORITY)
        Path(f"/proc/{pid}/autogroup").write_text(str(PRIORITY))


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"A contender did not start. Its log ends with:\n{log.read_text(errors='replace')[-2000:]}")

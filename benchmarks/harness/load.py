"""Load by wrk: open connections that ask again as soon as they are answered, for a bounded time."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness.server import prefer

LUA = Path(__file__).with_name("requests.lua")
LOAD_CPU = "1"


@dataclass(frozen=True)
class Request:
    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def raw(self) -> str:
        headers = {"Host": "localhost", **self.headers}
        if self.body or self.method == "POST":
            headers["Content-Length"] = str(len(self.body.encode()))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{lines}\r\n{self.body}"


@dataclass(frozen=True)
class Answered:
    requests: int
    seconds: float
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("The benchmarks need wrk to make load: apt-get install wrk")


def load(port: int, requests: Sequence[Request], seconds: int, connections: int) -> Answered:
    with tempfile.NamedTemporaryFile("w", newline="") as file:
        file.write("\0".join(request.raw() for request in requests))
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(LUA)]
        output = _run(["taskset", "-c", LOAD_CPU, *command, f"http://127.0.0.1:{port}", "--", file.name], seconds + 30)
    return Answered(**json.loads(output.rpartition("JSON")[2]))


def _run(command: Sequence[str], patience_seconds: int) -> str:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        prefer(process.pid)
        try:
            return process.communicate(timeout=patience_seconds)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise

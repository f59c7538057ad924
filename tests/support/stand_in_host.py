"""The stand-in for AWS in a process of its own, and where it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.engines import REPOSITORY


@contextmanager
def stand_in() -> Iterator[str]:
    environ = {**os.environ, "MOTO_ACM_VALIDATION_WAIT": "1", "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.support.stand_in.server"],
        cwd=REPOSITORY,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert host.stdin
    assert host.stdout
    yield host.stdout.readline().decode().strip()
    host.stdin.close()
    host.stdout.close()
    host.wait()

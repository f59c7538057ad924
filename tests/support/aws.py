"""An AWS that answers on loopback: moto, in a process of its own that ends with ours, however that ends."""

from __future__ import annotations

import atexit
import subprocess
import sys
from functools import lru_cache

import msgspec

from tests.support.engines import REPOSITORY

REGION = "eu-west-1"


class Aws(msgspec.Struct, frozen=True):
    endpoint: str
    access_key: str = "test"
    secret_key: str = "test"


@lru_cache
def aws(name: str = "shared") -> Aws:
    """One of each name for all tests of this worker; each test uses names of its own in it.

    A test that reads the simulator's own records wants one that others do not fill.
    """
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.support.aws_host"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert host.stdin
    assert host.stdout
    endpoint = host.stdout.readline().decode().strip()
    if not endpoint:
        host.wait()
        raise RuntimeError("the AWS simulator did not start; run `python -m tests.support.aws_host` to see why")
    atexit.register(_end, host)
    return Aws(endpoint)


def _end(host: subprocess.Popen[bytes]) -> None:
    with host:
        assert host.stdin
        host.stdin.close()

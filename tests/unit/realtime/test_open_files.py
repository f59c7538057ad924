"""A process takes as many sockets as it may have open files, and gets as many of those as the machine lets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, tuple(map(int, sys.argv[1:])))
from directfanz.processes.lifecycle import allow_open_files
print(allow_open_files(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(("allowed", "at_most"), [(256, 4096), (512, 512)])
def test_it_asks_for_what_it_may_have(allowed: int, at_most: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(allowed), str(at_most)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(at_most)] * 3

"""Ctrl-C reaches Terraform too: it finishes what it has in hand, and so long we listen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

TERRAFORM = """#!/bin/sh
event() { echo '{"@timestamp": "2026-12-01T00:00:0'$2'Z", "type": "'$1'", "hook": {"resource": {"addr": "a.b"}, "action": "create"}}'; }
stop=
trap 'stop=1' INT
event apply_start 0
touch started
while [ -z "$stop" ]; do sleep 0.05; done
event apply_complete 1
touch finished
"""
WORK = """
import sys
from pathlib import Path
from directfanz.operate.aws.terraform import Terraform
folder = Path(sys.argv[1])
Terraform(str(folder / "terraform"), folder, {}).carry_out(Path("plan"), {"create": ["a.b"]}, print)
"""


def test_what_is_in_hand_is_finished_first(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_text(TERRAFORM)
    program.chmod(0o755)
    # A session of its own is a terminal of its own: both get the signal there.
    work = subprocess.Popen(
        [sys.executable, "-c", WORK, str(tmp_path)],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "started").exists():
        assert work.poll() is None
        time.sleep(0.02)
    os.killpg(work.pid, signal.SIGINT)
    said, wrong = work.communicate(timeout=60)
    assert (tmp_path / "finished").exists(), "Terraform was cut off, and its lock would stay"
    assert "Stopping: what is in hand is finished first" in said
    assert "1 of 1" in said
    assert "KeyboardInterrupt" in wrong

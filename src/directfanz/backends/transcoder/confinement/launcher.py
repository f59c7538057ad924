"""`python -I -S launcher.py '{"memory": ..., "cpu": ..., "file": ..., "nice": ...}' program arguments...`

Becomes the program, with limits that it cannot raise. A script of its own, of the standard library alone: it starts in 20 ms, and
nothing of the worker (its connections, its secrets) is in the process that reads a stranger's file.
"""

import ctypes
import json
import os
import resource
import signal
import sys

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
OPEN_FILES = 256
GRACE_SECONDS = 5


def main() -> None:
    limits = json.loads(sys.argv[1])
    program = sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    # No network at all, where the kernel lets us. Without it the programs' own lists of protocols remain.
    if sys.platform == "linux":
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
        # After it: a change of credentials forgets the signal. The program dies with the worker, also when that is killed.
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != limits["parent"]:
            sys.exit(1)
    os.nice(limits["nice"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + GRACE_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file"], limits["file"]))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    os.execve(program[0], program, {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})  # noqa: S606


main()

"""Becomes a program, after tying its life to the supervisor's. Run as `python -S -E launch.py PARENT DEATH_SIGNAL MODE PROGRAM...`.

A wrapper instead of `preexec_fn`, which is not safe beside threads. It imports only what costs nothing.
MODE is `plain`, or how to stop being root: `namespace` or `nobody` (`privileges.py` says which).
"""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534


def enter_user_namespace(libc: ctypes.CDLL) -> None:
    """We stay who we are on disk, and look like `nobody` to the program: PostgreSQL refuses user id 0."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit("launch: this machine refuses user namespaces")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {user} 1"), ("gid_map", f"{NOBODY} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def main() -> None:
    parent, death_signal, mode, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    os.setsid()  # a group of its own: Ctrl-C in a terminal does not reach it, killpg does
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if mode == "namespace":
            enter_user_namespace(libc)
        elif mode == "nobody":
            become_nobody()
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)  # a change of user clears it, so it comes after
    if os.getppid() != parent:  # the supervisor died before the kernel was told
        os._exit(1)
    os.execv(program[0], program)  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main()

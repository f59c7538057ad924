"""PostgreSQL refuses to run as root, and as a user without a name. This says how it is made to look like somebody else.

1. An ordinary user: nothing to do.
2. A user namespace: the program sees user id 65534, files stay ours. Works under a 0700 home too.
3. Root where namespaces are refused (Docker's default seccomp): become `nobody`, who must own the data and reach the
   program.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Literal

from directfanz.errors import ConfigurationError
from directfanz.local.launch import NOBODY

Mode = Literal["plain", "namespace", "nobody"]
LAUNCH = Path(__file__).with_name("launch.py")


@cache
def drop_mode() -> Mode:
    if sys.platform != "linux" or (os.geteuid() != 0 and _has_a_name(os.geteuid())):
        return "plain"
    trial = [sys.executable, "-S", "-E", str(LAUNCH), str(os.getpid()), "15", "namespace", shutil.which("true") or ""]
    answer = subprocess.run(trial, capture_output=True, check=False)
    if answer.returncode == 0:
        return "namespace"
    if os.geteuid() == 0:
        return "nobody"
    raise ConfigurationError(
        f"PostgreSQL needs a user with a name, user id {os.geteuid()} has none, and this machine refuses user namespaces. "
        f"Add the user to /etc/passwd, or run as one that is there."
    )


def _has_a_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def others_may_reach(path: Path) -> bool:
    """Whether a stranger on this machine can walk to `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents] if folder.is_dir())


def give_to_nobody(folder: Path) -> None:
    if not others_may_reach(folder.parent):
        raise ConfigurationError(
            f"PostgreSQL does not run as root, this machine refuses user namespaces, and the user nobody cannot reach "
            f"{folder}. Run as an ordinary user, or set DIRECTFANZ_STATE_DIR to a folder that everybody may enter, "
            f"such as /var/lib/directfanz."
        )
    for place, folders, files in os.walk(folder):
        for name in [place, *(os.path.join(place, entry) for entry in folders + files)]:
            os.chown(name, NOBODY, NOBODY, follow_symlinks=False)


def reachable_copy(trees: tuple[Path, ...], target: Path) -> Path:
    """The program's trees where nobody can read them, kept side by side: libraries are found by relative paths."""
    for tree in trees:
        if not (target / tree.name).exists():
            shutil.copytree(tree, target / f"{tree.name}.part", symlinks=True, dirs_exist_ok=True)
            (target / f"{tree.name}.part").rename(target / tree.name)
    return target

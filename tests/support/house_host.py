"""Holds the house of one test run: `python -m tests.support.house_host FOLDER WATCHED NAME`.

Says one line of JSON when everything is ready. Stops it all when the watched process (pytest's) ends, however it ends, or on
SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

from directfanz.backends.clock.system import SystemClock
from directfanz.local.checkout import Checkout
from directfanz.local.control import bring_down, bring_up
from directfanz.local.environment import DEMO_FILES, DEMO_MEMBERS, read_environment
from directfanz.local.state import State
from tests.support.engine_host import told_to_end
from tests.support.engines import REPOSITORY


async def main(folder: Path, watched: int, name: str) -> None:
    checkout = Checkout(REPOSITORY / "platform.toml", State(folder / name))
    clock, end = SystemClock(), told_to_end(watched)
    outside = {one: value for one, value in os.environ.items() if not one.startswith("DIRECTFANZ_")}
    outside[DEMO_FILES] = outside[DEMO_MEMBERS] = "false"  # they would be made while others measure
    if name == "moving":
        outside["DIRECTFANZ_CLOCK_SHIFT_FILE"] = str(folder / name / "ahead")
    try:
        told = await bring_up(checkout, outside, clock, lambda _: None)
        described = {
            "host_pid": os.getpid(),
            "site_url": told.site_url,
            "state_dir": str(checkout.state.root),
            "environment": dict(read_environment(checkout.state)),
        }
        print(json.dumps(described), flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        await end.wait()
    finally:
        await bring_down(checkout, clock, lambda _: None)
        shutil.rmtree(folder / name, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))

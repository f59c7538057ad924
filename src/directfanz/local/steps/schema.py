"""`python -m directfanz.local.steps.schema`: roles, the database, its extensions, and all migrations.

The server's superuser comes in SERVER_URL: no process that serves people ever sees it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from directfanz.backends.database.migrations import migrate
from directfanz.local.engines.roles import Roles, ensure_database, ensure_roles
from directfanz.local.state import State
from directfanz.local.steps.report import reported
from directfanz.platform_toml import load_platform
from directfanz.settings import load


def main() -> None:
    settings = load(os.environ)
    platform = load_platform(Path(settings.platform_file))
    state, server = State(Path(settings.state_dir)), os.environ["SERVER_URL"]
    ensure_roles(server, Roles(state.secret("database-owner-password"), state.secret("database-app-password")))
    ensure_database(server, platform.database.name, platform.database.extensions)
    applied = asyncio.run(migrate(str(settings.database_owner_url)))
    print(f"{len(applied)} migrations applied: {', '.join(applied) or 'the schema was up to date'}")  # noqa: T201


if __name__ == "__main__":
    reported(main)

"""The whole schema as one file, `database/schema.sql`: what all migrations together make.

It is for people to read and for a test to compare: a fresh database must come out as the file says.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from directfanz.errors import ConfigurationError

FILE = Path(__file__).resolve().parents[4] / "database" / "schema.sql"
HEAD = "-- Made by `directfanz schema --write` from the migrations. Do not edit: write a migration.\n\n"
# Settings of the dump itself, the tool's version, a token that differs each time.
_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n", re.M)


async def dump(pg_dump: str | Path, owner_url: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(pg_dump),
        "--schema-only",
        "--no-owner",
        "--no-comments",
        owner_url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, problem = await process.communicate()
    if process.returncode:
        raise ConfigurationError(f"pg_dump failed: {problem.decode(errors='replace').strip()}")
    return normalised(out.decode())


def normalised(text: str) -> str:
    return HEAD + re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", text)).strip() + "\n"

"""How fast files arrive: our command line beside s5cmd, into the same store.

python -m benchmarks.uploads STATE_DIR PAGE TOKEN_FILE

Against a platform that runs here (`make up`; STATE_DIR is its `.directfanz`). Needs `s5cmd` (the package of that name) on the path.
One file of 512 MiB, the two in turn; the ratio of the medians is told. Ours goes through the edge, announces and checks
each part; s5cmd goes to the store itself.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from directfanz.local.environment import read_environment
from directfanz.local.state import State

ROUNDS, MIB = 3, 1024 * 1024
SIZE = 512


def written(folder: Path) -> Path:
    path = folder / f"bench-{secrets.token_hex(4)}.zip"
    with path.open("wb") as out:
        out.write(b"PK\x03\x04")
        for _ in range(SIZE):
            out.write(os.urandom(MIB))
    return path


def seconds_of(command: list[str], told: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **told})
    return time.perf_counter() - began


def ours(site: str, page: str, token: str, path: Path) -> float:
    command = [sys.executable, "-m", "directfanz", "upload", "--page", page, "--site", site, str(path)]
    return seconds_of(command, {"DIRECTFANZ_UPLOAD_TOKEN": token})


def theirs(known: dict[str, str], path: Path) -> float:
    endpoint, bucket = (
        known["DIRECTFANZ_STORAGE_ENDPOINT"],
        f"{known.get('DIRECTFANZ_STORAGE_PREFIX', 'directfanz-')}uploads",
    )
    told = {
        "AWS_ACCESS_KEY_ID": known["DIRECTFANZ_STORAGE_ACCESS_KEY"],
        "AWS_SECRET_ACCESS_KEY": known["DIRECTFANZ_STORAGE_SECRET_KEY"], "AWS_REGION": "us-east-1",
    }  # fmt: skip
    command = ["s5cmd", "--endpoint-url", endpoint, "cp", "--concurrency", "4", "--part-size", "8", str(path)]
    return seconds_of([*command, f"s3://{bucket}/bench/{path.name}"], told)


def main() -> None:
    state, page, token_file = sys.argv[1:]
    known = dict(read_environment(State(Path(state).resolve())))
    token, seen = Path(token_file).read_text().strip(), dict[str, list[float]]()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            path = written(Path(folder))
            seen.setdefault("directfanz upload", []).append(ours(known["DIRECTFANZ_SITE_URL"], page, token, path))
            seen.setdefault("s5cmd cp", []).append(theirs(known, path))
            path.unlink()
    table, peer = Table("", "MiB/s", "to s5cmd"), statistics.median(seen["s5cmd cp"])
    for name, values in seen.items():
        middle = statistics.median(values)
        table.add_row(name, f"{SIZE / middle:.0f}", f"{peer / middle:.2f}")
    Console(width=80).print(table)


if __name__ == "__main__":
    main()

"""Of what people watch, how much the edge answers from its cache.

python -m benchmarks.hits [--files 200] [--requests 8000]

Zipf traffic (the n-th file is asked for 1/n as often as the first) over signed links, each person with links of their own, through the real
edge. What is asked for the first time must come from the store, so the share that could be reached is told beside.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from directfanz.kit.signing import UrlSigner, custom_policy, new_key_pair
from directfanz.local.edge import StorageKey
from directfanz.platform_toml import load_platform
from tests.support.edge import Answer, Origin, RunningEdge, running_edge, unhurried
from tests.support.engines import REPOSITORY

PEOPLE, BYTES = 200, 50_000


def asked(files: int, requests: int) -> list[int]:
    return random.Random(7).choices(range(files), [1 / rank for rank in range(1, files + 1)], k=requests)


def hits(edge: RunningEdge, signer: UrlSigner, wanted: list[int]) -> int:
    until, links, found = datetime.now(UTC) + timedelta(minutes=9), dict[tuple[int, int], str](), 0
    for turn, number in enumerate(wanted):
        person = turn % PEOPLE
        if (person, number) not in links:
            policy = custom_policy(f"{edge.url}/media/{number:032x}/v/*", until + timedelta(seconds=person / 10))
            links[person, number] = signer.sign_url_for(f"{edge.url}/media/{number:032x}/v/1/0.m4s", policy)
        answer = edge.get(links[person, number])
        if answer.status_code != 200:
            raise SystemExit(f"a signed link answers {answer.status_code}")
        found += answer.headers["x-cache"] == "HIT"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hits", description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--requests", type=int, default=8_000)
    wanted = parser.parse_args()
    store, (private, public) = Origin().start(), new_key_pair()
    store.answer = lambda seen: Answer(200, (("ETag", '"x"'),), b"v" * BYTES)
    numbers = asked(wanted.files, wanted.requests)
    platform, key = (
        unhurried(load_platform(REPOSITORY / "platform.toml")),
        StorageKey(access_key="edge", secret_key="secret"),
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        running_edge(
            platform, Path(folder), public_keys={"K1": public}, storage_key=key, services={}, storage=store.address
        ) as edge,
    ):
        found = hits(edge, UrlSigner("K1", private), numbers)
    asks = len(store.seen)
    store.close()
    table = Table("files", "requests", "from the cache", "at most possible", "asked of the store")
    most = 1 - len(set(numbers)) / len(numbers)
    table.add_row(f"{wanted.files:,}", f"{len(numbers):,}", f"{found / len(numbers):.2%}", f"{most:.2%}", f"{asks:,}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()

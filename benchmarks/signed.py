"""What the check of a signed address costs the edge.

python -m benchmarks.signed

CPU time of nginx's processes per request for one small kept file: open to all; signed, each request with a signature that was never seen
before; and signed with one that was. The difference to the open one is the check. Contenders take turns; the median of the rounds counts.
"""

from __future__ import annotations

import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from directfanz.kit.signing import UrlSigner, custom_policy, new_key_pair
from directfanz.local.edge import StorageKey
from directfanz.platform_toml import load_platform
from tests.support.edge import Answer, Origin, RunningEdge, running_edge, unhurried
from tests.support.engines import REPOSITORY

ROUNDS, REQUESTS = 5, 1500
FILE = "/media/0123/v/1/0.m4s"


def cpu_of(edge: RunningEdge) -> float:
    processes = [psutil.Process(edge.process.pid), *psutil.Process(edge.process.pid).children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in processes)


def cost_us(edge: RunningEdge, addresses: list[str]) -> float:
    before = cpu_of(edge)
    for address in addresses:
        if edge.get(address).status_code != 200:
            raise SystemExit(f"{address} does not open")
    return (cpu_of(edge) - before) / len(addresses) * 1e6


def addresses(edge: RunningEdge, signer: UrlSigner, salt: int) -> dict[str, list[str]]:
    until = datetime.now(UTC) + timedelta(minutes=10)

    def signed(number: int) -> str:
        policy = custom_policy(f"{edge.url}/media/0123/v/*", until + timedelta(seconds=number))
        return signer.sign_url_for(edge.url + FILE, policy)

    return {
        "open to all": ["/public/a.png"] * REQUESTS,
        "signed, new each time": [signed(salt * REQUESTS + number) for number in range(REQUESTS)],
        "signed, seen before": [signed(0)] * REQUESTS,
    }


def main() -> None:
    origin, (private, public) = Origin().start(), new_key_pair()
    origin.answer = lambda seen: Answer(200, (("ETag", '"x"'),), b"v" * 1000)
    platform = unhurried(load_platform(REPOSITORY / "platform.toml"))
    key, seen = StorageKey(access_key="edge", secret_key="secret"), dict[str, list[float]]()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_edge(
            platform, Path(folder), public_keys={"K1": public}, storage_key=key, services={}, storage=origin.address
        ) as edge,
    ):
        for salt in range(1, ROUNDS + 1):
            for name, some in addresses(edge, UrlSigner("K1", private), salt).items():
                seen.setdefault(name, []).append(cost_us(edge, some))
    origin.close()
    table = Table("request", "CPU us at the edge", "lowest", "of that the check, us")
    bare = statistics.median(seen["open to all"])
    for name, values in seen.items():
        middle = statistics.median(values)
        table.add_row(name, f"{middle:.0f}", f"{min(values):.0f}", f"{middle - bare:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()

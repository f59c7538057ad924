"""A bucket to a bucket of another store: small, middle and great objects, ours beside rclone and s5cmd. Ours hashes every byte."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import msgspec
import psycopg

from benchmarks.moving.meter import Measured, measured
from directfanz.migrate.objects.place import Address
from tests.support.own_engines import OwnEngines, own_engines

SMALL, MIDDLE, GREAT = 4000, 40, 2
GREAT_BYTES = 256 << 20
BUCKET = "media"


async def contest(rounds: int, scale: float) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {}
    async with own_engines("postgres", "seaweedfs") as old, own_engines("seaweedfs") as new:
        here, there = _address(old), _address(new)
        count = _fill(here, scale)
        for _ in range(rounds):
            for name in ("DirectFanz", "rclone", "s5cmd (through a disk)"):
                with tempfile.TemporaryDirectory() as folder:
                    command = _command(name, here, there, Path(folder))
                    if command is None:
                        continue
                    _empty(there, old)
                    pids = [old.pid("seaweedfs"), new.pid("seaweedfs"), old.pid("postgres")]
                    found.setdefault(name, []).append(measured(command, pids, _env(old, here)))
                    _require_all(there, count)
    return found


def _command(name: str, here: Address, there: Address, folder: Path) -> list[str] | None:
    if name == "rclone" and shutil.which("rclone"):
        (folder / "conf").write_text(_rclone("A", here) + _rclone("B", there))
        words = "--transfers 16 --checkers 16 --s3-upload-concurrency 4 --s3-chunk-size 16M --s3-no-check-bucket --fast-list"
        return ["rclone", "--config", str(folder / "conf"), "copy", f"A:{BUCKET}", f"B:{BUCKET}", *words.split()]
    if name.startswith("s5cmd") and (program := _s5cmd()):
        down = f"{program} --numworkers 16 --endpoint-url {here.endpoint} cp 's3://{BUCKET}/*' {folder}/ > /dev/null"
        up = f"{program} --numworkers 16 --endpoint-url {there.endpoint} cp {folder}/ s3://{BUCKET}/ > /dev/null"
        return [
            "sh",
            "-ec",
            f"{down} && AWS_ACCESS_KEY_ID={there.access_key} AWS_SECRET_ACCESS_KEY={there.secret_key} {up}",
        ]
    if name == "DirectFanz":
        for file, address in (("from", here), ("to", there)):
            (folder / file).write_bytes(msgspec.json.encode(address))
        ours = str(Path(sys.executable).with_name("directfanz"))
        return [ours, "migrate", "objects", "copy", "--from", str(folder / "from"), "--to", str(folder / "to")]
    return None


def _s5cmd() -> str | None:
    return shutil.which("s5cmd") or os.environ.get("S5CMD")


def _rclone(name: str, address: Address) -> str:
    return (
        f"[{name}]\ntype = s3\nprovider = Other\naccess_key_id = {address.access_key}\nsecret_access_key = {address.secret_key}\n"
        f"endpoint = {address.endpoint}\n"
    )


def _env(engines: OwnEngines, here: Address) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/tmp"),
        "MIGRATE_TARGET": engines.set.postgres.url(),
        "AWS_ACCESS_KEY_ID": here.access_key or "",
        "AWS_SECRET_ACCESS_KEY": here.secret_key or "",
        "AWS_REGION": "us-east-1",
    }


def _address(engines: OwnEngines) -> Address:
    one = engines.set.seaweedfs
    identity = one.identities["app"]
    return Address(BUCKET, one.endpoint, identity.access_key, identity.secret_key)


def _client(address: Address):  # type: ignore[no-untyped-def]
    from botocore.config import Config

    return boto3.client(
        "s3", endpoint_url=address.endpoint, aws_access_key_id=address.access_key, aws_secret_access_key=address.secret_key,
        region_name="us-east-1", config=Config(max_pool_connections=16, s3={"addressing_style": "path"}),
    )  # fmt: skip


def _fill(address: Address, scale: float) -> int:
    client, chance = _client(address), random.Random(7)
    blob = chance.randbytes(8 << 20)
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=BUCKET)

    def put(key: str, size: int) -> None:
        body = key.encode().ljust(64) + (blob * (1 + size // len(blob)))[: size - 64]
        client.put_object(Bucket=BUCKET, Key=key, Body=body)

    todo = [(f"thumb/{n % 97:02}/{n:06}.jpg", 8192 + n * 7919 % 57_344) for n in range(int(SMALL * scale))]
    todo += [(f"video/{n:04}.ts", (5 << 20) + n) for n in range(int(MIDDLE * scale))]
    todo += [(f"master/{n}.mp4", int(GREAT_BYTES * scale)) for n in range(GREAT)]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda one: put(*one), todo))
    return len(todo)


def _empty(address: Address, engines: OwnEngines) -> None:
    client = _client(address)
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=BUCKET)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        if keys := [{"Key": one["Key"]} for one in page.get("Contents", ())]:
            client.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})
    with psycopg.connect(engines.set.postgres.url(), autocommit=True) as admin:
        admin.execute("DROP SCHEMA IF EXISTS dfz_migration CASCADE")


def _require_all(address: Address, count: int) -> None:
    pages = _client(address).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    found = sum(len(page.get("Contents", ())) for page in pages)
    if found != count:
        raise RuntimeError(f"{found} objects of {count} arrived.")

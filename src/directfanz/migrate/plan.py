"""What is to be moved and how: made once, by looking, and kept with a hash so that nobody changes it on the way."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from directfanz.migrate.side import quoted

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30


class Options(msgspec.Struct, frozen=True, kw_only=True):
    jobs: int = 4
    part_bytes: int = 64 * MEGABYTE
    follow: bool = True  # copy under a slot's snapshot, so that changes can follow
    reverse: bool = True  # carry the target's writes back from the cutover on: the way back
    owners: bool = True  # owners and privileges move too
    make_roles: bool = False  # those that are missing in the target
    ddl: Literal["block", "record"] = "block"
    bytes_per_second: int = 0  # 0: as fast as it goes
    lag_bytes: int = 0  # pause while a standby of the source is further behind than this; 0: never
    hours: str = ""  # "22-6": copy only then, by the source's clock in UTC
    busy_sessions: int = 0  # pause while the source has more active sessions than this; 0: never
    slot_bytes: int = 10 * GIGABYTE  # what the source may keep for us before we let go
    lag_ms: int = 250
    fence_ms: int = 3000  # how long the fence may last before writers are let go again
    fence_tries: int = 80
    canary_ms: int = 2000
    verified_hours: int = 24
    long_transaction_seconds: int = 10
    accept: tuple[str, ...] = ()  # warnings of preflight that somebody has signed
    engine: Literal["own", "dms"] = "own"
    dms_task: str = ""  # the ARN of a replication task
    source_as_seen_by_target: str = ""  # host:port, where the servers know each other by other names
    target_as_seen_by_source: str = ""


class TablePlan(msgspec.Struct, frozen=True):
    schema: str
    name: str
    oid: int
    bytes: int
    rows: int  # as the source estimates it
    has_key: bool
    logged: bool

    @property
    def quoted(self) -> str:
        return quoted(self.schema, self.name)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    source: str  # host:port/database, without a word about who
    target: str
    source_system: str  # the cluster's own identity
    target_system: str
    source_version: int
    target_version: int
    tables: tuple[TablePlan, ...]
    sequences: int
    large_objects: int
    options: Options

    @property
    def bytes(self) -> int:
        return sum(table.bytes for table in self.tables)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def hash(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

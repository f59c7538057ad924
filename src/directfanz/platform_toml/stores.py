"""What the platform stands on: data, cache, objects, mail, queues."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from directfanz.platform_toml.kinds import Count, Percent, Port, Prefix, Seconds

Instance = Annotated[str, Meta(pattern=r"\Adb\.[a-z0-9]+\.[a-z0-9]+\Z", description="a name such as db.m7g.large")]
NodeType = Annotated[
    str, Meta(pattern=r"\Acache\.[a-z0-9]+\.[a-z0-9]+\Z", description="a name such as cache.m7g.large")
]
DatabaseName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,40}\Z", description="lower-case letters, digits and _")]
Days = Annotated[int, Meta(ge=1, le=36_500)]


class Database(Struct, frozen=True, kw_only=True):
    """PostgreSQL: the truth."""

    version: Annotated[int, Meta(ge=15, le=99, description="Major version.")]
    port: Annotated[Port, Meta(description="Here.")]
    name: Annotated[DatabaseName, Meta(description="Name of the database.")]
    pool_min: Annotated[int, Meta(ge=0, le=1000, description="Connections a process always holds.")]
    pool_max: Annotated[Count, Meta(description="Connections a process may hold.")]
    acquire_timeout_seconds: Annotated[int, Meta(ge=1, le=60, description="Waiting for a connection, then 503.")]
    statement_timeout_seconds: Annotated[int, Meta(ge=1, le=3600, description="A query is cut after it.")]
    idle_transaction_timeout_seconds: Annotated[int, Meta(ge=1, le=3600, description="So is an idle transaction.")]
    instance: Annotated[Instance, Meta(description="On AWS.")]
    storage_gib: Annotated[int, Meta(ge=20, le=65_536, description="To begin with.")]
    storage_max_gib: Annotated[int, Meta(ge=20, le=65_536, description="It grows by itself up to this.")]
    multi_az: Annotated[bool, Meta(description="A standby in another zone.")]
    replicas: Annotated[int, Meta(ge=0, le=15, description="Copies that answer reads.")]
    replica_lag_max_seconds: Annotated[
        int, Meta(ge=1, le=3600, description="Further behind, for three minutes, and operators are warned.")
    ]
    backup_retention_days: Annotated[int, Meta(ge=0, le=35, description="Daily backups are kept so long.")]
    extensions: Annotated[tuple[DatabaseName, ...], Meta(description="Made by the first migration.")] = ()


class Cache(Struct, frozen=True, kw_only=True):
    """Valkey: sessions, counters, pub/sub, and what can be rebuilt."""

    version: Annotated[int, Meta(ge=7, le=99, description="Major version.")]
    port: Annotated[Port, Meta(description="Here.")]
    shards: Annotated[int, Meta(ge=1, le=90, description="Parts of the key space, on AWS.")]
    replicas_per_shard: Annotated[int, Meta(ge=0, le=5, description="Copies of each, on AWS.")]
    node_type: Annotated[NodeType, Meta(description="On AWS.")]
    timeout_seconds: Annotated[float, Meta(gt=0, le=60, description="A command is given up after it.")]
    session_days: Annotated[int, Meta(ge=1, le=365, description="A sign-in lasts so long without a visit.")]
    scale_on_memory_percent: Annotated[Percent, Meta(description="Memory use that adds a shard.")]


class Storage(Struct, frozen=True, kw_only=True):
    """The object store."""

    port: Annotated[Port, Meta(description="Of its S3 endpoint, here.")]


class Mail(Struct, frozen=True, kw_only=True):
    """The mail catcher of one machine."""

    smtp_port: Annotated[Port, Meta(description="Where processes hand over mail.")]
    inbox_port: Annotated[Port, Meta(description="Its page, shown by the edge.")]


class Charges(Struct, frozen=True, kw_only=True):
    """What the platform takes of what fans pay, and when creators get theirs."""

    fee_basis_points: Annotated[
        int, Meta(ge=0, le=10_000, description="Of each order; a creator may have another one.")
    ]
    fees_on: Annotated[
        Literal["creator", "platform"], Meta(description="Who carries the billing provider's own fee of each payment.")
    ]
    tax: Annotated[
        Literal["none", "provider"], Meta(description="Nobody adds tax, or the billing provider works it out.")
    ]
    payout_least_units: Annotated[
        int, Meta(ge=1, le=10_000, description="A creator is paid from so many euros, dollars, ... on; less waits.")
    ]


class Media(Struct, frozen=True, kw_only=True):
    """Files of creators: how they arrive, and how long a way to them stays open."""

    part_mib: Annotated[
        int, Meta(ge=5, le=512, description="Files arrive in parts of this size; very large ones in larger.")
    ]
    open_days: Annotated[Days, Meta(description="An upload that nobody goes on with is given up after them.")]
    address_seconds: Annotated[int, Meta(ge=60, le=86_400, description="An address to send one part to works so long.")]
    grant_seconds: Annotated[
        int, Meta(ge=10, le=60, description="A link to a file works so long; who still may see it gets the next one.")
    ]
    removed_days: Annotated[Days, Meta(description="A removed file can be fetched back so long.")]


class MediaPlan(Struct, frozen=True, kw_only=True):
    """What a page may keep; `standard` is what it begins with."""

    file_gib: Annotated[int, Meta(ge=1, le=5000, description="Its largest file.")]
    storage_gib: Annotated[int, Meta(ge=1, le=10_000_000, description="All its files together.")]
    files: Annotated[int, Meta(ge=1, le=10_000_000, description="So many of them.")]
    open_uploads: Annotated[int, Meta(ge=1, le=10_000, description="So many on their way at once.")]


class Simulators(Struct, frozen=True, kw_only=True):
    """Servers that stand for the outside world on one machine."""

    oidc_port: Annotated[Port, Meta(description="A provider to sign in with.")]
    stripe_port: Annotated[Port, Meta(description="A Stripe to be paid through.")]


class LifecycleRule(Struct, frozen=True, kw_only=True):
    """What becomes of an object with age."""

    after_days: Annotated[Days, Meta(description="Since it was written, or replaced.")]
    to: Annotated[
        Literal["infrequent", "tiered", "archive", "deleted"],
        Meta(description="Cheaper to keep; as cheap as it is read seldom; cheapest and yet read at once; gone."),
    ]
    prefix: Annotated[Prefix, Meta(description="Only keys under it.")] = ""
    noncurrent: Annotated[bool, Meta(description="Only versions that were replaced or deleted.")] = False


class Bucket(Struct, frozen=True, kw_only=True):
    """A place for objects."""

    versioned: Annotated[bool, Meta(description="Old versions are kept.")]
    replicated: Annotated[bool, Meta(description="Copied to another region.")]
    public: Annotated[bool, Meta(description="Anyone may read it through the edge.")]
    presigned: Annotated[bool, Meta(description="Browsers read and write single objects with presigned addresses.")] = (
        False
    )
    lifecycle: Annotated[tuple[LifecycleRule, ...], Meta(description="In order of age.")] = ()


class Queue(Struct, frozen=True, kw_only=True):
    """Work for the worker."""

    concurrency: Annotated[int, Meta(ge=1, le=256, description="Jobs at once, per worker process.")]
    alarm_after_waiting_seconds: Annotated[Seconds, Meta(description="A job that waits longer raises an alarm.")]

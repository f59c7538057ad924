"""Where the edge finds what it stands before, and where it listens itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAddresses:
    """All are `host:port`. A service that runs nowhere just now answers 503 until it is named here."""

    listen: str
    hop: str  # a second port of the edge's own, on loopback; nobody else has any use for it
    services: Mapping[str, Sequence[str]]  # of every task
    storage: str | None = None  # the S3 endpoint
    mail: str | None = None  # the catcher's inbox page
    folders: Mapping[str, Path] = field(default_factory=dict)  # buckets that are a folder here, such as frontend/dist


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageKey:
    """The edge's own key to the store. It needs no more than `edge.readable_buckets` says."""

    access_key: str
    secret_key: str
    region: str = "us-east-1"

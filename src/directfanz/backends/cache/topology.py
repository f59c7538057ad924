"""Who holds which key in a cluster. No I/O."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Sequence
from typing import Any, NamedTuple

from directfanz.backends.cache.contract import Key
from directfanz.backends.cache.faults import Address

SLOTS = 16_384


def slot_of(key: Key) -> int:
    """Only what stands between the first `{` and the next `}` counts, if it is there and not empty."""
    raw = key.encode() if isinstance(key, str) else key
    start = raw.find(b"{")
    if start >= 0:
        end = raw.find(b"}", start + 1)
        if end > start + 1:
            raw = raw[start + 1 : end]
    return crc_hqx(raw, 0) % SLOTS


class Shard(NamedTuple):
    first: int
    last: int
    primary: Address
    replicas: tuple[Address, ...]


def read_slots(reply: Any, asked: Address) -> list[Shard]:
    """The answer of CLUSTER SLOTS. A node without a host is the one that was asked. ValueError when it is not one."""
    try:
        return [_shard(int(first), int(last), nodes, asked) for first, last, *nodes in reply]
    except (TypeError, IndexError, AttributeError, ValueError) as error:
        raise ValueError(f"not a map of slots: {error}") from None


def _shard(first: int, last: int, nodes: Sequence[Any], asked: Address) -> Shard:
    if not 0 <= first <= last < SLOTS:
        raise ValueError(f"slots {first} to {last}")
    return Shard(first, last, _address(nodes[0], asked), tuple(_address(node, asked) for node in nodes[1:]))


def _address(node: Sequence[Any], asked: Address) -> Address:
    host = node[0].decode() if node[0] else ""
    return Address(host if host not in ("", "?") else asked.host, int(node[1]))

"""Route 53 as far as a plan's records reach: failover by health, one of several, time to live. It answers over UDP as the authority.

What is Route 53's own is modelled from its documentation: an alias to a load balancer lives 60 s, is healthy while the balancer has a
healthy target, and when nothing is healthy the primary is answered. What we decide comes from the plan: which records there are, how
often targets are looked at, and how many looks it takes.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import msgspec

ALIAS_SECONDS = 60
MOST_ANSWERS = 8  # of one multi-value answer
HOST = "127.0.0.1"


class Watch(msgspec.Struct, frozen=True):
    """How a load balancer looks at its targets."""

    every_seconds: int
    looks_to_leave: int
    looks_to_return: int


class Endpoint:
    """What one address leads to, seen through the looks at it."""

    def __init__(self, address: str, alive: Callable[[], bool], watch: Watch) -> None:
        self.address = address
        self._alive, self._watch = alive, watch
        self._in_a_row = 0
        self.healthy = True

    def look(self) -> None:
        if self._alive() == self.healthy:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        needed = self._watch.looks_to_leave if self.healthy else self._watch.looks_to_return
        if self._in_a_row >= needed:
            self.healthy, self._in_a_row = not self.healthy, 0


class Name(msgspec.Struct, frozen=True):
    """Its endpoints, best first for failover."""

    routing: str  # FAILOVER or MULTIVALUE
    seconds: int
    endpoints: tuple[Endpoint, ...]

    def answers(self, chance: random.Random) -> Sequence[str]:
        healthy = [one for one in self.endpoints if one.healthy] or list(self.endpoints)
        if self.routing == "FAILOVER":
            return [healthy[0].address]
        return [one.address for one in chance.sample(healthy, min(MOST_ANSWERS, len(healthy)))]


@contextmanager
def authority(names: dict[str, Name], seed: int = 1) -> Iterator[Callable[[str], tuple[list[str], int]]]:
    """Asked like any name server: `ask("origin.directfanz.io")` gives addresses and their time to live."""
    chance = random.Random(seed)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((HOST, 0))
        thread = threading.Thread(target=_serve, args=(door, names, chance), daemon=True)
        thread.start()
        place = door.getsockname()
        yield lambda name: _ask(place, name)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", place)
        thread.join(5)


def _serve(door: socket.socket, names: dict[str, Name], chance: random.Random) -> None:
    while True:
        asked, place = door.recvfrom(1024)
        if not asked:
            return
        question = dns.message.from_wire(asked)
        told = dns.message.make_response(question)
        told.flags |= dns.flags.AA
        host = question.question[0].name
        found = names.get(host.to_text(omit_final_dot=True))
        if found:
            told.answer.append(dns.rrset.from_text_list(host, found.seconds, "IN", "A", found.answers(chance)))
        door.sendto(told.to_wire(), place)


def _ask(place: tuple[str, int], name: str) -> tuple[list[str], int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(dns.message.make_query(name, dns.rdatatype.A).to_wire(), place)
        told = dns.message.from_wire(client.recv(1024))
    assert told.flags & dns.flags.AA
    return [record.address for rrset in told.answer for record in rrset], max(rrset.ttl for rrset in told.answer)

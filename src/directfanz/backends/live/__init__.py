from __future__ import annotations

from typing import TYPE_CHECKING

from directfanz.errors import ConfigurationError, Rejected

if TYPE_CHECKING:
    from directfanz.backends.cache.contract import Cache
    from directfanz.backends.clock.contract import Clock
    from directfanz.backends.live.contract import LiveBackend
    from directfanz.backends.secrets.contract import SecretStore
    from directfanz.platform_toml import Platform
    from directfanz.settings import Settings


class Lives:
    """Those that platform.toml and this environment offer, each opened when it is first asked for."""

    def __init__(
        self, settings: Settings, platform: Platform, clock: Clock, cache: Cache, secrets: SecretStore
    ) -> None:
        self._settings, self._platform, self._clock = settings, platform, clock
        self._cache, self._secrets = cache, secrets
        self._open: dict[str, LiveBackend] = {}

    @property
    def usual(self) -> str:
        return self._settings.live_backend or self._platform.live.backend

    @property
    def offered(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.usual, self._platform.live.backend, *self._platform.live.offered)))

    def of(self, name: str) -> LiveBackend:
        """Also of one that is not offered any more: streams that have it go on with it."""
        if name not in self._open:
            self._open[name] = self._make(name)
        return self._open[name]

    async def close(self) -> None:
        for backend in self._open.values():
            await backend.close()

    def _make(self, name: str) -> LiveBackend:
        if name in ("local", "hybrid"):
            from directfanz.backends.live.own.adapter import OwnNodes

            return OwnNodes(name, self._settings, self._platform, self._clock, self._cache)
        if name == "medialive":
            from directfanz.backends.live.medialive.adapter import MediaLive

            self._require("live_medialive_role", "live_medialive_security_group")
            return MediaLive(self._settings, self._platform, self._clock)
        if name == "ivs":
            from directfanz.backends.live.ivs.adapter import Ivs

            return Ivs(self._settings, self._platform, self._clock, self._secrets)
        raise Rejected(f"There is no live backend {name}.")

    def _require(self, *names: str) -> None:
        missing = [name for name in names if not getattr(self._settings, name)]
        if missing:
            raise ConfigurationError(f"DIRECTFANZ_{missing[0].upper()} is missing: MediaLive cannot be asked without.")

"""Makes the cache that the settings name."""

from __future__ import annotations

import ssl

from directfanz.backends.cache.cluster import ValkeyCluster
from directfanz.backends.cache.connection import Options
from directfanz.backends.cache.contract import Cache
from directfanz.backends.cache.faults import Address
from directfanz.backends.cache.valkey import ValkeyCache
from directfanz.backends.clock.contract import Clock
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import ConfigurationError
from directfanz.platform_toml import Platform
from directfanz.settings import Settings


def connect(settings: Settings, platform: Platform, clock: Clock, telemetry: Telemetry) -> Cache:
    """Not open yet: `start` opens it. The clock is not used: what is waited for is a socket, in the socket's time."""
    seconds = telemetry.histogram("cache_command_seconds")
    options = Options(
        timeout_seconds=platform.cache.timeout_seconds,
        password=settings.cache_password,
        database=settings.cache_database,
        tls=ssl.create_default_context() if settings.cache_tls else None,
        sample=seconds.record,
    )
    errors = telemetry.counter("cache_errors_total")
    addresses = [address(node) for node in settings.cache_nodes]
    if settings.cache_cluster:
        if settings.cache_database:
            raise ConfigurationError("DIRECTFANZ_CACHE_DATABASE must be 0: a cache cluster has no other.")
        return ValkeyCluster(addresses, options, errors)
    if len(addresses) > 1:
        raise ConfigurationError(
            "DIRECTFANZ_CACHE_NODES names several nodes; set DIRECTFANZ_CACHE_CLUSTER=true or name one."
        )
    return ValkeyCache(addresses[0], options, errors)


def address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ConfigurationError(f"DIRECTFANZ_CACHE_NODES: {text!r} does not look like host:port.")
    return Address(host.strip("[]"), int(port))

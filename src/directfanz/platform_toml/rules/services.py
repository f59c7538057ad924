"""Names, services and ports."""

from __future__ import annotations

from collections.abc import Iterator

from directfanz.platform_toml.lines import Path
from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.problems import Problem, dotted
from directfanz.platform_toml.serving import Service

# Memory in MiB that Fargate gives with each processor size: from, to, in steps of.
FARGATE = {
    256: (512, 2048, 512),
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16_384, 1024),
    4096: (8192, 30_720, 1024),
    8192: (16_384, 61_440, 4096),
    16_384: (32_768, 122_880, 8192),
}

# SeaweedFS on one machine: its S3 endpoint and what it says to itself.
STORAGE_PORTS = 10


def subdomains(platform: Platform) -> Iterator[Problem]:
    domains = platform.domains
    taken = {domains.root: "root"}
    for key in ("api", "realtime", "streaming"):
        name: str = getattr(domains, key)
        if name in taken:
            yield Problem(
                ("domains", key), f"{name} is the {taken[name]} domain already", "give each a name of its own"
            )
        elif not name.endswith("." + domains.root):
            yield Problem(
                ("domains", key), f"{name} is not under {domains.root}", f"use a name like {key}.{domains.root}"
            )
        taken[name] = key


def tasks(platform: Platform) -> Iterator[Problem]:
    for name, service in platform.services.items():
        at: Path = ("services", name)
        if service.tasks_min > service.tasks_max:
            reason = f"{service.tasks_min} is more than tasks_max, {service.tasks_max}"
            yield Problem((*at, "tasks_min"), reason, "lower it or raise tasks_max")
        if service.health_path == service.ready_path:
            reason = "is the health path too, so a task that only waits for an engine would be killed"
            yield Problem((*at, "ready_path"), reason, "use two paths, such as /health and /ready")


def fargate_sizes(platform: Platform) -> Iterator[Problem]:
    for name, service in platform.services.items():
        if service.cpu_units not in FARGATE:
            sizes = ", ".join(map(str, FARGATE))
            reason = f"Fargate has no tasks of {service.cpu_units} units"
            yield Problem(("services", name, "cpu_units"), reason, f"use one of {sizes}")
        elif not _fits(service):
            low, high, step = FARGATE[service.cpu_units]
            reason = f"Fargate does not pair {service.memory_mib} MiB with {service.cpu_units} units"
            yield Problem(("services", name, "memory_mib"), reason, f"use {low} to {high} in steps of {step}")


def _fits(service: Service) -> bool:
    low, high, step = FARGATE[service.cpu_units]
    return low <= service.memory_mib <= high and (service.memory_mib - low) % step == 0


def ports(platform: Platform) -> Iterator[Problem]:
    """A service with several local tasks takes as many ports from its own on; so does the store."""
    taken: dict[int, Path] = {}
    for path, first, count in _port_ranges(platform):
        if first + count - 1 > 65_535:
            yield Problem(path, "the last of its ports would be over 65535", "choose a lower port")
            continue
        clash = next((port for port in range(first, first + count) if port in taken), None)
        if clash is not None:
            yield Problem(path, f"port {clash} belongs to {dotted(taken[clash])}", "choose a free one")
        for port in range(first, first + count):
            taken.setdefault(port, path)


def _port_ranges(platform: Platform) -> Iterator[tuple[Path, int, int]]:
    for name, service in platform.services.items():
        yield ("services", name, "port"), service.port, max(1, service.tasks_local)
    yield ("database", "port"), platform.database.port, 1
    yield ("cache", "port"), platform.cache.port, 1
    yield ("storage", "port"), platform.storage.port, STORAGE_PORTS
    yield ("ingest", "rtmp_port"), platform.ingest.rtmp_port, 1
    yield ("ingest", "rtmps_port"), platform.ingest.rtmps_port, 1
    yield ("edge", "port"), platform.edge.port, 1
    yield ("mail", "smtp_port"), platform.mail.smtp_port, 1
    yield ("mail", "inbox_port"), platform.mail.inbox_port, 1
    yield ("simulators", "oidc_port"), platform.simulators.oidc_port, 1
    yield ("simulators", "stripe_port"), platform.simulators.stripe_port, 1


RULES = (subdomains, tasks, fargate_sizes, ports)

"""What platform.toml and pipeline.toml say, as variables of Terraform. A test fails when the written file says anything else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from directfanz.backends.storage.buckets import STORAGE_CLASSES, UNFINISHED_UPLOADS_DAYS
from directfanz.operate.aws.permissions import ADAPTERS, OPENED
from directfanz.operate.aws.pipeline import Stage, read_stages
from directfanz.operate.scaling import STEPS
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

FILE = Path("stacks/platform/platform.auto.tfvars.json")
# Of one machine alone: AWS has its own ports, its mail service and no simulators.
LOCAL = {
    "services": {"tasks_local", "ready_path"},
    "database": {"port", "version", "pool_min", "acquire_timeout_seconds", "extensions"},
    "cache": {"port", "version", "timeout_seconds", "session_days"},
    "limits": {"burst_per_address", "connections_per_address", "header_kib", "body_limit_mib"},
    "routes": {"local", "body_limit_mib"},
    "cache_policies": {"stale_seconds"},
}


def variables(platform: Platform, stages: Sequence[Stage]) -> dict[str, Any]:
    return {"platform": _platform(platform), "pipeline": [msgspec.to_builtins(stage) for stage in stages]}


def text(platform: Platform, infra: Path) -> str:
    return json.dumps(variables(platform, read_stages(infra / "pipeline.toml")), indent=2, sort_keys=True) + "\n"


def _platform(platform: Platform) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(platform)
    trace_ratio = next(f.default for f in msgspec.structs.fields(Settings) if f.name == "trace_ratio")
    return {
        "name": platform.name,
        "domains": told["domains"],
        "services": {name: _without(told["services"][name], "services") for name in platform.services},
        "adapters": {name: list(OPENED[name]) for name in platform.services},
        "permissions": {
            name: [statement._asdict() for statement in statements] for name, statements in ADAPTERS.items()
        },
        "routes": {
            path: _without(told["routes"][path], "routes")
            for path, route in platform.routes.items()
            if route.local is None
        },
        "hidden_paths": hidden_paths(platform),
        "cache_policies": {
            name: _without(told["cache_policies"][name], "cache_policies") for name in platform.cache_policies
        },
        "limits": _without(told["limits"], "limits"),
        "keepalive_seconds": platform.edge.keepalive_seconds,
        "trace_ratio": trace_ratio,
        "database": {**_without(told["database"], "database"), "engine_version": str(platform.database.version)},
        "cache": {**_without(told["cache"], "cache"), "engine_version": f"{platform.cache.version}.0"},
        "buckets": told["buckets"],
        "storage_classes": dict(STORAGE_CLASSES),
        "unfinished_uploads_days": UNFINISHED_UPLOADS_DAYS,
        "logs": told["logs"],
        "metrics": told["metrics"],
        "alarms": told["alarms"],
        "budgets": told["budgets"],
        "ingest": _ingest(told),
        "transcode_cpu_percent": platform.ingest.transcode_cpu_percent,
        "scaling_steps": [step._asdict() for step in STEPS],
    }


def _ingest(told: Mapping[str, Any]) -> dict[str, int | None] | None:
    """Ports that cameras come to, where platform.toml has any."""
    ports = told.get("ingest")
    if not ports:
        return None
    srt = ports["srt_port"] if ports.get("srt_publishers") else None  # nobody listens there without
    return {"rtmp_port": ports["rtmp_port"], "rtmps_port": ports.get("rtmps_port"), "srt_port": srt}


def hidden_paths(platform: Platform) -> list[str]:
    """For those who reach the tasks directly, as at the edge of one machine."""
    ready = {service.ready_path for service in platform.services.values()}
    return sorted((ready | {"/metrics"}) - platform.routes.keys())


def _without(told: Mapping[str, Any], section: str) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in LOCAL[section]}

"""The typed reader of `platform.toml`, the one description of the platform."""

from __future__ import annotations

from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.read import load_platform, read_platform
from directfanz.platform_toml.serving import CachePolicy, Domains, Edge, Ingest, Limits, Live, Route, Service
from directfanz.platform_toml.stores import (
    Bucket,
    Cache,
    Database,
    LifecycleRule,
    Mail,
    Media,
    MediaPlan,
    Queue,
    Simulators,
    Storage,
)
from directfanz.platform_toml.telling import Alarm, Budgets, Logs, Metric, Slo

__all__ = [
    "Alarm",
    "Bucket",
    "Budgets",
    "Cache",
    "CachePolicy",
    "Database",
    "Domains",
    "Edge",
    "Ingest",
    "LifecycleRule",
    "Limits",
    "Live",
    "Logs",
    "Mail",
    "Media",
    "MediaPlan",
    "Metric",
    "Platform",
    "Queue",
    "Route",
    "Service",
    "Simulators",
    "Slo",
    "Storage",
    "load_platform",
    "read_platform",
]

"""The platform as platform.toml describes it: every attribute is named after its key."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from directfanz.platform_toml.kinds import BucketName, MetricName, Name, RoutePath
from directfanz.platform_toml.media import Processing
from directfanz.platform_toml.serving import CachePolicy, Domains, Edge, Ingest, Limits, Live, Route, Service
from directfanz.platform_toml.stores import (
    Bucket,
    Cache,
    Charges,
    Database,
    Mail,
    Media,
    MediaPlan,
    Queue,
    Simulators,
    Storage,
)
from directfanz.platform_toml.telling import Alarm, Budgets, Logs, Metric, Slo


class Platform(Struct, frozen=True, kw_only=True):
    name: Annotated[Name, Meta(description="Put before the names of what is made on AWS.")]
    domains: Domains
    services: Annotated[dict[Name, Service], Meta(min_length=1)]
    routes: Annotated[dict[RoutePath, Route], Meta(min_length=1)]
    cache_policies: Annotated[dict[Name, CachePolicy], Meta(min_length=1)]
    limits: Limits
    ingest: Ingest
    live: Live
    database: Database
    cache: Cache
    storage: Storage
    edge: Edge
    mail: Mail
    charges: Charges
    media: Media
    media_plans: Annotated[dict[Name, MediaPlan], Meta(min_length=1)]
    processing: Processing
    simulators: Simulators
    buckets: Annotated[dict[BucketName, Bucket], Meta(min_length=1)]
    queues: Annotated[dict[Name, Queue], Meta(min_length=1)]
    logs: Logs
    metrics: dict[MetricName, Metric]
    alarms: dict[Name, Alarm]
    slos: dict[Name, Slo]
    budgets: Budgets

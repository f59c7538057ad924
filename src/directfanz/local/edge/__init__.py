"""The edge of one machine: nginx, configured from platform.toml, doing what CloudFront and the load balancer do on AWS."""

from __future__ import annotations

from directfanz.local.edge.addresses import EdgeAddresses, StorageKey
from directfanz.local.edge.config import INSIDE, configuration_of
from directfanz.local.edge.routes import readable_buckets, route_of
from directfanz.local.edge.write import write_edge

__all__ = [
    "INSIDE",
    "EdgeAddresses",
    "StorageKey",
    "configuration_of",
    "readable_buckets",
    "route_of",
    "write_edge",
]

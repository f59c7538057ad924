"""What a request's path leads to."""

from __future__ import annotations

from collections.abc import Mapping

from directfanz.platform_toml import CachePolicy, Platform, Route


def route_of(routes: Mapping[str, Route], path: str) -> str:
    """The longest route that covers the path: `/ws` covers `/ws` and `/ws/x`, not `/wsx`; `/api/` covers what is under it."""
    covering = [route for route in routes if covers(route, path)]
    return max(covering, key=lambda route: len(route.rstrip("/")))


def covers(route: str, path: str) -> bool:
    return path == route or path.startswith(route if route.endswith("/") else route + "/")


def locations_of(route: str) -> tuple[str, ...]:
    """nginx's locations for a route."""
    return (route,) if route.endswith("/") else (f"= {route}", f"{route}/")


def bare_paths(routes: Mapping[str, Route]) -> dict[str, str]:
    """`/api` for `/api/`: not covered by it, but nginx would redirect there; so each is told which route covers it."""
    bare = {route.rstrip("/") for route in routes if route.endswith("/") and route != "/"}
    return {path: route_of(routes, path) for path in sorted(bare) if path not in routes}


def is_kept(policy: CachePolicy) -> bool:
    return policy.max_seconds > 0


def hidden_paths(platform: Platform) -> list[str]:
    """For the load balancer and for Prometheus, who reach the tasks directly."""
    ready = {service.ready_path for service in platform.services.values()}
    return sorted((ready | {"/metrics"}) - platform.routes.keys())


def readable_buckets(platform: Platform) -> list[str]:
    """Buckets that the edge reads with its own key."""
    return sorted({route.bucket for route in platform.routes.values() if route.bucket is not None})

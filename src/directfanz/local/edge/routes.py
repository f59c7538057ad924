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


def hosts_of(platform: Platform) -> dict[str, tuple[str, ...]]:
    """Names that lead to one service: the platform's own, and the same under localhost, which browsers find by themselves."""
    return {
        service: (domain, f"{domain.partition('.')[0]}.localhost")
        for service in ("realtime", "streaming")
        if service in platform.services and (domain := getattr(platform.domains, service))
    }


def routes_under(platform: Platform, service: str) -> dict[str, Route]:
    """What the service itself is asked there as everywhere; everything else goes to it too, and is never kept. Buckets stay."""
    theirs = {
        path: route
        for path, route in platform.routes.items()
        if route.bucket is not None or route.service == service or route.local is not None
    }
    websocket = any(route.websocket for route in theirs.values())
    never = next(name for name, policy in platform.cache_policies.items() if not is_kept(policy))
    rest = {} if "/" in theirs else {"/": Route(service=service, cache=never, websocket=websocket)}
    return {**rest, **theirs}
